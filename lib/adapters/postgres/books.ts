/** The Books port: comparisons in one statement, repairs as batches that lock first and read then (R1), in the one lock order (R3). */
import type { Books, Drift } from '../../ports.ts';
import type { Database } from './connect.ts';
import { type DayJson, dayOf } from './json.ts';

/** Each part gives kind, user, day, session, fence, n, expected, found. */
const FIND = `
  with ledger as (select user_id, day, sum(cost) as cost from usage_ledger group by 1, 2),
    open as (select user_id, day, sum(amount) as amount from budget_holds where class = 'held' group by 1, 2),
    costs as (select user_id, session_id, sum(cost) as cost from usage_ledger group by 1, 2),
    pairs as (select coalesce(h.user_id, l.user_id) as user_id, coalesce(h.day, l.day) as day, session_id, fence, n,
        h.class as hold, h.amount, l.class as booked, l.cost
      from budget_holds h full join usage_ledger l using (session_id, fence, n) where fence <> 0)
  select 'spent' as kind, d.user_id, d.day::text, null::text as session_id, null::bigint as fence, null::int as n,
      coalesce(l.cost, 0)::text as expected, d.spent::text as found
    from budget_days d left join ledger l using (user_id, day) where d.spent <> coalesce(l.cost, 0)
  union all select 'held', d.user_id, d.day::text, null, null, null, coalesce(o.amount, 0)::text, d.held::text
    from budget_days d left join open o using (user_id, day) where d.held <> coalesce(o.amount, 0)
  union all select 'session_cost', s.user_id, null, s.id, null, null, coalesce(c.cost, 0)::text, s.cost_microdollars::text
    from agent_sessions s left join costs c on c.session_id = s.id and c.user_id = s.user_id
    where s.cost_microdollars <> coalesce(c.cost, 0)
  union all select 'session_day_' || what, o.user_id, o.day::text, o.session_id, null, null, is_right::text, is_there::text
    from (select d.*, coalesce((select sum(cost) from usage_ledger l where l.user_id = d.user_id and l.session_id = d.session_id and l.day = d.day), 0) as is_spent,
        coalesce((select sum(amount) from budget_holds h where h.session_id = d.session_id and h.day = d.day and class = 'held'), 0) as is_held,
        coalesce((select sum(coalesce(l.cost, h.amount)) from budget_holds h left join usage_ledger l using (user_id, session_id, fence, n)
          where h.session_id = d.session_id and h.day = d.day and hand_off), 0) as is_handed_off
      from session_days d) o,
    lateral (values ('spent', is_spent, spent), ('held', is_held, held), ('handed_off', is_handed_off, handed_off)) x(what, is_right, is_there)
    where is_right <> is_there
  union all select 'stale_hold', user_id, day::text, session_id, fence, n, '0', amount::text from pairs
    where hold = 'held' and booked is not null
  union all select 'stranded_hold', p.user_id, p.day::text, session_id, p.fence, p.n, '0', amount::text
    from pairs p left join agent_sessions s on s.id = p.session_id
    where hold = 'held' and booked is null and (s.id is null or s.state = 'ended')
  union all select 'unbooked_hold', user_id, day::text, session_id, fence, n, amount::text, '0' from pairs
    where hold <> 'held' and booked is null
  union all select 'unheld_call', user_id, day::text, session_id, fence, n, cost::text, '0' from pairs where hold is null
  order by 1, 2, 3, 4, 5, 6`;

const LOCK_SESSION = 'select from agent_sessions where id = $1 for no key update';
const LOCK_DAY = 'select from budget_days where user_id = $1 and day = $2 for no key update';
const CLOSE_BOOKED = `update budget_holds h set class = l.class from usage_ledger l
  where h.class = 'held' and h.user_id = $1 and h.day = $2 and l.session_id = h.session_id and l.fence = h.fence and l.n = h.n`;
const SET_DAY = `update budget_days d set revision = revision + 1,
    spent = (select coalesce(sum(cost), 0) from usage_ledger where user_id = d.user_id and day = d.day),
    held = (select coalesce(sum(amount), 0) from budget_holds where user_id = d.user_id and day = d.day and class = 'held')
  where user_id = $1 and day = $2`;
const SET_SESSION = `update agent_sessions s
  set cost_microdollars = (select coalesce(sum(cost), 0) from usage_ledger where session_id = s.id and user_id = s.user_id) where id = $1`;
