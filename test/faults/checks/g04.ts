/** G4: each hold leaves `held` once, and evidence corrects it once; at most one settled reply per iteration. */
import { type Finder, few, never } from './run.ts';

const CHECK = 'G4';
const HOLD = `now ->> 'session_id' as session, now ->> 'fence' as fence`;

const rows = never(
  {
    check: CHECK,
    query: `select * from budget_holds where class = 'held'`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence}: ${row.amount} of ${row.day} are still held, though nobody is at work`,
  },
  {
    check: CHECK,
    query: `select coalesce(h.session_id, l.session_id) as session, coalesce(h.fence, l.fence) as fence, h.class as hold, l.class as ledger
      from budget_holds h full join (select * from usage_ledger where fence > 0) l using (session_id, fence, n)
      where (h.class = 'held') is distinct from (l.class is null) or h.class <> 'held' and h.class <> l.class`,
    says: (row) =>
      `${row.session} under fence ${row.fence}: the hold is ${row.hold ?? 'missing'}, its ledger row ${row.ledger ?? 'missing'}`,
  },
  {
    check: CHECK,
    query: `select ${HOLD}, was ->> 'class' as was, now ->> 'class' as now from witness.changes where what = 'budget_holds' and was is not null and now is not null
      and ((was ->> 'class'), (now ->> 'class')) not in (('held', 'settled'), ('held', 'unknown'), ('unknown', 'settled')) order by i`,
    says: (row) => `${row.session} under fence ${row.fence}: the hold went from ${row.was} to ${row.now}`,
  },
  {
    check: CHECK,
    query: `select ${HOLD}, count(*) as times from witness.changes where what = 'usage_ledger' and was is not null and now is not null
      group by 1, 2 having count(*) > 1 or bool_or(was ->> 'class' = 'settled')`,
    says: (row) =>
      `${row.session} under fence ${row.fence}: its charge was changed ${row.times} times, also after it was settled`,
  },
  {
    check: CHECK,
    query: `select id, iteration, count(m.n) as replies from agent_sessions s left join agent_messages m on m.session_id = s.id and m.role = 'assistant'
      group by id having iteration <> count(m.n)`,
    says: (row) => `${row.id} counts ${row.iteration} iterations, but has ${row.replies} replies`,
  },
  {
    check: CHECK,
    query: `select session_id, fence, count(*) as replies from agent_messages where role = 'assistant' group by 1, 2 having count(*) > 1`,
    says: (row) => `${row.session_id} under fence ${row.fence}: ${row.replies} replies were stored`,
  },
  {
    check: CHECK,
    query: `select m.session_id, m.fence, m.n, h.class from agent_messages m left join budget_holds h using (session_id, fence)
      where m.role = 'assistant' and h.class is distinct from 'settled' and coalesce((select cost from usage_ledger l
        where l.session_id = m.session_id and l.fence = m.fence limit 1), 0) = 0`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence}: reply ${row.n} is stored, but its call is ${row.class ?? 'unknown to the books'}`,
  },
  {
    check: CHECK,
    query: `select h.session_id, h.fence, h.prompt_n, m.n from budget_holds h join agent_messages m on m.session_id = h.session_id and m.role = 'assistant'
      and m.n > h.prompt_n and m.fence < h.fence`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence} bought a reply on ${row.prompt_n} messages, though reply ${row.n} was stored before`,
  },
);

/** One call under each hold: a retry behind our back would be served twice and charged once. */
const calls: Finder = async ({ bill }) => {
  const lines = new Map<string, string[]>();
  for (const { session, fence, request } of bill) {
    const hold = `${session} under fence ${fence}`;
    lines.set(hold, [...(lines.get(hold) ?? []), request]);
  }
  return few(
    CHECK,
    [...lines].flatMap(([hold, requests]) =>
      requests.length > 1
        ? [{ what: `${hold}: ${requests.length} calls were served under one hold (${requests.join(', ')})` }]
        : [],
    ),
  );
};

export const g04: Finder = async (run) => [...(await rows(run)), ...(await calls(run))];
