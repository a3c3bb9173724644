/** G8: journal numbers are gap-free and rising, and what was written stays; so do the messages. */
import { type Finder, never } from './run.ts';

const CHECK = 'G8';

export const g08: Finder = never(
  {
    check: CHECK,
    query: `select s.id, s.seq, count(e.seq) as entries, max(e.seq) as last from agent_sessions s left join agent_events e on e.session_id = s.id
      group by s.id having s.seq <> count(e.seq) or s.seq <> coalesce(max(e.seq), 0)`,
    says: (row) =>
      `${row.id}: the counter stands at ${row.seq}, but the journal has ${row.entries} entries up to ${row.last}`,
  },
  {
    check: CHECK,
    query: `select s.id, s.msg_n, count(m.n) as messages, max(m.n) as last from agent_sessions s left join agent_messages m on m.session_id = s.id
      group by s.id having s.msg_n <> count(m.n) or s.msg_n <> coalesce(max(m.n), 0)`,
    says: (row) =>
      `${row.id}: the counter stands at ${row.msg_n}, but there are ${row.messages} messages up to ${row.last}`,
  },
  {
    check: CHECK,
    query: `select c.was ->> 'session_id' as session, c.what, coalesce(c.was ->> 'seq', c.was ->> 'n') as n, c.now is null as gone from witness.changes c
      where c.what in ('agent_events', 'agent_messages') and c.was is not null
        and exists (select from agent_sessions s where s.id = c.was ->> 'session_id' and s.deleted_at is null) order by i`,
    says: (row) =>
      `${row.session}: number ${row.n} of ${row.what} was ${row.gone === 't' ? 'deleted' : 'changed'} after it was written`,
  },
  {
    check: CHECK,
    query: `select session, seq, before from (select now ->> 'session_id' as session, (now ->> 'seq')::bigint as seq,
        lag((now ->> 'seq')::bigint) over (partition by now ->> 'session_id' order by i) as before
        from witness.changes where what = 'agent_events' and was is null) written where seq <> before + 1`,
    says: (row) =>
      `${row.session}: the entry ${row.seq} was written after ${row.before}, so a reader that had come so far missed one`,
  },
);
