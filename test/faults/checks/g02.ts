/** G2: Σ ledger = spent, Σ open holds = held; of every session too. */
import { never } from './run.ts';

const CHECK = 'G2';

export const g02 = never(
  {
    check: CHECK,
    query: `select d.user_id, d.day, d.spent, coalesce(sum(l.cost), 0) as ledger from budget_days d left join usage_ledger l using (user_id, day)
      group by d.user_id, d.day having d.spent <> coalesce(sum(l.cost), 0)`,
    says: (row) => `${row.user_id} on ${row.day}: ${row.spent} are spent, but the ledger's rows sum to ${row.ledger}`,
  },
  {
    check: CHECK,
    query: `select d.user_id, d.day, d.held, coalesce(sum(h.amount), 0) as open
      from budget_days d left join budget_holds h on h.user_id = d.user_id and h.day = d.day and h.class = 'held'
      group by d.user_id, d.day having d.held <> coalesce(sum(h.amount), 0)`,
    says: (row) => `${row.user_id} on ${row.day}: ${row.held} are held, but the open holds sum to ${row.open}`,
  },
  {
    check: CHECK,
    query: `select s.id, s.cost_microdollars as cost, coalesce(sum(l.cost), 0) as ledger from agent_sessions s
      left join usage_ledger l on l.session_id = s.id group by s.id having s.cost_microdollars <> coalesce(sum(l.cost), 0)`,
    says: (row) => `${row.id} says that it cost ${row.cost}, but its ledger sums to ${row.ledger}`,
  },
  {
    check: CHECK,
    query: `select was ->> 'session_id' as session, was ->> 'fence' as fence, was ->> 'cost' as cost from witness.changes
      where what = 'usage_ledger' and now is null order by i`,
    says: (row) => `${row.session} under fence ${row.fence}: its ledger row of ${row.cost} was deleted`,
  },
);
