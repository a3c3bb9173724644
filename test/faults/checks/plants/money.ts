/** Faults of the money: G1 to G4. */
import { changed, type Plant } from './plant.ts';

export const moneyPlants: Plant[] = [
  {
    what: 'a hold was granted beyond the ceiling',
    finds: ['G1'],
    sql: ({ work }) => `alter table budget_holds drop constraint within_the_ceiling;
      update budget_holds set committed = ceiling + 1 where session_id = '${work}' and fence = 1`,
  },
  {
    what: 'for a moment more was held than the ceiling allows',
    finds: ['G1'],
    sql: ({ user }) => changed('budget_days', `user_id = '${user}'`, '{"held": 0}', '{"held": 9000000}'),
  },
  {
    what: 'the provider billed more than was booked',
    finds: ['G1', 'G3'],
    evidence: ({ bill }) => ({
      bill: bill.map((line, i) => (i === 0 ? { ...line, cost: line.cost + 1_000_000 } : line)),
    }),
  },
  {
    what: 'the provider billed a call that nobody held money for',
    finds: ['G1', 'G3'],
    evidence: ({ bill }) => ({ bill: [...bill, { ...bill[0]!, request: 'another', fence: null }] }),
  },
  {
    what: 'the provider billed a call before money was held for it',
    finds: ['G1'],
    sql: ({
      work,
      user,
    }) => `update witness.changes set at = at + interval '1 minute' where what = 'budget_days' and now ->> 'user_id' = '${user}'
      and i >= (select min(d.i) from witness.changes d join witness.changes l on l.what = 'usage_ledger' and l.now ->> 'session_id' = '${work}' and l.now ->> 'fence' = '1'
        where d.what = 'budget_days' and d.now ->> 'user_id' = '${user}' and (d.now ->> 'held')::bigint > 0 and d.i > l.i)`,
  },
  {
    what: 'a day has spent more than its ledger',
    finds: ['G2'],
    sql: ({ user }) => `update budget_days set spent = spent + 1 where user_id = '${user}'`,
  },
  {
    what: 'a day holds more than its holds',
    finds: ['G2'],
    sql: ({ user }) => `update budget_days set held = held + 1 where user_id = '${user}'`,
  },
  {
    what: 'a session cost more than its ledger',
    finds: ['G2'],
    sql: ({ work }) => `update agent_sessions set cost_microdollars = cost_microdollars + 1 where id = '${work}'`,
  },
  {
    what: 'a ledger row was deleted',
    finds: ['G2'],
    sql: ({ work }) =>
      `insert into witness.changes (what, was) select 'usage_ledger', to_jsonb(l) from usage_ledger l where session_id = '${work}' and fence = 1`,
  },
  {
    what: 'a microdollar too much was charged',
    finds: ['G3'],
    sql: ({ work, user }) => `update usage_ledger set cost = cost + 1 where session_id = '${work}' and fence = 1;
      update agent_sessions set cost_microdollars = cost_microdollars + 1 where id = '${work}'; update budget_days set spent = spent + 1 where user_id = '${user}'`,
  },
  {
    what: 'a call was charged by the bill of another',
    finds: ['G3'],
    sql: ({ work }) =>
      `update usage_ledger set usage = (select usage from usage_ledger where session_id = '${work}' and fence = 2) where session_id = '${work}' and fence = 1`,
  },
  {
    what: 'a hold was left open',
    finds: ['G4'],
    sql: ({
      work,
      user,
    }) => `insert into budget_holds select (h).* from (select jsonb_populate_record(h, '{"fence": 77, "class": "held", "amount": 5, "prompt_n": 99}') as h
      from budget_holds h where session_id = '${work}' and fence = 1) x; update budget_days set held = held + 5 where user_id = '${user}'`,
  },
  {
    what: 'a hold and its charge disagree',
    finds: ['G4'],
    sql: ({ work }) => `update budget_holds set class = 'unknown' where session_id = '${work}' and fence = 1`,
  },
  {
    what: 'a hold was resolved twice',
    finds: ['G4'],
    sql: ({ work }) =>
      changed('budget_holds', `session_id = '${work}' and fence = 1`, '{"class": "settled"}', '{"class": "unknown"}'),
  },
  {
    what: 'a settled charge was changed',
    finds: ['G4'],
    sql: ({ work }) =>
      changed('usage_ledger', `session_id = '${work}' and fence = 1`, '{"class": "settled"}', '{"cost": 1}'),
  },
  {
    what: 'an iteration was counted twice',
    finds: ['G4'],
    sql: ({ work }) => `update agent_sessions set iteration = iteration + 1 where id = '${work}'`,
  },
  {
    what: 'two replies came of one call',
    finds: ['G4'],
    sql: ({ work }) => `update agent_messages set fence = 1 where session_id = '${work}' and fence = 2`,
  },
  {
    what: 'two calls were served under one hold',
    finds: ['G4'],
    evidence: ({ bill }) => ({ bill: [...bill, { ...bill[0]!, request: 'again', cost: 0 }] }),
  },
];