const SET_SESSION_DAY = `update session_days d
  set spent = (select coalesce(sum(cost), 0) from usage_ledger l where l.user_id = d.user_id and l.session_id = d.session_id and l.day = d.day),
    held = (select coalesce(sum(amount), 0) from budget_holds h where h.session_id = d.session_id and h.day = d.day and class = 'held'),
    handed_off = (select coalesce(sum(coalesce(l.cost, h.amount)), 0) from budget_holds h left join usage_ledger l using (user_id, session_id, fence, n)
      where h.session_id = d.session_id and h.day = d.day and hand_off)
  where session_id = $1`;
/** Of those that rest. One that is owned is in the midst of something. */
const COSTS = `select id, user_id, cost_microdollars::text as cost from agent_sessions
  where fence = saved_fence and case when $3::text is null then id > $1 and updated_at > app_now() - interval '25 hours' else id = $3 end
  order by id limit $2`;
/** Only if it is open still: a hold is resolved once. */
const CHARGE = `select resolve(session_id, fence, n, null, 'unknown') from budget_holds
  where session_id = $1 and fence = $2 and n = $3 and class = 'held'`;

type Row = { kind: Drift['kind']; user_id: string; day: string | null; session_id: string | null } & {
  fence: string | number | null;
  n: number | null;
  expected: string;
  found: string;
};

export function postgresBooks({ sql, repeat }: Database): Books {
  const rows = <T>(text: string, ...values: unknown[]) => repeat(() => sql.query(text, values)) as Promise<T[]>;
  const batch = (...queries: [text: string, ...values: unknown[]][]) =>
    repeat(() =>
      sql.transaction(
        queries.map(([text, ...values]) => sql.query(text, values)),
        READ_COMMITTED,
      ),
    );
  return {
    async find() {
      return (await rows<Row>(FIND)).map(driftOf);
    },
    async repair({ kind, userId, day, sessionId, fence, n }) {
      const ofDay: [string, ...unknown[]][] = [
        [LOCK_DAY, userId, day],
        [CLOSE_BOOKED, userId, day],
        [SET_DAY, userId, day],
      ];
      if (kind === 'spent' || kind === 'held') await batch(...ofDay);
      if (kind === 'session_cost') await batch([LOCK_SESSION, sessionId], [SET_SESSION, sessionId]);
      const ofSession: [string, ...unknown[]] = [SET_SESSION_DAY, sessionId];
      if (kind.startsWith('session_day_')) await batch([LOCK_SESSION, sessionId], ofSession);
      if (kind === 'stale_hold') await batch([LOCK_SESSION, sessionId], ...ofDay, ofSession);
      if (kind === 'stranded_hold')
        await batch([LOCK_SESSION, sessionId], [CHARGE, sessionId, fence, n], [SET_SESSION, sessionId], ...ofDay);
    },
    async days(since, userId) {
      const found = await rows<{ user_id: string; day: DayJson }>(
        'select user_id, last_day(user_id) as day from user_settings where exists (select from budget_days d where d.user_id = user_settings.user_id and d.day >= $1) and user_id = coalesce($2, user_id) order by user_id',
        since,
        userId ?? null,
      );
      return found.map(({ user_id, day }) => ({ userId: user_id, day: dayOf(day) }));
    },
    async sessions(which) {
      const values = 'id' in which ? ['', 1, which.id] : [which.after, which.limit, null];
      const found = await rows<{ id: string; user_id: string; cost: string }>(COSTS, ...values);
      return found.map(({ id, user_id, cost }) => ({ id, userId: user_id, cost: BigInt(cost) }));
    },
    async spentByDay(from, to) {
      const sums = await rows<{ day: string; cost: string }>(
        'select day::text, sum(cost)::text as cost from usage_ledger where day between $1::date and $2::date group by 1 order by 1',
        from,
        to,
      );
      return new Map(sums.map(({ day, cost }) => [day, BigInt(cost)]));
    },
  };
}

const READ_COMMITTED = { isolationLevel: 'ReadCommitted' } as const;

const driftOf = ({ kind, user_id, day, session_id, fence, n, expected, found }: Row): Drift => ({
  ...{ kind, day, n, userId: user_id, sessionId: session_id },
  fence: fence === null ? null : Number(fence),
  expected: BigInt(expected),
  found: BigInt(found),
});
