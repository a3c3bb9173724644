/**
 * What the runtime says to the agent, always in a user turn and always marked, so that neither the agent nor a reader takes it for the
 * person's words. Times and amounts stand here and never in the system prompt, which stays byte-identical for the prompt cache.
 */
import type { Day, Turn } from './session.ts';

export const dollars = (amount: bigint): string => {
  const cents = amount / 10_000n;
  if (amount !== 0n && cents < 10n && cents > -10n) return `$${(Number(amount) / 1e6).toFixed(4)}`;
  return `$${(Number(cents) / 100).toFixed(2)}`;
};

/** Journal entries carry a preview: their size must not depend on what the agent writes. Characters. */
export const PREVIEW = 2_000;

export const preview = (text: string): string =>
  text.length <= PREVIEW
    ? text
    : `${text.slice(0, PREVIEW).toWellFormed()}… [${text.length - PREVIEW} more characters]`;

const clock = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const note = (text: string): Turn => ({ role: 'user', content: [{ type: 'text', text: `[runtime] ${text}` }] });

/** What is left of the allowance, or of the session's share of it, whichever is less, with its part of the whole. */
const left = (day: Day): string => {
  const [whole, spent] = [day.share ?? day, day]
    .map(({ allowance, spent }) => [allowance, spent] as const)
    .sort(([a, b], [c, d]) => Number(a - b - (c - d)))[0]!;
  const rest = whole > spent ? whole - spent : 0n;
  const percent = whole > 0n ? ` (${(rest * 100n) / whole} %)` : '';
  return `${dollars(rest)} of today's ${dollars(whole)}${percent} is left`;
};

/** The wind-down notice (DESIGN 6): what is left, what to do, when it goes on. */
export const windDownNote = (day: Day): Turn =>
  note(
    `Today's allowance does not reach much further: ${left(day)}. Wind down: finish the task at hand and start ` +
      `nothing new. If the goal is reached, call finish. Else call sleep with a hand-off note (what is done, what comes next, where things ` +
      `are): it is the first thing that you will read. Or end your turn with it. You go on with the next day's allowance, at ${clock(day.resetsAt)}.`,
  );

type Slept = { reason: string; since: number; handOff: string | null };

/** The first thing that an agent reads after a rest: how long, why, what it left for itself, and what it has now. */
export const wakeNote = (rested: Slept, at: number, day: Day): Turn => {
  const why =
    rested.reason === 'agent'
      ? 'as you asked'
      : rested.reason === 'exceeded'
        ? 'since the ceiling was passed'
        : "since the day's allowance was used";
  return note(
    `You slept from ${clock(rested.since)} to ${clock(at)}, ${why}. ${left(day)}. ` +
      (rested.handOff === null
        ? 'Everything is as you left it: go on where you stopped.'
        : `Your hand-off note:\n\n${rested.handOff}\n\nEverything is as you left it: go on from there.`),
  );
};

export const goOnNote = (why: 'max_tokens' | 'pause_turn' | 'window'): Turn =>
  note(
    why === 'max_tokens'
      ? 'Your reply was cut off at its length limit; tool calls in it were not run. Go on in smaller steps: write long files in parts.'
      : why === 'window'
        ? 'The context window was full and your reply was cut off. Older tool results are cleared now. Go on in smaller steps.'
        : 'Go on.',
  );

export const nudgeNote = note('Go on with the goal.');

export const morningNote = note("The next day's allowance is here already, so there is no need to sleep: go on.");

/** A person's message that made the prompt too long for the model's window. Characters. */
const LONGEST_SAID = 20_000;
export const cutMessage = (content: string): Turn =>
  content.length <= LONGEST_SAID
    ? { role: 'user', content: [{ type: 'text', text: content }] }
    : note(
        `The person sent a message of ${content.length} characters, too long for the context window. It begins:\n` +
          `${content.slice(0, LONGEST_SAID / 2).toWellFormed()}\n[…]\nIt ends:\n${content.slice(-LONGEST_SAID / 2).toWellFormed()}`,
      );

export const notRun = {
  cut: 'Not run: the reply was cut off at its length limit. Call it again if it is still needed, with less in one call.',
  repeated: 'Not run: the same call was made too often in a row, so the session ended.',
  cancelled: 'Not run: the person cancelled the session.',
} as const;

export const COMPACTION_PROMPT =
  '[runtime] The conversation has become long, so it will be replaced by a summary that you write now. Do not call tools. Write down all ' +
  'that is needed to go on as if nothing had been lost: the goal in full and every wish and answer of the person; what was done and found ' +
  'out, with names, paths, figures and decisions and why they were made; the files in the workspace and what each holds; what failed and ' +
  'should not be tried again; what is being done right now and the next steps in order. Leave out what no longer matters.';

export const summaryTurn = (goal: string, summary: string): Turn => ({
  role: 'user',
  content: [
    {
      type: 'text',
      text: `[runtime] The conversation so far was replaced by this summary, which you wrote.\n\nThe goal, word for word:\n${goal}\n\nSummary:\n${summary}\n\nGo on.`,
    },
  ],
});

/** When not even a summary could be had: the goal, what persons `said` since, and the workspace are what is left. */
export const lostContextTurn = (goal: string, said: string[]): Turn => {
  const words = said.length === 0 ? '' : `\n\nWhat the person said since, oldest first:\n${said.join('\n---\n')}`;
  return note(
    'The conversation no longer fitted the context window and could not be summarised, so it starts afresh; the workspace is as you left ' +
      `it. Look at the files first to see what was done.\n\nThe goal, word for word:\n${goal}${words.slice(-LONGEST_SAID).toWellFormed()}`,
  );
};
