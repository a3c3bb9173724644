/** Faults against the rules that leave a trace of their own. */
import { changed, type Plant, settings } from './plant.ts';

/** A worker's log of an invocation that failed. */
const failedBy = (message: string) => ({
  file: 'w1.log',
  text: `${JSON.stringify({ level: 'error', message: 'invocation failed', session: 'ses_1', messageId: '1', error: { name: 'TypeError', message } })}\n`,
});

const waitsUnread = (session: string) =>
  `update agent_sessions set state = 'waiting', sleep_reason = null, sleep_until = null, inbox_n = inbox_taken + 1 where id = '${session}'`;

export const rulePlants: Plant[] = [
  {
    what: 'a deadlock before the server crashed, whose counter then began anew',
    finds: ['R3'],
    evidence: ({ logs }) => ({
      logs: [...logs, { file: 'postgres.log', text: '2026-11-10 08:00:00 UTC [7] ERROR:  deadlock detected\n' }],
    }),
  },
  {
    what: 'the code itself threw',
    finds: ['R11'],
    evidence: ({ logs }) => ({
      logs: [...logs, failedBy('maxTokens must be a whole number from 0, not 204.8')],
    }),
  },
  {
    what: 'no fault: a request failed',
    finds: [],
    evidence: ({ logs }) => ({ logs: [...logs, failedBy('fetch failed')] }),
  },
  {
    what: 'a payment was lost',
    finds: ['R4'],
    evidence: (run) => settings(run, { payments: [{ user: 'nobody', key: 'key', amount: 5n }] }),
  },
  {
    what: 'a message came in twice',
    finds: ['R4'],
    sql: ({ paid }) =>
      `insert into session_inbox select session_id, n + 1, user_id, at, content from session_inbox where session_id = '${paid}'`,
  },
  {
    what: 'a message was not read',
    finds: ['R5'],
    sql: ({ work }) => `update agent_sessions set inbox_taken = 0 where id = '${work}'`,
  },
  {
    what: 'a session that waits for an answer has not read the one that it got',
    finds: ['R5'],
    sql: ({ nap }) => waitsUnread(nap),
  },
  {
    what: 'no fault: a session that no whole day can pay for waits with a message',
    finds: [],
    sql: ({ nap }) =>
      `${waitsUnread(nap)}; update agent_checkpoints set agent_state = jsonb_set(agent_state::jsonb, '{unaffordable}', 'true') where session_id = '${nap}'`,
  },
  {
    what: 'a cancel was not heard',
    finds: ['R5'],
    sql: ({ nap }) => `update agent_sessions set desired = 'cancel' where id = '${nap}'`,
  },
  {
    what: 'a session that was cancelled completed all the same',
    finds: ['R5'],
    evidence: (run) => settings(run, { cancelled: run.evidence.settings.sessions.map(({ id }) => id) }),
  },
  {
    what: 'an owner that knew of a pause held money',
    finds: ['R5'],
    sql: ({ nap }) => `update witness.changes set now = now || '{"desired": "pause"}'
      where what = 'agent_sessions' and now ->> 'id' = '${nap}' and was ->> 'fence' <> now ->> 'fence'`,
  },
  {
    what: 'a session was suspended with an unseen command',
    finds: ['R5'],
    sql: ({ nap }) =>
      changed(
        'agent_sessions',
        `id = '${nap}'`,
        '{"fence": 9, "saved_fence": 8, "command_seq": 3, "command_seen": 2}',
        '{"fence": 9, "saved_fence": 9, "command_seq": 3, "command_seen": 2}',
      ),
  },
  {
    what: 'commands were counted as seen',
    finds: ['R5'],
    sql: ({ nap }) => changed('agent_sessions', `id = '${nap}'`, '{"command_seen": 1}', '{"command_seen": 2}'),
  },
  {
    what: 'a lease was made too long',
    finds: ['R6'],
    sql: ({ nap }) => changed('agent_sessions', `id = '${nap}'`, '{}', '{"lease_until": "2099-01-01T00:00:00Z"}'),
  },
  {
    what: 'a closed day took a hold',
    finds: ['R8'],
    sql: ({ user }) =>
      `${changed('budget_days', `user_id = '${user}'`, 'null', '{"day": "2026-11-11"}')}; ${changed('budget_days', `user_id = '${user}'`, '{"held": 0}', '{"held": 5}')}`,
  },
  {
    what: 'an allowance is more than its share',
    finds: ['R8'],
    sql: ({ user }) =>
      `update budget_days set allowance = allowance * 2, ceiling = ceiling * 2 where user_id = '${user}'`,
  },
  {
    what: 'a renewal carried money that was never topped up',
    finds: ['R8'],
    sql: ({ user }) =>
      `update user_settings set carried_microdollars = carried_microdollars + 1000000000 where user_id = '${user}'`,
  },
  {
    what: 'a renewal lost its day',
    finds: ['R9'],
    sql: ({ user }) => `update user_settings set renewal_anchor_day = 5 where user_id = '${user}'`,
  },
  {
    what: 'a cycle was begun anew',
    finds: ['R9'],
    sql: ({ user }) => changed('user_settings', `user_id = '${user}'`, '{}', '{"cycle_start": "2026-11-15"}'),
  },
  {
    what: 'a claim was not counted',
    finds: ['R11'],
    sql: ({ nap }) =>
      changed('agent_sessions', `id = '${nap}'`, '{"fence": 1, "attempts": 2}', '{"fence": 2, "attempts": 2}'),
  },
  {
    what: 'a poison session was paid for',
    finds: ['R11'],
    sql: ({ nap }) =>
      `${changed('agent_sessions', `id = '${nap}'`, '{"attempts": 6}', '{"attempts": 6}')}; ${changed('budget_holds', `session_id = '${nap}'`, 'null', '{"fence": 1}')}`,
  },
  {
    what: 'less was granted than is of use',
    finds: ['R12'],
    sql: ({ nap }) =>
      `${changed('budget_holds', `session_id = '${nap}'`, 'null', '{"fence": 1, "amount": 5}')}; ${changed('agent_sessions', `id = '${nap}'`, '{"fence": 1}', '{"fence": 1, "least_microdollars": 50}')}`,
  },
  {
    what: 'replies were cut short again and again',
    finds: ['R13'],
    evidence: ({ bill }) => ({
      bill: bill.map((line, i) => ({ ...line, answer: 'max_tokens', maxTokens: i < 2 ? 100 : 1_000 })),
    }),
  },
  {
    what: 'a context was summarised twice in a row',
    finds: ['R14'],
    sql: ({ work }) => `update usage_ledger set kind = 'compact' where session_id = '${work}' and fence < 3`,
  },
  {
    what: 'no fault: an old owner settled a summary late, and its successor had asked for another',
    finds: [],
    sql: ({ work }) => `update usage_ledger set kind = 'compact' where session_id = '${work}' and fence < 3;
      ${changed('usage_ledger', `session_id = '${work}' and fence = 1`, '{"class": "unknown"}', '{}')}`,
  },
  {
    what: 'a call cost more than its worst case',
    finds: ['R15'],
    sql: ({ work }) => `update budget_holds set amount = 1 where session_id = '${work}' and fence = 1`,
  },
];
