/** Top-ups and days in pages. A cursor is the place of the last one that was shown. */
import type {
  BudgetDay,
  DayRange,
  Listed,
  ListPage,
  TopUp,
  User,
  UserFilter,
  UserStanding,
} from '../../ports/index.ts';
import { UnknownCursor } from '../../ports/index.ts';
import { atLeast0, dateOf } from './cycle.ts';
import { dayOf, shown, todayRow } from './money.ts';
import type { Store, UserRow } from './store.ts';

/** The rows after the cursor of rows that are sorted already, by a place that each has. */
export function pageOf<T>(rows: T[], { limit, cursor }: ListPage, placeOf: (row: T) => string): Listed<T> {
  const place = cursor === null ? null : Buffer.from(cursor, 'base64url').toString();
  const at = place === null ? -1 : rows.findIndex((row) => placeOf(row) === place);
  if (place !== null && at < 0) throw new UnknownCursor();
  const data = rows.slice(at + 1, at + 1 + limit);
  const more = at + 1 + limit < rows.length;
  return { data, next: more ? Buffer.from(placeOf(data.at(-1)!)).toString('base64url') : null };
}

export function topUpsOf(store: Store, userId: string, page: ListPage): Listed<TopUp> {
  const rows = [...(store.topUps.get(userId) ?? [])]
    .map(({ committed: _, ...row }) => row)
    .sort((a, b) => b.at - a.at || (a.key < b.key ? 1 : -1));
  return pageOf(rows, page, ({ at, key }) => `${at} ${key}`);
}

export function daysOf(store: Store, userId: string, { from, to }: DayRange, page: ListPage): Listed<BudgetDay> {
  todayRow(store, userId);
  const rows = [...(store.days.get(userId) ?? [])]
    .filter(([date]) => date >= from && date <= to)
    .sort(([a], [b]) => (a < b ? 1 : -1));
  const days = rows.map(([date, { allowance, ceiling, spent, held, remaining = 0n }]) => {
    const topUps = (store.topUps.get(userId) ?? []).filter(({ day }) => day === date);
    const toppedUp = topUps.reduce((total, { amount }) => total + amount, 0n);
    const carriedIn = atLeast0(remaining - toppedUp);
    return { date, allowance, ceiling, spent, held, carriedIn, toppedUp, handedOff: handedOffOn(store, userId, date) };
  });
  return pageOf(days, page, ({ date }) => date);
}

/** For 92 days: as long as Postgres keeps its holds. */
function handedOffOn(store: Store, userId: string, date: string): bigint | null {
  if (date < dateOf(store.now - 92 * 86_400_000)) return null;
  return [...store.holds]
    .filter(([, hold]) => hold.userId === userId && hold.day === date && hold.handOff)
    .reduce((total, [key, hold]) => total + (store.ledger.get(key)?.cost ?? hold.amount), 0n);
}

export function usersOf(store: Store, filter: UserFilter, page: ListPage): Listed<User & UserStanding> {
  const rows = [...store.users.values()]
    .map((user) => standing(store, user))
    .filter(
      ({ id, tier, status }) =>
        tier === (filter.tier ?? tier) && status === (filter.status ?? status) && id.startsWith(filter.idPrefix ?? ''),
    )
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return pageOf(rows, page, ({ id }) => id);
}

function standing(store: Store, user: UserRow): User & UserStanding {
  const works = [...store.sessions.values()].some((row) => row.userId === user.id && row.state.state !== 'ended');
  const status = user.budget === 0n ? 'no_budget' : works ? 'active' : 'idle';
  return { ...shown(store, user), status, createdAt: user.createdAt, day: dayOf(store, user.id) };
}
