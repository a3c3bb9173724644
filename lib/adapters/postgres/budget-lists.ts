/** A user's top-ups and days, a page at a time, each from its place in an index. */
import { sql } from 'drizzle-orm';
import { budgetDays, budgetHolds, topUps, usageLedger } from '../../../schema/index.ts';
import type { BudgetDay, DayRange, Listed, ListPage, TopUp } from '../../ports/index.ts';
import { UnknownCursor } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { isDay, isInstant, opaque, textOf } from './cursor.ts';
import { fromInstant } from './json.ts';
import { asUser } from './tenant.ts';

type TopUpRow = { key: string; day: string; at: string; exact: string; amount: string; spread: TopUp['spread'] };
type DayRow = Record<'date' | 'allowance' | 'ceiling' | 'spent' | 'held' | 'topped_up', string> &
  Record<'remaining' | 'handed_off', string | null>;

/** Days for which the holds are kept: what is resolved is removed after them (schema/functions/purge.sql). */
const HOLDS_KEPT_DAYS = 92;

/** Of one day in the order in which they came; the day bounds the index. */
export async function topUpsOf(
  database: Database,
  userId: string,
  { limit, cursor }: ListPage,
): Promise<Listed<TopUp>> {
  const place = cursor === null ? null : topUpPlace(cursor);
  const older = place
    ? sql`and t.day <= ${place.day}::date and (t.day, t.at, t.key) < (${place.day}::date, ${place.exact}::timestamptz, ${place.key})`
    : sql``;
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<TopUpRow>(sql`
      select t.key, t.day::text, to_json(t.at) #>> '{}' as at, t.amount::text, t.spread,
          to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as exact
        from ${topUps} t where t.user_id = ${userId} ${older}
        order by t.day desc, t.at desc, t.key desc limit ${limit + 1}`),
  ]);
  const data = rows.slice(0, limit).map(({ key, day, at, amount, spread }) => ({
    ...{ key, day, spread },
    at: fromInstant(at),
    amount: BigInt(amount),
  }));
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { data, next: last ? opaque(`${last.day} ${last.exact} ${last.key}`) : null };
}

function topUpPlace(cursor: string): { day: string; exact: string; key: string } {
  const [, day = '', exact = '', key = ''] = /^(\S+) (\S+) (.+)$/s.exec(textOf(cursor)) ?? [];
  if (!isDay(day) || !isInstant(exact) || key === '' || key.includes('\0')) throw new UnknownCursor();
  return { day, exact, key };
}

/** First today is opened, as by each question about the budget. */
export async function daysOf(
  database: Database,
  userId: string,
  { from, to }: DayRange,
  { limit, cursor }: ListPage,
): Promise<Listed<BudgetDay>> {
  const place = cursor === null ? null : textOf(cursor);
  if (place !== null && !(isDay(place) && place.length === 10)) throw new UnknownCursor();
  const [, { rows }] = await asUser(database, userId, (db) => [
    db.execute(sql`select today(${userId})`),
    db.execute<DayRow>(sql`
      select d.day::text as date, d.allowance::text, d.ceiling::text, d.spent::text, d.held::text, d.remaining::text,
          (select coalesce(sum(t.amount), 0)::text from ${topUps} t where t.user_id = ${userId} and t.day = d.day) as topped_up,
          case when d.day >= (app_now() at time zone 'UTC')::date - ${HOLDS_KEPT_DAYS}::int then (
            select coalesce(sum(coalesce(l.cost, h.amount)), 0)::text
              from ${budgetHolds} h left join ${usageLedger} l using (user_id, session_id, fence, n)
              where h.user_id = ${userId} and h.day = d.day and h.hand_off) end as handed_off
        from ${budgetDays} d
        where d.user_id = ${userId} and d.day between ${from}::date and ${to}::date ${place === null ? sql`` : sql`and d.day < ${place}::date`}
        order by d.day desc limit ${limit + 1}`),
  ]);
  const data = rows.slice(0, limit).map(budgetDayOf);
  return { data, next: rows.length > limit ? opaque(data.at(-1)!.date) : null };
}

function budgetDayOf({ date, remaining, topped_up, handed_off, ...money }: DayRow): BudgetDay {
  const toppedUp = BigInt(topped_up);
  return {
    date,
    allowance: BigInt(money.allowance),
    ceiling: BigInt(money.ceiling),
    spent: BigInt(money.spent),
    held: BigInt(money.held),
    carriedIn: remaining === null ? null : atLeast0(BigInt(remaining) - toppedUp),
    toppedUp,
    handedOff: handed_off === null ? null : BigInt(handed_off),
  };
}

const atLeast0 = (amount: bigint): bigint => (amount < 0n ? 0n : amount);
