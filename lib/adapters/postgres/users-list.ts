/** The list of users, for the operator: across all of them, so not behind the wall. */
import { type SQL, sql } from 'drizzle-orm';
import { agentSessions, userSettings } from '../../../schema/index.ts';
import type { Listed, ListPage, User, UserFilter, UserStanding } from '../../ports/index.ts';
import { UnknownCursor } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { opaque, textOf } from './cursor.ts';
import { type DayJson, dayOf, fromInstant } from './json.ts';

type UserRow = Omit<User & UserStanding, 'budget' | 'createdAt' | 'day'> & {
  budget: string;
  createdAt: string;
  day: DayJson;
};

/** Users that a filtered page looks at, so that a rare tier reads no million rows. */
const MOST_LOOKED_AT = 10_000;

const STATUS = sql`case when u.subscription_budget_microdollars = 0 then 'no_budget'
  when exists (select from ${agentSessions} a where a.user_id = u.user_id and a.due_at is not null) then 'active' else 'idle' end`;

/** First the users that the page may look at, by the primary key; then which of them it shows; their days last. `most`: see above. */
export async function usersOf(
  { db, repeat }: Database,
  filter: UserFilter,
  { limit, cursor }: ListPage,
  most = MOST_LOOKED_AT,
): Promise<Listed<User & UserStanding>> {
  const after = cursor === null ? '' : textOf(cursor);
  if (cursor !== null && !/^[^\0\ufffd]{1,512}$/.test(after)) throw new UnknownCursor();
  const narrowing = narrowed(filter);
  const mostLookedAt = narrowing.length === 0 ? limit + 1 : most;
  const looked = sql`select * from ${userSettings} where user_id > ${after} order by user_id limit ${mostLookedAt}::int`;
  const [page, seen] = await repeat(() =>
    db.batch([
      db.execute<UserRow>(sql`
        with looked as materialized (${looked}), page as materialized (
          select u.*, ${STATUS} as status from looked u where ${sql.join([sql`true`, ...narrowing], sql` and `)}
            order by u.user_id limit ${limit + 1}::int)
        select page.user_id as id, t.tier, t.budget::text, wake_policy as "wakePolicy",
            max_daily_multiple::float8 as "maxDailyMultiple", created_at as "createdAt", status, preview_day(page.user_id) as day,
            t.renewal::text as "renewalDate"
          from page cross join lateral terms_of(page.user_id, page.tier, subscription_budget_microdollars, subscription_renewal_date,
            renewal_anchor_day, paid_by_stripe) t
          order by page.user_id`),
      db.execute<{ count: number; last: string | null }>(
        sql`select count(*)::int as count, max(user_id) as last from (${looked}) looked`,
      ),
    ]),
  );
  const data = page.rows.slice(0, limit).map(userOf);
  const { count, last } = seen.rows[0]!;
  if (page.rows.length > limit) return { data, next: opaque(data.at(-1)!.id) };
  return { data, next: last !== null && count === mostLookedAt ? opaque(last) : null };
}

const narrowed = ({ tier, status, idPrefix }: UserFilter): SQL[] => [
  ...(tier === undefined ? [] : [sql`u.tier = ${tier}`]),
  ...(idPrefix === undefined ? [] : [sql`starts_with(u.user_id, ${idPrefix})`]),
  ...(status === undefined ? [] : [sql`${STATUS} = ${status}`]),
];

const userOf = ({ budget, createdAt, day, ...user }: UserRow): User & UserStanding => ({
  ...user,
  budget: BigInt(budget),
  createdAt: fromInstant(createdAt),
  day: dayOf(day),
});
