/** The Redriver port on schema/functions/redrive.sql. */
import type { Redriven, Redriver, WaitingSession } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant } from './json.ts';

type StandingJson = Omit<WaitingSession, 'due' | 'now'> & { due: string | null; now: string };
type RedrivenJson = Omit<Redriven, 'others' | 'next'> & {
  others: StandingJson[];
  next: { due: string; id: string } | null;
};

const FIRST = { due: '-infinity', id: '' };

export function postgresRedriver({ call }: Database): Redriver {
  return {
    async due(sessions, after, limit) {
      const list = sessions && `{${sessions.map((id) => JSON.stringify(id)).join(',')}}`;
      const place: typeof FIRST = after === null ? FIRST : JSON.parse(after);
      const { others, next, ...page } = await call<RedrivenJson>('redrive', list, place.due, place.id, limit);
      return { ...page, others: others.map(standingOf), next: next && JSON.stringify(next) };
    },
  };
}

/** Of an ended session nothing is due any more. */
const standingOf = ({ due, now, ...rest }: StandingJson): WaitingSession => ({
  ...rest,
  due: due === null ? Number.POSITIVE_INFINITY : fromInstant(due),
  now: fromInstant(now),
});
