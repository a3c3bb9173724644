/** Faults of owners, users and caps: G9 to G12. */
import { changed, type Plant, settings } from './plant.ts';

export const ownerPlants: Plant[] = [
  {
    what: 'a fence was left out',
    finds: ['G9'],
    sql: ({ nap }) =>
      changed('agent_sessions', `id = '${nap}'`, '{"fence": 5, "attempts": 0}', '{"fence": 7, "attempts": 1}'),
  },
  {
    what: 'an old owner saved',
    finds: ['G9'],
    sql: ({ nap }) =>
      changed('agent_sessions', `id = '${nap}'`, '{"fence": 9, "saved_fence": 7}', '{"fence": 9, "saved_fence": 8}'),
  },
  {
    what: 'a session was claimed while its owner lived',
    finds: ['G9'],
    sql: ({ nap }) =>
      changed(
        'agent_sessions',
        `id = '${nap}'`,
        '{"fence": 1, "attempts": 0, "lease_until": "2099-01-01T00:00:00Z"}',
        '{"fence": 2, "attempts": 1}',
      ),
  },
  {
    what: 'an old owner held money',
    finds: ['G9'],
    sql: ({ nap }) => changed('budget_holds', `session_id = '${nap}'`, 'null', '{"fence": 8}'),
  },
  {
    what: 'a checkpoint is of an owner to come',
    finds: ['G9'],
    sql: ({ work }) => `update agent_checkpoints set fence = 1000 where session_id = '${work}'`,
  },
  {
    what: 'two workers had the same fence',
    finds: ['G9'],
    evidence: ({ claims }) => ({ claims: [...claims, { ...claims[0]!, worker: 'another' }] }),
  },
  {
    what: "a row is another user's",
    finds: ['G10'],
    sql: ({ paid, user }) => `update session_inbox set user_id = '${user}' where session_id = '${paid}'`,
  },
  {
    what: 'a secret stands in the journal',
    finds: ['G10'],
    sql: ({ nap }) =>
      `update agent_events set data = '{"key": "canary-key-5f1c"}' where session_id = '${nap}' and seq = 1`,
  },
  {
    what: 'a secret stands in a log',
    finds: ['G10'],
    evidence: () => ({ logs: [{ file: 'w1', text: 'authorization: canary-key-5f1c' }] }),
  },
  {
    what: "a person's words stand in another session",
    finds: ['G10'],
    sql: ({ nap }) =>
      `update agent_messages set content = '[{"type":"text","text":"Mind the third of May."}]' where session_id = '${nap}' and n = 2`,
  },
  {
    what: 'a stranger was obeyed',
    finds: ['G10'],
    evidence: (run) => settings(run, { intrusions: [{ user: 'a stranger', session: 'ses_1' }] }),
  },
  {
    what: 'more iterations were made than allowed',
    finds: ['G11'],
    sql: ({ work }) => `update agent_sessions set max_iterations = 2 where id = '${work}'`,
  },
  {
    what: "a session's own cap was passed",
    finds: ['G11'],
    sql: ({ work }) => `update agent_sessions set max_cost_microdollars = 1 where id = '${work}'`,
  },
  {
    what: 'a session was claimed too often',
    finds: ['G11'],
    sql: ({ work }) => `update session_days set fence = fence - 20000 where session_id = '${work}'`,
  },
  {
    what: 'an agent was not told that the day ends',
    finds: ['G11'],
    sql: ({ work }) =>
      `update agent_events set type = 'agent.winding_down' where session_id = '${work}' and type = 'agent.thinking' and fence = 1`,
  },
  {
    what: 'a charge without a word of the provider is booked as certain',
    finds: ['G12'],
    sql: ({ work }) => `update usage_ledger set usage = null where session_id = '${work}' and fence = 1`,
  },
  {
    what: 'an unknown charge is not in the journal',
    finds: ['G12'],
    sql: ({ dead }) => `update agent_events set data = '{}' where session_id = '${dead}' and type = 'agent.retrying'`,
  },
  {
    what: "a dead owner's hold was booked as certain",
    finds: ['G12'],
    sql: ({ dead }) =>
      `update witness.changes set now = now || '{"class": "settled"}' where what = 'budget_holds' and was is not null and now ->> 'session_id' = '${dead}' and now ->> 'fence' = '1'`,
  },
];
