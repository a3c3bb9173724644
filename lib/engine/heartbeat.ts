/**
 * Heartbeats: while something long is under way, the lease is prolonged every 15 s of real time (R6). A heartbeat also brings what a user
 * wants: a pause or cancel aborts the work, and so do a lost fence and the deadline. The work then ends with what it has.
 * `look` beats out of turn, for work that is about to do something that a stop should have stopped.
 */
import { FenceLost, Stopped, type World } from '../ports/index.ts';
import type { Run } from './run.ts';

const HEARTBEAT_MS = 15_000;

/** `limitMs` is real time. The signal's reason is `Stopped` (a user), `FenceLost`, or else the deadline. */
export async function withHeartbeat<T>(
  world: World,
  run: Run,
  limitMs: number,
  work: (signal: AbortSignal, look: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const beat = async () => {
    try {
      const pending = await world.sessions.heartbeat(run.id, run.fence);
      run.checkedAt = world.clock.elapsed();
      // Answers may overtake each other: an older one does not take the stop back.
      if (pending.desired === 'run') return;
      run.desired = pending.desired;
      controller.abort(new Stopped(`the user asked to ${pending.desired}`));
    } catch (error) {
      // A heartbeat that got lost is no reason to stop: the fence decides, not the lease's time.
      if (error instanceof FenceLost) controller.abort(error);
    }
  };
  const heart = setInterval(beat, HEARTBEAT_MS);
  const deadline = setTimeout(() => controller.abort(new Error('the invocation ends')), Math.max(0, limitMs));
  try {
    return await work(controller.signal, beat);
  } finally {
    clearInterval(heart);
    clearTimeout(deadline);
  }
}
