/** What the recovery cron and its marker (R10) are in a run: where the database's clock leaps, and where the harness hears of what a sweep sends. */
import type { Live, World } from '../../../lib/ports/index.ts';
import { SCALE } from '../scale.ts';
import type { Job, Told } from './job.ts';

type Tell = (told: Told) => void;

/** The marker keeps real time, as invocations and leases do. Only when a session is due goes by the run's clock. */
export const liveInRun = (live: Live, { skewMs, leapMs }: Job, tell: Tell): Live => ({
  ...live,
  // A clock that is five minutes wrong is so by a third of an invocation's limit in production, and by no more here.
  open: (session, until, user) => live.open(session, until - skewMs + skewMs / SCALE, user),
  // The cron learns of each leap by its job: what Postgres told before the leap would have it sleep through.
  nextDue: (at, asked) => live.nextDue(at, { ...asked, now: asked.now - leapMs }),
  async idle(now) {
    const idle = await live.idle(now + leapMs);
    if (idle === true) tell({ told: 'slept' });
    return idle;
  },
});

/** `now`: real time, whatever the worker's own clock says. */
export function sweepsInRun(
  { sweeper, queue }: World,
  now: () => number,
  tell: Tell,
): Pick<World, 'sweeper' | 'queue'> {
  let asked = now();
  return {
    sweeper: {
      ...sweeper,
      sweep(limit) {
        asked = now();
        return sweeper.sweep(limit);
      },
    },
    queue: {
      ...queue,
      sendAll(hints) {
        tell({ told: 'swept', sessions: hints.map(({ sessionId }) => sessionId), asked, at: now() });
        return queue.sendAll(hints);
      },
    },
  };
}
