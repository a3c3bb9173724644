/**
 * G7: every session that has not ended has a `due_at`, `infinity` only where a user must act, and has moved; one that has ended never
 * moves. Read once nobody is at work and nothing is due: whoever is overdue then is stuck.
 */
import type { Settings } from '../evidence.ts';
import { type Finder, type Never, never } from './run.ts';

const CHECK = 'G7';
const MOMENT_MS = 1_000;
const STANDING = `s.id, s.state, s.due_at, s.lease_until, s.attempts, s.inbox_n, s.inbox_taken, s.desired, app_now() as now`;

/** A lease and a pause between two hints are the run's own; clocks and requests take a moment. */
const waits = ({ leaseMs, longestPauseMs }: Settings): Never[] => [
  {
    check: CHECK,
    query: `select ${STANDING} from agent_sessions s where state <> 'ended' and hint_at > clock_timestamp() + interval '${longestPauseMs + MOMENT_MS} ms'`,
    says: (row) => `${row.id} will not be swept for more than ${longestPauseMs} ms, however due it is`,
  },
  {
    check: CHECK,
    query: `select ${STANDING} from agent_sessions s where lease_until > clock_timestamp() + interval '${leaseMs + MOMENT_MS} ms'`,
    says: (row) => `${row.id} is leased until ${row.lease_until}: whoever dies now keeps it for longer than a lease`,
  },
];

const standings = never(
  {
    check: CHECK,
    query: `select ${STANDING} from agent_sessions s where state <> 'ended' and (due_at is null or due_at <= app_now())`,
    says: (row) =>
      `${row.id} is ${row.state} and stuck: it was due at ${row.due_at}, it is ${row.now}, and nobody took it up`,
  },
  {
    check: CHECK,
    query: `select ${STANDING}, u.wake_policy from agent_sessions s join user_settings u using (user_id) where s.due_at = 'infinity'
      and not (state in ('waiting', 'paused') or state in ('sleeping', 'exceeded') and u.wake_policy = 'manual')`,
    says: (row) =>
      `${row.id} is ${row.state} for ever, although no person needs to act (wake policy ${row.wake_policy})`,
  },
  {
    check: CHECK,
    query: `select ${STANDING}, s.sleep_until from agent_sessions s where state in ('sleeping', 'exceeded') and due_at > sleep_until`,
    says: (row) => `${row.id} sleeps until ${row.sleep_until}, but is due only at ${row.due_at}`,
  },
  {
    check: CHECK,
    query: `select ${STANDING} from agent_sessions s where state = 'ready' and due_at > app_now() + interval '16 minutes'`,
    says: (row) => `${row.id} is ready, but is due only at ${row.due_at} (it is ${row.now})`,
  },
  {
    check: CHECK,
    query: `select now ->> 'id' as id, key, was ->> key as was, now ->> key as now from witness.changes,
        unnest('{state,outcome,fence,saved_fence,seq,msg_n,iteration,due_at,inbox_taken}'::text[]) key
      where what = 'agent_sessions' and was ->> 'state' = 'ended' and now is not null and was -> key is distinct from now -> key order by i`,
    says: (row) => `${row.id} had ended, but its ${row.key} went from ${row.was} to ${row.now}`,
  },
  {
    check: CHECK,
    query: `select s.id, count(e.seq) as ends, max(e.seq) as last, s.seq, s.state from agent_sessions s
      left join agent_events e on e.session_id = s.id and e.type in ('agent.completed', 'agent.cancelled', 'agent.failed')
      group by s.id having count(e.seq) <> (s.state = 'ended')::int or max(e.seq) < s.seq`,
    says: (row) =>
      `${row.id} is ${row.state}, and its journal tells of ${row.ends} ends, the last as number ${row.last} of ${row.seq}`,
  },
);

export const g07: Finder = async (run) => [
  ...(await standings(run)),
  ...(await never(...waits(run.evidence.settings))(run)),
];
