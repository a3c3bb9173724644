/** G11: iterations, model calls and claims stay within their caps; and so do the last iterations of a day, of which the agent is told. */
import { type Finder, never } from './run.ts';

const CHECK = 'G11';
/** Of the wind-down notice (lib/core/runtime-messages.ts). */
const NOTICE = `'%[runtime] Today''s allowance does not reach much further%'`;
const MOST_ITERATIONS_OF_A_WIND_DOWN = 3;

export const g11: Finder = never(
  {
    check: CHECK,
    query: `select id, iteration, max_iterations from agent_sessions where iteration > max_iterations`,
    says: (row) => `${row.id} made ${row.iteration} iterations of at most ${row.max_iterations}`,
  },
  {
    check: CHECK,
    query: `select s.id, s.cost_microdollars as cost, s.max_cost_microdollars as most
      from agent_sessions s left join budget_holds h on h.session_id = s.id
      left join usage_ledger l on l.session_id = h.session_id and l.fence = h.fence and l.n = h.n
      where s.max_cost_microdollars is not null group by s.id
      having s.cost_microdollars > s.max_cost_microdollars + coalesce(sum(greatest(0, l.cost - h.amount)), 0)`,
    says: (row) => `${row.id} cost ${row.cost}, above its own cap of ${row.most}`,
  },
  {
    check: CHECK,
    query: `select s.id, s.fence - d.fence as claims, b.claims_per_day, d.day from agent_sessions s join session_days d on d.session_id = s.id, operator_limits b
      where s.fence - d.fence > b.claims_per_day + 1`,
    says: (row) => `${row.id} was claimed ${row.claims} times on ${row.day}, where ${row.claims_per_day} are allowed`,
  },
  {
    check: CHECK,
    query: `select session_id, fence, n from budget_holds where n > 1`,
    says: (row) => `${row.session_id} under fence ${row.fence}: one invocation asked for money ${row.n} times`,
  },
  {
    check: CHECK,
    query: `select e.session_id, e.fence, e.at from agent_events e where e.type = 'agent.winding_down'
      and exists (select from agent_messages m where m.session_id = e.session_id and m.fence = e.fence and m.role = 'assistant')
      and not exists (select from agent_messages m where m.session_id = e.session_id and m.fence = e.fence and m.content::text like ${NOTICE})`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence} began to wind down at ${row.at}, but its agent was not told`,
  },
  {
    check: CHECK,
    // Money that comes in the midst of the day ends a wind-down, and another may begin: only those told after it are counted.
    query: `select session_id, (at at time zone 'UTC')::date as day, count(*) as times from agent_messages m where m.role = 'user' and m.content::text like ${NOTICE}
        and not exists (select from session_inbox i where i.session_id = m.session_id and i.at::date = m.at::date)
        and not exists (select from witness.changes told join witness.changes money on money.what = 'budget_days' and money.i > told.i
            and money.was ->> 'allowance' <> money.now ->> 'allowance'
            and money.now ->> 'user_id' = m.user_id and (money.now ->> 'day')::date = (m.at at time zone 'UTC')::date
          where told.what = 'agent_messages' and told.now ->> 'session_id' = m.session_id and (told.now ->> 'n')::int = m.n)
      group by 1, 2 having count(*) > ${MOST_ITERATIONS_OF_A_WIND_DOWN}`,
    says: (row) => `${row.session_id} made ${row.times} iterations on ${row.day} after it was told to wind down`,
  },
);
