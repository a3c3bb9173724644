/** The cases of the exhaustive part: every step × mode × tool class, on the first attempt at an iteration and on the second. */
import { FAILPOINTS, type FailpointName } from '../kit/failpoints.ts';
import type { Mishap } from './mishaps.ts';
import { REQUESTS } from './network.ts';
import type { Job, Mode, Plan } from './worker/job.ts';

export type ToolClass = 'look' | 'put' | 'fire';
export const CLASSES: ToolClass[] = ['look', 'put', 'fire'];

export type Case = {
  name: string;
  /** What the agent does (witness/plot.ts). */
  plot: string[];
  /** One after the other, each until it has taken effect. */
  plans: Plan[];
  job: Partial<Job>;
  mishaps: Mishap[];
  /** The worker cannot reach Upstash. */
  withoutUpstash: boolean;
  /** The fault needs a hint that comes while the session still sleeps. */
  early: boolean;
};

const BEFORE_CLAIM: FailpointName[] = ['received', 'opening', 'opened', 'standing_in', 'stood_in', 'claiming'];

/** What a step needs to be reached at all. */
const NEEDS: Partial<Record<FailpointName, Partial<Case>>> = {
  standing_in: { withoutUpstash: true },
  stood_in: { withoutUpstash: true },
  hinting_again: { plot: ['nap'], early: true },
  hinted_again: { plot: ['nap'], early: true },
  counting: { job: { count: true } },
  counted: { job: { count: true } },
  beating: { mishaps: ['slow', 'slow', 'slow'] },
  beaten: { mishaps: ['slow', 'slow', 'slow'] },
  scheduling: { plot: ['sleep'] },
  scheduled: { plot: ['sleep'] },
};
const ONCE_ONLY: FailpointName[] = ['marking_tool', 'tool_marked'];

/** Modes that can be made at a step. A thrown error stands for one that a request would have thrown, where there is no request. */
export const modesAt = (step: FailpointName): Mode[] =>
  REQUESTS[step]
    ? ['kill', 'zombie', 'midnight', 'error', 'lost', 'lost_all']
    : ['kill', 'zombie', 'midnight', 'throw'];

export const caseOf = (step: FailpointName, mode: Mode, tool: ToolClass, attempt: 1 | 2): Case => {
  const needs = NEEDS[step] ?? {};
  const first: Plan = { step: firstDeath(step, tool), nth: 1, mode: 'kill' };
  return {
    ...{ plot: [tool], job: {}, mishaps: [], withoutUpstash: false, early: false, ...needs },
    name: `${step} × ${mode} × ${tool}${attempt === 2 ? ' × second attempt' : ''}`,
    plans: [...(attempt === 2 ? [first] : []), { step, nth: 1, mode }],
  };
};

const isAfter = (step: FailpointName, other: FailpointName): boolean =>
  FAILPOINTS.indexOf(step) > FAILPOINTS.indexOf(other);

/** Where the first attempt dies, so that the second comes to `step` again. A `once` tool that was begun is not begun twice. */
const firstDeath = (step: FailpointName, tool: ToolClass): FailpointName => {
  if (!isAfter(step, 'settled')) return 'streaming';
  return tool === 'fire' && !isAfter(step, 'tool_ran') ? 'settled' : 'running_tool';
};

/** `full`: all three classes, and second attempts; else each step and mode once, the classes in turn. */
export function exhaustive(full: boolean): Case[] {
  const cases: Case[] = [];
  for (const step of FAILPOINTS) {
    const classes = ONCE_ONLY.includes(step) ? (['fire'] as const) : CLASSES;
    for (const [i, mode] of modesAt(step).entries()) {
      if (!full) {
        cases.push(caseOf(step, mode, classes[(FAILPOINTS.indexOf(step) + i) % classes.length]!, 1));
        continue;
      }
      for (const tool of classes) {
        cases.push(caseOf(step, mode, tool, 1));
        const again = (mode === 'kill' || mode === 'zombie') && !BEFORE_CLAIM.includes(step) && !NEEDS[step];
        if (again) cases.push(caseOf(step, mode, tool, 2));
      }
    }
  }
  return cases;
}

/** Every way in which the provider fails, once and twice in a row. A refusal ends the session, so that there is no second. */
export const mishapCases = (all: readonly Mishap[]): Case[] =>
  all.flatMap((mishap) =>
    (mishap === 'refusal' ? [[mishap]] : [[mishap], [mishap, mishap]]).map(
      (mishaps): Case => ({
        name: `the model: ${mishaps.join(', ')}`,
        ...{ plot: ['put', 'fire'], plans: [], job: { limitMs: 6_000 }, mishaps, withoutUpstash: false, early: false },
      }),
    ),
  );
