/**
 * The player behind `npm start` without an API key: a pure function of the request that plays an agent at work. It follows a plan step by
 * step, does real work with the tools on offer, and minds the runtime's notes and what users say. It does not think, and says so.
 */
import { type Answer, type AnswerBlock, call, type Player, reply } from '../answer.ts';
import { tokensOf } from '../prompt.ts';
import { smokePlan } from './count.ts';
import { fieldGuide, isSampleGoal } from './guide/plan.ts';
import { type History, readHistory } from './history.ts';
import { anyGoal } from './other.ts';
import { speltOut } from './spelt.ts';
import { type Plan, progress, type Step, write } from './step.ts';

/** Tokens of a reply beside the JSON of its calls. */
const REPLY_OVERHEAD = 100;

const REQUESTS = 'notes/requests.md';

const planOf = (goal: string): Plan => (isSampleGoal(goal) ? fieldGuide(goal) : (smokePlan(goal) ?? anyGoal(goal)));

function handOff({ steps }: Plan, done: number): string {
  const before = steps[done - 1]?.name ?? 'nothing yet';
  const after = steps[done]?.name ?? 'finish';
  return `Steps done: ${done} of ${steps.length}. Last: ${before}. Next: ${after}. All files are in the workspace.`;
}

function summary(history: History, plan: Plan, done: number): Answer {
  const { steps } = plan;
  const requested = history.pending.map((request) => `- The user said: ${request}`);
  const work = steps.slice(0, done).map(({ name }) => `- done: ${name}`);
  return reply(
    [handOff(plan, done), ...work, ...steps.slice(done).map(({ name }) => `- to do: ${name}`), ...requested].join('\n'),
  );
}

const asleep = (plan: Plan, done: number, why: string): Answer =>
  reply(
    `${why} I stop at a good place: ${plan.steps[done]?.name ?? 'the end'} comes next.`,
    call('sleep', { note: handOff(plan, done) }),
  );

/** The stand-in cannot act on free words, so it keeps them where the user and a later reader find them. */
const requestFile = (pending: string[]): AnswerBlock =>
  write(
    REQUESTS,
    `# What the user asked for\n\n${pending.map((request, i) => `${i + 1}. ${request.replaceAll('\n', ' ')}`).join('\n')}\n`,
  );

const greeting = ({ newest, pending, heard }: History, plan: Plan, done: number): string[] => [
  ...(newest.woke ? [`Awake again. ${handOff(plan, done)}`] : []),
  ...(newest.cut ? ['My last reply was cut off, so I do that step again.'] : []),
  ...(heard < pending.length
    ? [`You said: “${pending.slice(heard).join(' ')}” I keep that in ${REQUESTS} and come back to it at the end.`]
    : []),
];

const needs = ({ calls }: Step): number => tokensOf(Buffer.byteLength(JSON.stringify(calls))) + REPLY_OVERHEAD;

function go(history: History, plan: Plan, done: number): Answer {
  const { pending, heard, newest } = history;
  const step = plan.steps[done];
  const hello = greeting(history, plan, done);
  const noted = heard < pending.length ? [requestFile(pending)] : [];
  if (!step && noted.length === 0)
    return reply(...hello, call('finish', { result: withWishes(plan.finish(history), pending) }));
  if (newest.windDown) return asleep(plan, done, [...hello, "Today's allowance is nearly used."].join(' '));
  if (!step) return reply(...hello, ...noted);
  if (needs(step) > history.maxTokens)
    return asleep(plan, done, `${needs(step)} tokens are needed and ${history.maxTokens} are left.`);
  return reply([...hello, step.say].join('\n\n'), ...noted, ...step.calls);
}

const withWishes = (result: string, pending: string[]): string =>
  pending.length === 0
    ? result
    : `${result}\n\nYou also said: ${pending.map((request) => `“${request}”`).join(', ')}. The local stand-in model cannot act on that by itself; it is kept in ${REQUESTS}.`;

/** What the plans for other goals work with. */
const NEEDED = ['bash', 'write_file', 'finish'];

const withoutTools = ({ goal }: History): string =>
  [
    `This is the local stand-in model. It was asked: ${goal.slice(0, 500)}`,
    'Without a shell and file tools it has no more to show. It makes the calls that a goal spells out, one a line: NAME {"field":"value"}.',
    'Set ANTHROPIC_API_KEY and start again to have Claude work with these tools.',
  ].join('\n\n');

export const player: Player = (request) => {
  const read = readHistory(request);
  // What users say goes into a file.
  const history = read.tools.has('write_file') ? read : { ...read, pending: [], heard: 0 };
  const spelt = speltOut(history);
  const plan = spelt ?? planOf(history.goal);
  const done = progress(history, plan);
  if (history.newest.compaction) return summary(history, plan, done);
  if (!spelt && !NEEDED.every((tool) => history.tools.has(tool))) return reply(withoutTools(history));
  return go(history, plan, done);
};
