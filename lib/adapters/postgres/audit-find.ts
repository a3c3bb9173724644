/**
 * What disagrees in the money, a page at a time: each query starts from a page of holds, days or sessions and reads what belongs to these,
 * so that none grows with the ledger. Each row of an answer gives kind, user, day, session, fence, n, expected, found.
 */
import type { Discrepancy } from '../../ports/index.ts';

export type DiscrepancyRow = {
  kind: Discrepancy['kind'];
  user_id: string;
  day: string | null;
  session_id: string | null;
} & {
  fence: string | number | null;
  n: number | null;
  expected: string;
  found: string;
};
/** `places`: the keys of the page's last row, null where the page was the last. */
type Answer = { drifts: DiscrepancyRow[]; places: (string | number)[] | null };
type Query = <T>(text: string, ...values: unknown[]) => Promise<T[]>;

/** `size`: rows in a page. `text` takes the place after which it begins, `since` where it is `dated`, and the size. */
type Stage = { first: (string | number)[]; size: number; dated: boolean; text: string };

/** From a CTE `page` and a query of drifts to one row: what it found, and where it ended. */
const paged = (page: string, key: string, drifts: string): string => `with page as materialized (${page})
  select coalesce((select json_agg(d) from (${drifts}) d), '[]') as drifts,
    (select json_build_array(${key}) from page order by (${key}) desc limit 1) as places,
    (select count(*)::int from page) as looked`;

/** Holds that are open though they should not be. */
const HOLDS: Stage = {
  first: ['', '0', '0'],
  size: 1_000,
  dated: false,
  text: paged(
    `select * from budget_holds where class = 'held' and (session_id, fence, n) > ($1::text, $2::bigint, $3::int)
      order by session_id, fence, n limit $4::int`,
    'session_id, fence, n',
    `select case when l.cost is not null then 'stale_hold' else 'stranded_hold' end as kind, h.user_id, h.day::text, h.session_id, h.fence, h.n,
        '0' as expected, h.amount::text as found
      from page h left join usage_ledger l using (user_id, session_id, fence, n) left join agent_sessions s on s.id = h.session_id
      where l.cost is not null or s.id is null or s.state = 'ended'`,
  ),
};

/** Sums of a day, and its holds and calls one by one. Holds are kept for three months (purge), so that older calls have none. */
const DAYS: Stage = {
  first: ['-infinity', ''],
  size: 200,
  dated: true,
  text: paged(
    'select * from budget_days where day >= $3::date and (day, user_id) > ($1::date, $2::text) order by day, user_id limit $4::int',
    'day, user_id',
    `select x.kind, d.user_id, d.day::text, null::text as session_id, null::bigint as fence, null::int as n, expected::text, found::text
      from page d cross join lateral (values
        ('spent', (select coalesce(sum(cost), 0) from usage_ledger l where l.user_id = d.user_id and l.day = d.day), d.spent),
        ('held', (select coalesce(sum(amount), 0) from budget_holds h where h.user_id = d.user_id and h.day = d.day and class = 'held'), d.held)
      ) x(kind, expected, found) where expected <> found
    union all select 'unbooked_hold', h.user_id, h.day::text, h.session_id, h.fence, h.n, h.amount::text, '0'
      from page d join budget_holds h using (user_id, day) left join usage_ledger l using (user_id, session_id, fence, n)
      where h.class <> 'held' and l.cost is null
    union all select 'unheld_call', l.user_id, l.day::text, l.session_id, l.fence, l.n, l.cost::text, '0'
      from page d join usage_ledger l using (user_id, day) left join budget_holds h using (session_id, fence, n)
      where l.fence <> 0 and h.amount is null and d.day >= (app_now() at time zone 'UTC')::date - 92`,
  ),
};

/** The counters of a session: of all its calls, and of its last day. */
const SESSIONS: Stage = {
  first: ['-infinity', ''],
  size: 200,
  dated: true,
  text: paged(
    'select * from session_days where day >= $3::date and (day, session_id) > ($1::date, $2::text) order by day, session_id limit $4::int',
    'day, session_id',
    `select 'session_cost' as kind, s.user_id, null::text as day, s.id as session_id, null::bigint as fence, null::int as n,
        c.cost::text as expected, s.cost_microdollars::text as found
      from page d join agent_sessions s on s.id = d.session_id
        cross join lateral (select coalesce(sum(cost), 0) as cost from usage_ledger l where l.user_id = s.user_id and l.session_id = s.id) c
      where s.cost_microdollars <> c.cost
    union all select 'session_day_' || what, d.user_id, d.day::text, d.session_id, null, null, is_right::text, is_there::text
      from page d cross join lateral (values
        ('spent', (select coalesce(sum(cost), 0) from usage_ledger l where l.user_id = d.user_id and l.session_id = d.session_id and l.day = d.day), d.spent),
        ('held', (select coalesce(sum(amount), 0) from budget_holds h where h.session_id = d.session_id and h.day = d.day and class = 'held'), d.held),
        ('handed_off', (select coalesce(sum(coalesce(l.cost, h.amount)), 0) from budget_holds h left join usage_ledger l using (user_id, session_id, fence, n)
          where h.session_id = d.session_id and h.day = d.day and hand_off), d.handed_off)
      ) x(what, is_right, is_there)
      where is_right <> is_there and (what <> 'handed_off' or d.day >= (app_now() at time zone 'UTC')::date - 92)`,
  ),
};

const STAGES = [HOLDS, DAYS, SESSIONS];

/** A place is the number of a stage and the keys after which its next page begins. */
export async function findPage(query: Query, { since, after }: { since: string; after: string | null }) {
  const [number, keys]: [number, (string | number)[]] = after === null ? [0, HOLDS.first] : JSON.parse(after);
  const stage = STAGES[number]!;
  const [page] = await query<Answer & { looked: number }>(
    stage.text,
    ...[...keys, ...(stage.dated ? [since] : []), stage.size],
  );
  const more = Number(page!.looked) === stage.size;
  const following = STAGES[number + 1];
  const place = more ? [number, page!.places] : following ? [number + 1, following.first] : null;
  return { drifts: page!.drifts, next: place && JSON.stringify(place) };
}
