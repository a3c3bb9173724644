/**
 * What the agents of a run do, by their goals: steps parted by `;`, each of which is one reply. `look`, `put`, `fire` (joined by `+`) call
 * tools of the three effect classes; `say` narrates; `nap` sleeps for 14 minutes, `sleep` for two hours; `ask` waits for the user;
 * `long` runs into its output limit. After the last step the agent finishes. Asked for a summary it says how many steps are done, and goes on
 * from there when it is shown one.
 */
import { randomBytes } from 'node:crypto';
import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { type Answer, call, ending, reply } from '../../../lib/local/model/answer.ts';

export const TOOLS = ['look', 'put', 'fire'] as const;

export const goalOf = (steps: string[]): string => `Probe: ${steps.join(';')}.`;

const mint = (): string => `toolu_${randomBytes(9).toString('hex')}`;

/** Longer than any limit of a run: the stream ends where the limit does. */
const LONG = 'On and on it goes. '.repeat(2_000);

const partOf = (name: string, place: string) => {
  if (name === 'nap') return call('sleep', { minutes: 14, note: `At ${place}.` });
  if (name === 'sleep') return call('sleep', { minutes: 120, note: `At ${place}.` });
  if (name === 'ask') return call('ask_user', { question: `What now, at ${place}?` });
  if (name === 'say') return call('narrate', { phase_name: `Phase ${place}`, text: 'It goes on.' });
  const id = mint();
  return call(name, { call: id, place }, { id });
};

/**
 * By the newest reply that names its step, and those after it: beside a summary, which is the first message, stand newest turns that it tells
 * of too. Where none does: those that the summary tells of, and those since.
 */
function stepsDone({ messages }: MessagesRequest): number {
  const told = /Steps done: (\d+)\./.exec(JSON.stringify(messages[0]))?.[1] ?? 0;
  const replies = messages.filter(({ role }) => role === 'assistant').map((message) => JSON.stringify(message));
  const named = replies.map((reply) => /Step (\d+):/.exec(reply)?.[1]);
  const newest = named.findLastIndex((step) => step !== undefined);
  return newest < 0 ? Number(told) + replies.length : Number(named[newest]) + replies.length - newest;
}

/** The runtime's own words (lib/core/runtime-messages.ts). */
const isToSummarise = ({ messages }: MessagesRequest): boolean =>
  JSON.stringify(messages.at(-1)).includes('replaced by a summary that you write now');

export function played(request: MessagesRequest): Answer {
  const goal = JSON.stringify(request.messages[0]);
  const steps = /Probe: ([\w;+]+)\./.exec(goal)?.[1]?.split(';') ?? [];
  const index = stepsDone(request);
  if (isToSummarise(request)) return reply(`Steps done: ${index}. What was found out on the way is in the workspace.`);
  const step = steps[index];
  if (step === undefined) return reply(call('finish', { result: `All ${steps.length} steps are done.` }));
  const named = `Step ${index}: ${step}.`;
  if (step === 'long') return ending('end_turn', `${named} ${LONG}`);
  const words = `${named} This is said at some length, so that a stream can be cut in the midst of it.`;
  return reply(words, ...step.split('+').map((name) => partOf(name, `${index}`)));
}
