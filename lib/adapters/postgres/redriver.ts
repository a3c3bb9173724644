/** The Redriver port on a function of migrations/0010_left_waiting.sql. */
import type { Redriven, Redriver, Standing } from '../../ports.ts';
import type { Database } from './connect.ts';
import { fromInstant } from './json.ts';

type StandingJson = Omit<Standing, 'due' | 'now'> & { due: string | null; now: string };
type RedrivenJson = Omit<Redriven, 'others'> & { others: StandingJson[] };

export function postgresRedriver({ call }: Database): Redriver {
  return {
    async due(sessions, after, limit) {
      const list = sessions && `{${sessions.map((id) => JSON.stringify(id)).join(',')}}`;
      const { stopped, due, others } = await call<RedrivenJson>('redrive', list, after, limit);
      return { stopped, due, others: others.map(standingOf) };
    },
  };
}

/** Of an ended session nothing is due any more. */
const standingOf = ({ due, now, ...rest }: StandingJson): Standing => ({
  ...rest,
  due: due === null ? Number.POSITIVE_INFINITY : fromInstant(due),
  now: fromInstant(now),
});
