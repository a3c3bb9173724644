/** Faults of the work: G5 to G8. */
import { changed, type Plant, settings } from './plant.ts';

export const workPlants: Plant[] = [
  {
    what: 'a call has no result',
    finds: ['G5', 'G6'],
    sql: ({ work }) =>
      `update agent_messages set content = '[{"type":"text","text":"Go on."}]' where session_id = '${work}' and n = 3`,
  },
  {
    what: 'a call is not on the list',
    finds: ['G5'],
    sql: ({ work }) => `delete from tool_calls where session_id = '${work}' and call_id = 'a0'`,
  },
  {
    what: 'a call is open after the end',
    finds: ['G5'],
    sql: ({ work }) => `update tool_calls set done_at = null where session_id = '${work}' and call_id = 'a0'`,
  },
  {
    what: 'a once effect happened twice',
    finds: ['G5'],
    evidence: ({ effects }) => ({ effects: [...effects, effects.find((line) => line.class === 'once')!] }),
  },
  {
    what: 'an effect was repeated under another key',
    finds: ['G5'],
    evidence: ({ effects }) => ({
      effects: [...effects, { ...effects.find((line) => line.class === 'idempotent')!, key: 'another' }],
    }),
  },
  {
    what: 'an effect was reported and did not happen',
    finds: ['G5'],
    evidence: ({ effects }) => ({ effects: effects.filter((line) => line.class !== 'once') }),
  },
  {
    what: 'two calls share an idempotency key',
    finds: ['G5'],
    evidence: ({ effects }) => ({ effects: effects.map((line) => ({ ...line, key: 'same' })) }),
  },
  {
    what: 'a message says nothing',
    finds: ['G6'],
    sql: ({ nap }) =>
      `update agent_messages set content = '[{"type":"text","text":" "}]' where session_id = '${nap}' and n = 2`,
  },
  {
    what: 'the provider refused a history',
    finds: ['G6'],
    evidence: (_, { work }) => ({
      refusals: [
        {
          at: 0,
          session: work,
          worker: 'w1',
          status: 400,
          message: 'tool_use ids were found without tool_result blocks',
        },
      ],
    }),
  },
  {
    what: 'a session is stuck',
    finds: ['G7'],
    sql: ({ nap }) => `update agent_sessions set due_at = app_now() - interval '1 hour' where id = '${nap}'`,
  },
  {
    what: 'a sleeper has no alarm',
    finds: ['G7'],
    sql: ({ nap }) => `update agent_sessions set due_at = 'infinity' where id = '${nap}'`,
  },
  {
    what: 'a lease lasts for an hour',
    finds: ['G7'],
    sql: ({ nap }) =>
      `update agent_sessions set lease_until = clock_timestamp() + interval '1 hour' where id = '${nap}'`,
  },
  {
    what: "a lease is longer than a run's",
    finds: ['G7', 'R6'],
    evidence: (run) => settings(run, { leaseMs: 2_250 }),
    sql: ({ nap }) => `update agent_sessions set lease_until = clock_timestamp() + interval '40 s' where id = '${nap}'`,
  },
  {
    what: 'a sleeper will not be swept for longer than a run waits at most',
    finds: ['G7'],
    evidence: (run) => settings(run, { longestPauseMs: 6_000 }),
    sql: ({ nap }) => `update agent_sessions set hint_at = clock_timestamp() + interval '30 s' where id = '${nap}'`,
  },
  {
    what: 'what had ended moved',
    finds: ['G7'],
    sql: ({ work }) => changed('agent_sessions', `id = '${work}'`, '{}', '{"msg_n": 99}'),
  },
  {
    what: 'the end is not in the journal',
    finds: ['G7'],
    sql: ({ work }) =>
      `update agent_events set type = 'agent.text' where session_id = '${work}' and type = 'agent.completed'`,
  },
  {
    what: 'an entry of the journal is missing',
    finds: ['G8'],
    sql: ({ work }) => `delete from agent_events where session_id = '${work}' and seq = 2`,
  },
  {
    what: 'a message is missing',
    finds: ['G8'],
    sql: ({ nap }) => `update agent_sessions set msg_n = msg_n + 1 where id = '${nap}'`,
  },
  {
    what: 'an entry of the journal was changed',
    finds: ['G8'],
    sql: ({ nap }) =>
      `insert into witness.changes (what, was, now) select 'agent_events', to_jsonb(e), to_jsonb(e) from agent_events e where session_id = '${nap}' and seq = 1`,
  },
];
