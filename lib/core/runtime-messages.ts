/**
 * What the runtime says to the agent, always marked, so that neither the agent nor a reader takes it for the person's words. Where the model
 * takes system messages it goes out as one, so that nobody else can say it; so nothing that the agent, a file or a person wrote stands in it.
 * Times and amounts stand here and never in the system prompt, which stays byte-identical for the prompt cache.
 */
import type { Day, Message, ReceivedFiles } from './session.ts';

export function dollars(amount: bigint): string {
  const cents = amount / 10_000n;
  if (amount !== 0n && cents < 10n && cents > -10n) return `$${(Number(amount) / 1e6).toFixed(4)}`;
  return `$${(Number(cents) / 100).toFixed(2)}`;
}

/** Journal entries carry a preview: their size must not depend on what the agent writes. Characters. */
export const PREVIEW = 2_000;

export const preview = (text: string): string =>
  text.length <= PREVIEW
    ? text
    : `${text.slice(0, PREVIEW).toWellFormed()}… [${text.length - PREVIEW} more characters]`;

const clock = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const note = (text: string): Message => ({
  role: 'user',
  content: [{ type: 'text', text: `[runtime] ${text}`, runtime: true }],
});

/** Told by the runtime, but with words of others in it. */
export const quoting = (text: string): Message => ({
  role: 'user',
  content: [{ type: 'text', text: `[runtime] ${text}` }],
});

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const today = (at: number): string => `${WEEKDAYS[new Date(at).getUTCDay()]}, ${clock(at)}`;

/** What is left until the budget renews, if that is known. */
function untilRenewal({ cycle }: Day): string {
  if (!cycle) return '';
  const days = cycle.daysLeft === 1 ? '1 day' : `${cycle.daysLeft} days`;
  return cycle.renews === null
    ? ` ${dollars(cycle.remaining)} is left of the whole budget, which does not renew.`
    : ` ${dollars(cycle.remaining)} is left until the budget renews on ${cycle.renews}, in ${days}.`;
}

/** The first thing that an agent reads besides its goal: what day it is, what it may spend, how long a reply may be. */
export const factsNote = (day: Day, maxOutputTokens: number, at: number): Message =>
  note(
    `It is ${today(at)}. ${left(day)}, which all of the person's sessions share; the next allowance comes at ${clock(day.resetsAt)}.` +
      `${untilRenewal(day)} A reply may have up to ${maxOutputTokens} tokens, thinking included.`,
  );

/** Told once when another part of the day's money is used. */
export const moneyNote = (day: Day): Message => note(`${left(day)}.`);

export const replyLimitNote = (maxTokens: number): Message =>
  note(`This reply may have up to ${maxTokens} tokens, thinking included.`);

/** What is left of the allowance, or of the session's share of it, whichever is less, with its part of the whole. */
function left(day: Day): string {
  const [whole, spent] = [day.share ?? day, day]
    .map(({ allowance, spent }) => [allowance, spent] as const)
    .sort(([a, b], [c, d]) => Number(a - b - (c - d)))[0]!;
  const rest = whole > spent ? whole - spent : 0n;
  const percent = whole > 0n ? ` (${(rest * 100n) / whole} %)` : '';
  return `${dollars(rest)} of today's ${dollars(whole)}${percent} is left`;
}

/** The wind-down notice: what is left, what to do, when it goes on. */
export const windDownNote = (day: Day): Message =>
  note(
    `Today's allowance does not reach much further: ${left(day)}. Wind down: finish the task at hand and start ` +
      `nothing new. If the goal is reached, call finish. Else call sleep with a hand-off note (what is done, what comes next, where things ` +
      `are): it is the first thing that you will read. Or end your turn with it. You go on with the next day's allowance, at ${clock(day.resetsAt)}.`,
  );

type Slept = { reason: string; since: number };
type Woken = { at: number; handOff: boolean; messages: number };

/** The first thing that an agent reads after a rest: how long, why, what it has now, and what else stands beside this note. */
export function wakeNote(rested: Slept, day: Day, { at, handOff, messages }: Woken): Message {
  const why =
    rested.reason === 'agent'
      ? 'as you asked'
      : rested.reason === 'exceeded'
        ? 'since the ceiling was passed'
        : "since the day's allowance was used";
  const wrote =
    messages === 0
      ? ''
      : messages === 1
        ? ' The person wrote a message meanwhile.'
        : ` The person wrote ${messages} messages meanwhile.`;
  return note(
    `You slept from ${clock(rested.since)} to ${clock(at)}, ${why}. It is ${today(at)}. ${left(day)}.${untilRenewal(day)}${wrote} ` +
      (handOff
        ? 'Everything is as you left it, and your hand-off note stands here: go on from there.'
        : 'Everything is as you left it: go on where you stopped.'),
  );
}

