/** The plans for the goals of the smoke test (lib/ops/smoke-goals.ts), which the stand-in can follow to the letter. */
import { COUNT_GOAL, COUNT_TO, SLEEP_GOAL } from '../../../ops/smoke-goals.ts';
import { call } from '../answer.ts';
import { narrate, type Plan, step } from './step.ts';

const counting: Plan = {
  steps: Array.from({ length: COUNT_TO }, (_, i) =>
    step(`number ${i + 1}`, `${i + 1}.`, narrate('count', String(i + 1))),
  ),
  finish: () => `counted to ${COUNT_TO}`,
};

const sleeping: Plan = {
  steps: [step('sleep', 'Good night.', call('sleep', { minutes: 60, note: 'Next: finish.' }))],
  finish: () => 'slept and woke',
};

/** Null: another goal. */
export function smokePlan(goal: string): Plan | null {
  if (goal === COUNT_GOAL) return counting;
  return goal === SLEEP_GOAL ? sleeping : null;
}
