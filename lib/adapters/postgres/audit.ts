/** The Audit port: comparisons a page at a time (audit-find.ts), repairs as batches that lock first and read then (R1), in the one lock order (R3). */
import type { Audit, Discrepancy } from '../../ports/index.ts';
import { type DiscrepancyRow, findPage } from './audit-find.ts';
import type { Database } from './connect.ts';

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
/** The days by whose rows those are found that moved within the last 25 hours; a day may be ahead of the clock. */
const LATELY = `generate_series((app_now() - interval '25 hours')::date - 1, (app_now() at time zone 'UTC')::date + 1, interval '1 day')`;
/** `unowned`: nobody owns the session, and it has moved. The cost of one that is owned may be about to change. */
const COSTS = `select s.id, s.user_id, s.cost_microdollars::text as cost,
    (s.fence = s.saved_fence and s.updated_at > app_now() - interval '25 hours')::text as unowned
  from (select o.session_id from ${LATELY} d, lateral (select session_id from session_days where day = d::date and session_id > $1
      order by session_id limit $2) o order by 1 limit $2) o
    join agent_sessions s on s.id = o.session_id order by 1`;
const COST = `select id, user_id, cost_microdollars::text as cost from agent_sessions where id = $1 and fence = saved_fence`;
/** Only if it is open still: a hold is resolved once. */
const CHARGE = `select close_hold(session_id, fence, n, null, 'unknown') from budget_holds
  where session_id = $1 and fence = $2 and n = $3 and class = 'held'`;

type CostJson = { id: string; user_id: string; cost: string };

export function postgresAudit({ sql, repeat }: Database): Audit {
  const rows = <T>(text: string, ...values: unknown[]) => repeat(() => sql.query(text, values)) as Promise<T[]>;
  const batch = (...queries: [text: string, ...values: unknown[]][]) =>
    repeat(() =>
      sql.transaction(
        queries.map(([text, ...values]) => sql.query(text, values)),
        READ_COMMITTED,
      ),
    );
  return {
    async find(page) {
      const { drifts, next } = await findPage(rows, page);
      return { drifts: drifts.map(driftOf), next };
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
    async sessions({ after, limit }) {
      const looked = await rows<CostJson & { unowned: string }>(COSTS, after, limit);
      const next = looked.length === limit ? looked.at(-1)!.id : null;
      return { data: looked.filter(({ unowned }) => unowned === 'true').map(costOf), next };
    },
    async session(id) {
      return (await rows<CostJson>(COST, id)).map(costOf)[0] ?? null;
    },
    async spentByDay(from, to) {
      const sums = await rows<{ day: string; cost: string }>(
        'select day::text, sum(spent)::text as cost from budget_days where day between $1::date and $2::date group by 1 order by 1',
        from,
        to,
      );
      return new Map(sums.map(({ day, cost }) => [day, BigInt(cost)]));
    },
  };
}

const READ_COMMITTED = { isolationLevel: 'ReadCommitted' } as const;

const costOf = ({ id, user_id, cost }: CostJson) => ({ id, userId: user_id, cost: BigInt(cost) });

const driftOf = ({ kind, user_id, day, session_id, fence, n, expected, found }: DiscrepancyRow): Discrepancy => ({
  ...{ kind, day, n, userId: user_id, sessionId: session_id },
  fence: fence === null ? null : Number(fence),
  expected: BigInt(expected),
  found: BigInt(found),
});
