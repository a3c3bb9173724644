/** The Sweeper port on schema/functions/sweep.sql and purge.sql. */
import type { Sweep, Sweeper } from '../../ports/index.ts';
import { cleanText } from '../../text.ts';
import type { Database } from './connect.ts';
import { fromInstant } from './json.ts';

type SweepJson = Omit<Sweep, 'nextDue' | 'now'> & { nextDue: string | null; now: string };

/** Rows of a kind that one purge removes: some tenths of a second of work. */
const PURGED_AT_ONCE = 5_000;

/** `keepEndedDays`: after so many days ended sessions lose what they said, did and wrote; left out: never. */
export function postgresSweeper({ call }: Database, keepEndedDays?: number): Sweeper {
  return {
    async sweep(limit) {
      const answer = await call<SweepJson>('sweep', limit);
      const { nextDue, now, ...rest } = answer;
      return { ...rest, nextDue: nextDue === null ? null : fromInstant(nextDue), now: fromInstant(now) };
    },
    async recordDeadLetter(id, reason) {
      await call('record_dead_letter', id, cleanText(reason));
    },
    purge: () => call<number>('purge', PURGED_AT_ONCE, keepEndedDays === undefined ? null : `${keepEndedDays} days`),
  };
}
