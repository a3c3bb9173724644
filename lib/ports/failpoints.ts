/**
 * The steps of an iteration: one name before and one after every await of it, so that a fault can be made at each (test/faults). In
 * production nobody listens, and a step costs a comparison.
 */

export const FAILPOINTS = [
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

export type FailpointName = (typeof FAILPOINTS)[number];

/** Told of every step; the iteration goes on when it resolves, and fails there if it throws. */
export type Failpoint = (name: FailpointName) => Promise<void> | void;

/** Does `work` between two steps. */
export const withFailpoints = async <T>(
  step: Failpoint | undefined,
  before: FailpointName,
  after: FailpointName,
  work: () => Promise<T>,
): Promise<T> => {
  if (!step) return work();
  await step(before);
  const done = await work();
  await step(after);
  return done;
};