export const handOffTurn = (handOff: string): Message => quoting(`Your hand-off note:\n\n${handOff}`);

/** Names of files are their users' words. */
export function filesNote({ files, removed, more }: ReceivedFiles): Message {
  const put = files.map(({ path, bytes }) => `${JSON.stringify(path.slice(1))} (${bytes} bytes)`);
  const gone = removed.map((path) => `${JSON.stringify(path.slice(1))} (removed)`);
  const rest = more === 0 ? '' : `\nAnd ${more} more.`;
  return quoting(
    'The person changed files of the workspace. They are now as the person wants them, also where you wrote the same ones meanwhile:\n' +
      `${preview([...put, ...gone].join('\n'))}${rest}`,
  );
}

export const goOnNote = (why: 'max_tokens' | 'window' | 'pause_turn'): Message =>
  note(
    why === 'max_tokens'
      ? 'Your reply was cut off at its length limit; tool calls in it were not run. Go on in smaller steps: write long files in parts.'
      : why === 'window'
        ? 'The context window was full and your reply was cut off. Older tool results are cleared now. Go on in smaller steps.'
        : 'Go on.',
  );

export const mediaRefusedNote = note(
  'The model was not called: its provider does not take at least one of the images and PDFs that you have read. None of them is shown any more. ' +
    'Read again only what you need, one at a time; what is refused again, do without.',
);

export const nudgeNote = note('Go on with the goal.');

export const finishNote = note(
  'Your turn ended without a result. A program reads the result of this session: call finish with it, in the shape that the tool asks for.',
);

export const newDayNote = note("The next day's allowance is here already, so there is no need to sleep: go on.");

/** A person's message that made the prompt too long for the model's window. Characters. */
const LONGEST_SAID = 20_000;
export const cutMessage = (content: string): Message =>
  content.length <= LONGEST_SAID
    ? { role: 'user', content: [{ type: 'text', text: content }] }
    : quoting(
        `The person sent a message of ${content.length} characters, too long for the context window. It begins:\n` +
          `${content.slice(0, LONGEST_SAID / 2).toWellFormed()}\n[…]\nIt ends:\n${content.slice(-LONGEST_SAID / 2).toWellFormed()}`,
      );

export const REFUSALS = {
  cut: 'Not run: the reply was cut off at its length limit. Call it again if it is still needed, with less in one call.',
  repeated: 'Not run: the same call was made too often in a row, so the session ended.',
  stuck: 'Not run: the session met the same errors too often, so it ended.',
  cancelled: 'Not run: the person cancelled the session.',
} as const;

/** Asked of the agent as the last turn of a context that a summary is to stand for. */
export const compactionPrompt: Message = note(
  'The conversation has become long, so what stands before its newest turns will be replaced by a summary that you write now. Do not call ' +
    'tools. Write down all that is needed to go on as if nothing had been lost, under these headings, each of them even if it is short:\n' +
    '## Goal\nThe goal in full, and every wish and answer of the person.\n' +
    '## Constraints\nWhat must be kept to, and what the person does not want.\n' +
    '## Done\nWhat was done and found out, with names, paths and figures; the files in the workspace and what each holds.\n' +
    '## In progress\nWhat is being done right now, and how far it has come.\n' +
    '## Decisions\nWhat was decided and why; what failed and should not be tried again.\n' +
    '## Next\nThe next steps, in order.\n' +
    '## Must not be forgotten\nAll else that would be missed.\n' +
    'Leave out what no longer matters.',
);

/** Where the agent finds what a summary stands for: files that are there when they are named, and cost nothing until then. */
export const HISTORY_FOLDER = '.history';

/** `cut`: the summary reached its length limit. */
export const summaryTurn = (goal: string, summary: string, cut: boolean): Message =>
  quoting(
    'The conversation before this was replaced by this summary, which you wrote. The turns themselves can still be read, in the files ' +
      `under ${HISTORY_FOLDER}/ (ls ${HISTORY_FOLDER} names them).\n\nThe goal, word for word:\n${goal}\n\nSummary:\n${summary}` +
      `${cut ? `\n\n[The summary was cut off here. What it lacks is in ${HISTORY_FOLDER}/.]` : ''}\n\nGo on.`,
  );

/** When not even a summary could be had: the goal, what persons `said` since, and the workspace are what is left. */
export function lostContextTurn(goal: string, said: string[]): Message {
  const words = said.length === 0 ? '' : `\n\nWhat the person said since, oldest first:\n${said.join('\n---\n')}`;
  return quoting(
    'The conversation no longer fitted the context window and could not be summarised, so it starts afresh; the workspace is as you left ' +
      `it. Look at the files first to see what was done.\n\nThe goal, word for word:\n${goal}${words.slice(-LONGEST_SAID).toWellFormed()}`,
  );
}
