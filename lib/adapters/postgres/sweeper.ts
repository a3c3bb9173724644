/** The Sweeper port on the functions of migrations/0004_upkeep.sql and 0005_brakes.sql. */
import type { Sweep, Sweeper } from '../../ports.ts';
import { cleanText } from '../../text.ts';
import type { Database } from './connect.ts';
import { fromInstant } from './json.ts';

type SweepJson = Omit<Sweep, 'nextDue' | 'now'> & { nextDue: string | null; now: string };

export function postgresSweeper({ call }: Database): Sweeper {
  return {
    async sweep(limit) {
      const answer = await call<SweepJson>('sweep', limit);
      const { nextDue, now, ...rest } = answer;
      return { ...rest, nextDue: nextDue === null ? null : fromInstant(nextDue), now: fromInstant(now) };
    },
    async buried(id, reason) {
      await call('buried', id, cleanText(reason));
    },
    purge: () => call<number>('purge'),
  };
}
