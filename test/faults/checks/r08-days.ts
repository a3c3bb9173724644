/** R8: what a day may have of its cycle, what a renewal carries over, and that a closed day takes no hold. */
import { topUpsLeft } from '../../../lib/budget/cycle.ts';
import { allowanceOf } from '../../../lib/budget/rules.ts';
import { type Finder, never, type Row } from './run.ts';

/** Of every day of the current cycle that was frozen under the plan as it is: what was left before it, by the books as they are now. */
const LEFT = `(select d.user_id, d.day, d.allowance, d.ceiling, greatest(1, coalesce(u.subscription_renewal_date - d.day, 30)) as days,
    coalesce((select sum(amount) from top_ups t where t.user_id = d.user_id and t.day = d.day and t.spread = 'today'), 0) as today,
    u.subscription_budget_microdollars + u.carried_microdollars
      + coalesce((select sum(amount) from top_ups t where t.user_id = d.user_id and t.day between u.cycle_start and d.day), 0)
      - coalesce((select sum(b.spent + b.held) from budget_days b where b.user_id = d.user_id and b.day >= u.cycle_start and b.day < d.day), 0)
      + coalesce((select sum(greatest(0, l.cost - h.amount)) from usage_ledger l join budget_holds h using (user_id, session_id, fence, n) where l.user_id = d.user_id and l.day < d.day), 0) as left
  from budget_days d join user_settings u using (user_id) where d.day >= u.cycle_start and d.day >= (u.updated_at at time zone 'UTC')::date) r8`;

/** What a user brought into the present cycle, and what they paid, spent and held in the one before. `over`: bills above their holds. */
const CARRIED = `select u.user_id, u.carried_microdollars as carried, u.prior_carried_microdollars as before,
    coalesce((select sum(spent + held) from budget_days d where d.user_id = u.user_id and d.day >= p.start and d.day < u.cycle_start), 0) as committed,
    coalesce((select sum(greatest(0, l.cost - h.amount)) from usage_ledger l join budget_holds h using (user_id, session_id, fence, n)
      where l.user_id = u.user_id and l.day < u.cycle_start), 0) as over,
    (select json_agg(json_build_array(t.amount::text, (t.committed + coalesce((select sum(spent + held) from budget_days d
        where d.user_id = u.user_id and d.day >= p.start and d.day < t.day), 0))::text) order by t.day, t.at, t.key)
      from top_ups t where t.user_id = u.user_id and t.day >= p.start and t.day < u.cycle_start) as top_ups
  from user_settings u cross join lateral (select coalesce(u.prior_cycle_start, u.cycle_start) as start) p`;

const sum = (row: Row, column: string): bigint => BigInt(row[column]!);

/** Did the day get more than its part of what was left before it? */
const beyondItsPart = (row: Row): boolean => {
  const [left, forToday] = [sum(row, 'left'), sum(row, 'today')];
  const of = { left, forToday, days: Number(row.days), money: 0n, cycleDays: 1, multiple: null };
  return sum(row, 'ceiling') > left || sum(row, 'allowance') > allowanceOf(of);
};

/** Did more come over the renewal than what was topped up and not used? */
const carriedTooMuch = (row: Row): boolean => {
  const topUps = JSON.parse(row.top_ups ?? '[]') as [amount: string, committedBefore: string][];
  const left = topUpsLeft({
    carriedMicrodollars: sum(row, 'before'),
    topUps: topUps.map(([amount, before]) => ({
      amountMicrodollars: BigInt(amount),
      committedBeforeMicrodollars: BigInt(before),
    })),
    committedMicrodollars: sum(row, 'committed'),
  });
  return sum(row, 'carried') > left + sum(row, 'over');
};

export const days: Finder = never(
  {
    check: 'R8',
    query: CARRIED,
    but: carriedTooMuch,
    says: (row) => `${row.user_id} carried ${row.carried} over a renewal, more than is left of the top-ups before it`,
  },
  {
    check: 'R8',
    query: `select * from ${LEFT}`,
    but: beyondItsPart,
    says: (row) =>
      `${row.user_id} on ${row.day}: the allowance of ${row.allowance} and the ceiling of ${row.ceiling} are more than a share of the ${row.left} left for ${row.days} days`,
  },
  {
    check: 'R8',
    query: `select * from (select now ->> 'user_id' as user, now ->> 'day' as day, was ->> 'held' as was, now ->> 'held' as held,
        max(now ->> 'day') over (partition by now ->> 'user_id' order by i) as newest, i
        from witness.changes where what = 'budget_days' and now is not null) c
      where day < newest and held::bigint > was::bigint order by i`,
    says: (row) => `${row.user} on ${row.day}: held went from ${row.was} to ${row.held} after the day was closed`,
  },
);
