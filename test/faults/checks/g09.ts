/** G9: fences rise by one, and no write by an old owner takes effect. */
import type { Violation } from '../evidence.ts';
import { type Finder, few, never } from './run.ts';

const CHECK = 'G9';
const SESSION = `now ->> 'id' as id, was ->> 'fence' as was, now ->> 'fence' as fence, now ->> 'saved_fence' as saved, was ->> 'saved_fence' as saved_before`;

const rows = never(
  {
    check: CHECK,
    query: `select ${SESSION} from witness.changes where what = 'agent_sessions' and was is not null and now is not null
      and (now ->> 'fence')::bigint - (was ->> 'fence')::bigint not in (0, 1) order by i`,
    says: (row) => `${row.id}: its fence went from ${row.was} to ${row.fence}`,
  },
  {
    check: CHECK,
    query: `select ${SESSION} from witness.changes where what = 'agent_sessions' and was is not null and now ->> 'saved_fence' <> was ->> 'saved_fence'
      and (now ->> 'saved_fence' <> now ->> 'fence' or (now ->> 'saved_fence')::bigint <= (was ->> 'saved_fence')::bigint) order by i`,
    says: (row) =>
      `${row.id}: a save by fence ${row.saved} took effect when fence ${row.fence} owned it and fence ${row.saved_before} had saved`,
  },
  {
    check: CHECK,
    query: `select now ->> 'id' as id, now ->> 'fence' as fence, was ->> 'lease_until' as lease, at from witness.changes where what = 'agent_sessions'
      and was is not null and (now ->> 'fence')::bigint > (was ->> 'fence')::bigint and (was ->> 'lease_until')::timestamptz > at order by i`,
    says: (row) =>
      `${row.id} was claimed by fence ${row.fence} at ${row.at}, though its owner's lease lasted until ${row.lease}`,
  },
  {
    check: CHECK,
    query: `select now ->> 'session_id' as session, what, now ->> 'fence' as fence, owner, saved from witness.changes
      where what in ('budget_holds', 'agent_messages', 'agent_events') and was is null and (now ->> 'fence')::bigint <> owner
        or what = 'budget_holds' and was is null and saved >= (now ->> 'fence')::bigint order by i`,
    says: (row) =>
      `${row.session}: fence ${row.fence} wrote to ${row.what} when fence ${row.owner} owned it and fence ${row.saved} had saved`,
  },
  {
    check: CHECK,
    query: `select now ->> 'session_id' as session, now ->> 'call_id' as call, now ->> 'started_by' as fence, owner from witness.changes
      where what = 'tool_calls' and was ->> 'started_by' is null and (now ->> 'started_by')::bigint <> owner order by i`,
    says: (row) => `${row.session}: fence ${row.fence} started the call ${row.call} when fence ${row.owner} owned it`,
  },
  {
    check: CHECK,
    query: `select m.session_id, m.fence, m.n from agent_messages m where m.role = 'assistant'
      and not exists (select from budget_holds h where h.session_id = m.session_id and h.fence = m.fence)`,
    says: (row) =>
      `${row.session_id}: reply ${row.n} was written under fence ${row.fence}, which never asked for money: it is another owner's`,
  },
  {
    check: CHECK,
    query: `select s.id, s.fence, max(c.fence) as checkpoint from agent_sessions s join agent_checkpoints c on c.session_id = s.id
      group by s.id having max(c.fence) > s.fence`,
    says: (row) => `${row.id} is at fence ${row.fence}, but its checkpoint was written by fence ${row.checkpoint}`,
  },
);

/** A fence was given to one worker only. */
const claims: Finder = async ({ claims }) => {
  const workers = new Map<string, Set<string>>();
  for (const { session, fence, worker } of claims) {
    const claim = `${session} under fence ${fence}`;
    workers.set(claim, (workers.get(claim) ?? new Set()).add(worker));
  }
  const shared = [...workers].filter(([, who]) => who.size > 1);
  return few(
    CHECK,
    shared.map(([claim, who]) => ({ what: `${claim} was given to ${who.size} workers: ${[...who].join(', ')}` })),
  );
};

export const g09: Finder = async (run): Promise<Violation[]> => [...(await rows(run)), ...(await claims(run))];
