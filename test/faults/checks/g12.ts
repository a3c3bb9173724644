/** G12: the money charged for unknown outcomes is reported apart. */
import { type Finder, never, type Rows } from './run.ts';

const CHECK = 'G12';

/** Holds that a claim charged, with the fence of that claim: the next change of the session raised its fence. */
const CHARGED = `(select c.now ->> 'session_id' as session, (c.now ->> 'fence')::bigint as fence, c.now ->> 'amount' as amount, c.now ->> 'class' as class, next.fence as by
  from witness.changes c cross join lateral (select (s.was ->> 'fence')::bigint as before, (s.now ->> 'fence')::bigint as fence from witness.changes s
    where s.what = 'agent_sessions' and s.i > c.i and s.now ->> 'id' = c.now ->> 'session_id' order by s.i limit 1) next
  where c.what = 'budget_holds' and c.was ->> 'class' = 'held' and c.now is not null and next.fence > next.before)`;

export const g12: Finder = never(
  {
    check: CHECK,
    query: `select session_id, fence, cost from usage_ledger where class = 'settled' and cost > 0 and usage is null`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence}: ${row.cost} are booked as certain, though the provider never said what it took`,
  },
  {
    check: CHECK,
    query: `select * from ${CHARGED} c where class <> 'unknown'`,
    says: (row) =>
      `${row.session} under fence ${row.fence}: ${row.amount} of a dead owner were charged as ${row.class}, not as unknown`,
  },
  {
    check: CHECK,
    query: `select * from ${CHARGED} c where class = 'unknown' and exists (select from agent_sessions s where s.id = c.session and s.deleted_at is null)
      and not exists (select from agent_events e where e.session_id = c.session and e.fence = c.by and e.type = 'agent.retrying'
        and e.data ->> 'reason' = 'outcome_unknown' and e.data ->> 'cost_microdollars' = c.amount)`,
    says: (row) =>
      `${row.session} under fence ${row.fence}: ${row.amount} were charged as unknown by fence ${row.by}, and the journal says nothing of it`,
  },
);

/** What safety costs: microdollars charged for calls of which nobody knows the bill, beside all that was charged. For the report. */
export async function unknownCharged(
  rows: Rows,
): Promise<{ unknown: bigint; charged: bigint; calls: number; unknownCalls: number }> {
  const [row] =
    await rows(`select coalesce(sum(cost) filter (where class = 'unknown'), 0) as unknown, coalesce(sum(cost), 0) as charged,
    count(*) as calls, count(*) filter (where class = 'unknown') as unknown_calls from usage_ledger`);
  return {
    unknown: BigInt(row!.unknown!),
    charged: BigInt(row!.charged!),
    calls: Number(row!.calls),
    unknownCalls: Number(row!.unknown_calls),
  };
}
