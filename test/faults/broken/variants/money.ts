/** Ceilings, days, cycles, payments and locks with a guard taken out. */
import {
  editedDate,
  lastDay,
  lateForMidnight,
  lockOrder,
  midnight,
  nap,
  ownCap,
  removed,
  shortMonth,
  tightDay,
  twicePaid,
  uselessGrant,
} from '../scenarios/money.ts';
import { lateWish, stranger, twoPersons } from '../scenarios/persons.ts';
import type { Trial } from '../trial.ts';

const RESERVE = 'hold_money';
const LAST_DAY = 'order by day desc limit 1 for no key update;';

export const moneyTrials: Trial[] = [
  {
    variant: {
      ...{ name: 'reserve grants without looking at the ceiling', breaks: 'G1' },
      sql: [
        { run: 'alter table budget_holds drop constraint within_the_ceiling' },
        { function: RESERVE, from: 'v_free - d.held);', to: 'p_wanted);' },
      ],
      expects: ['G1'],
    },
    scenario: tightDay,
  },
  {
    variant: {
      ...{ name: 'the ceiling takes no notice of what others hold', breaks: 'R12' },
      sql: [
        { run: 'alter table budget_holds drop constraint within_the_ceiling' },
        { function: RESERVE, from: 'v_free - d.held);', to: 'v_free);' },
      ],
      expects: ['G1'],
    },
    scenario: tightDay,
  },
  {
    variant: {
      ...{ name: 'the day is read before it is locked', breaks: 'R1' },
      sql: [
        { run: 'alter table budget_holds drop constraint within_the_ceiling' },
        {
          function: RESERVE,
          from: `select * into d from budget_days where user_id = v_user ${LAST_DAY}`,
          to: `select * into d from budget_days where user_id = v_user order by day desc limit 1; perform 1 from budget_days where user_id = v_user ${LAST_DAY}`,
        },
      ],
      expects: ['G1'],
    },
    scenario: tightDay,
  },
  {
    variant: {
      ...{ name: 'a hold too small to be of use is granted', breaks: 'R12' },
      sql: [{ function: RESERVE, from: 'if v_amount < p_least or v_amount <= 0 then', to: 'if v_amount <= 0 then' }],
      expects: ['R12', 'R15'],
    },
    scenario: uselessGrant,
  },
  {
    variant: {
      ...{ name: "a session's own cap is not looked at", breaks: 'G11' },
      sql: [
        { function: RESERVE, from: 'least(p_wanted, v_cap, v_share,', to: 'least(p_wanted, v_share,' },
        { function: RESERVE, from: "when v_cap < p_least or v_cap <= 0 then 'cap'", to: "when false then 'cap'" },
      ],
      expects: ['G11'],
    },
    scenario: ownCap,
  },
  {
    variant: {
      ...{ name: 'midnight: opening a day does not close the one before', breaks: 'R8' },
      sql: [{ function: 'compute_day', from: `perform 1 from budget_days where user_id = p_user ${LAST_DAY}`, to: '' }],
      expects: ['R8'],
    },
    scenario: midnight,
  },
  {
    variant: {
      ...{ name: 'midnight: a closed day still admits', breaks: 'R8' },
      sql: [{ function: RESERVE, from: "raise 'the day has ended' using errcode = 'AGAIN';", to: 'null;' }],
      expects: ['R8'],
    },
    scenario: lateForMidnight,
  },
  {
    variant: {
      ...{ name: "the last day may pass the cycle's budget", breaks: 'R8' },
      sql: [
        {
          function: 'ceiling_of',
          from: 'least(p_left, div(p_allowance::numeric * 11, 10))',
          to: 'div(p_allowance::numeric * 11, 10)',
        },
      ],
      expects: ['R8'],
    },
    scenario: lastDay,
  },
  {
    variant: {
      ...{ name: 'an edited renewal date begins the cycle anew', breaks: 'R9' },
      sql: [{ function: 'put_user', from: 'set tier = u.tier,', to: 'set cycle_start = v_day, tier = u.tier,' }],
      expects: ['R9'],
    },
    scenario: editedDate,
  },
  {
    variant: {
      ...{ name: 'after a short month the day of renewal stays short', breaks: 'R9' },
      sql: [
        {
          function: 'next_renewal',
          from: 'least(v_first + p_anchor - 1,',
          to: 'least(v_first + extract(day from p_renewal)::int - 1,',
        },
      ],
      expects: ['R9'],
    },
    scenario: shortMonth,
  },
  {
    variant: {
      ...{ name: 'a top-up that is repeated counts again', breaks: 'R4' },
      sql: [
        { run: 'alter table top_ups drop constraint top_ups_user_id_key_pk' },
        {
          function: 'top_up',
          from: "if not take_idempotency_key(p_user, 'top_up', p_key, p_fingerprint) then",
          to: 'if false then',
        },
      ],
      expects: ['R4'],
    },
    scenario: twicePaid,
  },
  {
    variant: {
      ...{ name: 'a message that is repeated is said again', breaks: 'R4' },
      sql: [
        {
          function: 'request_action',
          from: 'v_first boolean := take_idempotency_key(p_user, p_session, p_operation, v_fingerprint, p_session);',
          to: 'v_first boolean := true;',
        },
      ],
      expects: ['R4'],
    },
    scenario: twicePaid,
  },
  {
    variant: {
      ...{ name: 'a claim locks its session before the user', breaks: 'R3' },
      sql: [
        {
          function: 'claim',
          from: 'v_opens := lock_to_open(v_user);\n  s := lock_session(p_session);',
          to: 's := lock_session(p_session);\n  v_opens := lock_to_open(v_user);',
        },
      ],
      expects: ['R3'],
    },
    scenario: lockOrder,
  },
  {
    variant: {
      ...{ name: 'a deleted session takes its ledger along', breaks: 'R7' },
      sql: [
        {
          run: 'alter table usage_ledger add foreign key (session_id) references agent_sessions (id) on delete cascade',
        },
      ],
      expects: ['G2'],
    },
    scenario: removed,
  },
  {
    variant: {
      ...{ name: 'a sleeper gets no alarm', breaks: 'G7' },
      sql: [
        {
          function: 'save',
          from: "due_at = case when v_to ->> 'state' <> 'ended' then v_due end",
          to: "due_at = case v_to ->> 'state' when 'ended' then null when 'sleeping' then 'infinity' else v_due end",
        },
      ],
      expects: ['G7'],
    },
    scenario: nap,
  },
  {
    variant: {
      ...{ name: 'a save does not look at commands', breaks: 'R5' },
      sql: [
        {
          function: 'save',
          from: "json_typeof(p_save -> 'suspension') = 'object' and s.command_seq = s.command_seen",
          to: "json_typeof(p_save -> 'suspension') = 'object'",
        },
      ],
      expects: ['R5'],
    },
    scenario: lateWish,
  },
  {
    variant: {
      ...{ name: 'what a settlement brings back counts as seen', breaks: 'R5' },
      sql: [
        {
          function: 'settle',
          from: "set state = 'ready', sleep_until = null,",
          to: "set command_seen = command_seq, state = 'ready', sleep_until = null,",
        },
      ],
      expects: ['R5'],
    },
    scenario: lateWish,
  },
  {
    variant: {
      ...{ name: 'a wish is not scoped by its user', breaks: 'G10' },
      sql: [
        {
          function: 'lock_user_session',
          from: 'if s.user_id is distinct from p_user or s.deleted_at is not null then',
          to: 'if s.deleted_at is not null then',
        },
        ...['agent_sessions', 'session_inbox', 'agent_events', 'idempotency_keys'].map((table) => ({
          run: `alter table ${table} disable row level security`,
        })),
      ],
      expects: ['G10'],
    },
    scenario: stranger,
  },
  {
    variant: {
      ...{ name: 'a claim is not scoped: it reads the inbox of all', breaks: 'G10' },
      sql: [
        { run: 'alter table agent_sessions drop constraint read_what_was_written' },
        {
          function: 'pending_commands',
          from: 'where session_id = s.id and n > s.inbox_taken)',
          to: 'where n > s.inbox_taken)',
        },
      ],
      expects: ['G10'],
    },
    scenario: twoPersons,
  },
];
