/** The Sweeper port on the functions of migrations/0004_upkeep.sql. */
import type { Sweeper } from '../../ports.ts';
import type { Database } from './connect.ts';
import { fromInstant, toText } from './json.ts';

export function postgresSweeper({ call }: Database): Sweeper {
  return {
    async sweep(limit) {
      const answer = await call<{ due: { id: string; userId: string }[]; nextDue: string | null; now: string }>(
        'sweep',
        limit,
      );
      const { due, nextDue, now } = answer;
      return { due, nextDue: nextDue === null ? null : fromInstant(nextDue), now: fromInstant(now) };
    },
    async buried(id, reason) {
      await call('buried', id, toText(reason));
    },
    purge: () => call<number>('purge'),
  };
}
