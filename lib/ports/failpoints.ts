/**
 * The steps of an iteration: one name before and one after every await of it, so that a fault can be made at each (test/faults). In
 * production nobody listens, and a step costs a comparison.
 */

export const STEPS = [
  'received',
  ...['opening', 'opened', 'standing_in', 'stood_in'],
  ...['claiming', 'claimed', 'hinting_again', 'hinted_again'],
  ...['counting', 'counted', 'reserving', 'reserved'],
  ...['thinking', 'connected', 'message_started', 'streaming', 'message_stopped', 'thought'],
  ...['settling', 'settled'],
  ...['loading_files', 'files_loaded', 'marking_tool', 'tool_marked', 'running_tool', 'tool_ran', 'observed'],
  ...['beating', 'beaten'],
  ...['saving', 'saved', 'chaining', 'chained', 'ringing', 'rung', 'mirroring', 'mirrored', 'finished'],
] as const;

export type StepName = (typeof STEPS)[number];

/** Told of every step; the iteration goes on when it resolves, and fails there if it throws. */
export type Step = (name: StepName) => Promise<void> | void;

/** Does `work` between two steps. */
export const between = async <T>(
  step: Step | undefined,
  before: StepName,
  after: StepName,
  work: () => Promise<T>,
): Promise<T> => {
  if (!step) return work();
  await step(before);
  const done = await work();
  await step(after);
  return done;
};
