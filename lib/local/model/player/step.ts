/** A step of a player's plan: one reply. */
import { type CallBlock, call } from '../answer.ts';
import type { History } from './history.ts';

export type Step = {
  /** Said before the calls. */
  say: string;
  calls: CallBlock[];
  /** What the step is, for hand-off notes and summaries. */
  name: string;
};

/** A plan is a fixed list, so that the history alone tells how far it got; only its last step may depend on what was found. */
export type Plan = { steps: Step[]; finish: (history: History) => string };

export const narrate = (phase_name: string, text: string): CallBlock => call('narrate', { phase_name, text });
export const bash = (command: string): CallBlock => call('bash', { command });
export const write = (path: string, content: string): CallBlock => call('write_file', { path, content });

export const step = (name: string, say: string, ...calls: CallBlock[]): Step => ({ name, say, calls });

/** A step is done when its last call was: calls before it may be told again without harm. */
function isDone(history: History, { calls }: Step): boolean {
  const last = calls.at(-1);
  return last !== undefined && history.did(last);
}

/** How many steps are done: up to the last one that the history or its summary shows. */
export const progress = (history: History, { steps }: Plan): number =>
  Math.max(history.summarised, steps.findLastIndex((each) => isDone(history, each)) + 1);
