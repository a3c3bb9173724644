/** Fences, claims, holds and settlements with a guard taken out. */
import {
  claimAfterSettle,
  clockLeap,
  deadOwner,
  lateReserve,
  life,
  lostReplies,
  poison,
  reserveAfterSave,
  twoClaims,
  zombie,
} from '../scenarios/owners.ts';
import type { Trial } from '../trial.ts';

const OWNS = 's.fence is not distinct from p_fence and s.saved_fence < p_fence';
const RESERVE = 'hold_money';

export const ownerTrials: Trial[] = [
  {
    variant: {
      ...{ name: 'fence off: an old owner still writes', breaks: 'G9' },
      sql: [{ function: 'owns', from: OWNS, to: 's.saved_fence < p_fence or p_fence < s.fence' }],
      expects: ['G9'],
    },
    scenario: zombie,
  },
  {
    variant: {
      ...{ name: 'a guard that does not raise', breaks: 'R2' },
      sql: [{ function: 'lock_owned_session', from: 'if not owns(s, p_fence) then', to: 'if s.id is null then' }],
      expects: ['G9'],
    },
    scenario: lateReserve,
  },
  {
    variant: {
      ...{ name: 'an owner that has saved is one still', breaks: 'R2' },
      sql: [{ function: 'owns', from: OWNS, to: 's.fence is not distinct from p_fence' }],
      expects: ['G9'],
    },
    scenario: reserveAfterSave,
  },
  {
    variant: {
      ...{ name: 'read before the lock: a claim decides by what it saw while it waited', breaks: 'R1' },
      sql: [
        {
          function: 'lock_session',
          from: 'select * into s from agent_sessions where id = p_session for no key update;',
          to: 'select * into s from agent_sessions where id = p_session; perform 1 from agent_sessions where id = p_session for no key update;',
        },
      ],
      expects: ['G9'],
    },
    scenario: twoClaims,
  },
  {
    variant: {
      ...{ name: 'stale claim: it answers with the messages of before its wait', breaks: 'R1' },
      sql: [
        { run: 'create table stale (session_id text, n int)' },
        {
          function: 'claim',
          from: 'v_opens boolean;',
          to: 'v_opens boolean; m int := (select max(n) from agent_messages where session_id = p_session);',
        },
        {
          function: 'claim',
          from: 'perform append_events(s, array_to_json(v_journal));',
          to: 'perform append_events(s, array_to_json(v_journal)); s.msg_n := m;',
        },
        {
          function: 'claim_answer',
          from: 'and n > p_have and n >= v_from)',
          to: 'and n > p_have and n >= v_from and n <= s.msg_n)',
        },
      ],
      expects: ['G6'],
    },
    scenario: claimAfterSettle,
  },
  {
    variant: {
      ...{ name: 'a claim takes no notice of the lease', breaks: 'R6' },
      sql: [{ function: 'claim', from: 'if s.lease_until > clock_timestamp() then', to: 'if false then' }],
      expects: ['G9'],
    },
    scenario: twoClaims,
  },
  {
    variant: {
      ...{ name: 'leases go by the settable clock', breaks: 'R6' },
      sql: [
        {
          function: 'claim',
          from: 'lease_until = clock_timestamp() + p_lease',
          to: 'lease_until = app_now() + p_lease',
        },
      ],
      expects: ['R6'],
    },
    scenario: clockLeap,
  },
  {
    variant: {
      ...{ name: 'release on doubt: the hold of a dead owner is given back', breaks: 'R7' },
      sql: [
        {
          function: 'claim',
          from: "close_hold(p_session, h.fence, h.n, null, 'unknown')",
          to: "close_hold(p_session, h.fence, h.n, 0, 'unknown')",
        },
      ],
      expects: ['G1', 'G3'],
    },
    scenario: deadOwner,
  },
  {
    variant: {
      ...{ name: 'the hold of a dead owner is forgotten', breaks: 'G4' },
      sql: [
        {
          function: 'claim',
          from: "and class = 'held' order by day, fence, n loop",
          to: "and class = 'held' and false order by day, fence, n loop",
        },
      ],
      expects: ['G4'],
    },
    scenario: deadOwner,
  },
  {
    variant: {
      ...{ name: 'what is unknown is booked as certain', breaks: 'G12' },
      sql: [
        {
          function: 'claim',
          from: "close_hold(p_session, h.fence, h.n, null, 'unknown')",
          to: "close_hold(p_session, h.fence, h.n, null, 'settled')",
        },
      ],
      expects: ['G12'],
    },
    scenario: deadOwner,
  },
  {
    variant: {
      ...{ name: 'what is charged as unknown is told to nobody', breaks: 'G12' },
      sql: [
        {
          function: 'claim',
          from: "v_journal := v_journal || json_build_object('type', 'agent.retrying'",
          to: "perform json_build_object('type', 'agent.retrying'",
        },
      ],
      expects: ['G12'],
    },
    scenario: deadOwner,
  },
  {
    variant: {
      ...{ name: 'a late settlement stores its reply, too', breaks: 'R7' },
      sql: [{ function: 'settle', from: 'if not v_mine then', to: 'if false then' }],
      expects: ['G4', 'G6', 'G9'],
    },
    scenario: zombie,
  },
  {
    variant: {
      ...{ name: 'an old owner may start a tool', breaks: 'G5' },
      sql: [
        {
          function: 'start_tool',
          from: 's agent_sessions := lock_owned_session(p_session, p_fence);',
          to: 's agent_sessions := lock_session(p_session);',
        },
        { function: 'start_tool', from: 'coalesce(started_by, p_fence)', to: 'p_fence' },
      ],
      expects: ['G5'],
    },
    scenario: zombie,
  },
  {
    variant: {
      ...{ name: 'blind retry without key: a claim that is repeated is another claim', breaks: 'R4' },
      sql: [
        {
          function: 'claim',
          from: 'if s.claimed_by is not distinct from p_invocation then',
          to: 'if false then',
        },
        {
          function: 'claim',
          from: 'if s.lease_until > clock_timestamp() then',
          to: 'if s.claimed_by <> p_invocation and s.lease_until > clock_timestamp() then',
        },
      ],
      expects: ['G9'],
    },
    scenario: lostReplies,
  },
  {
    variant: {
      ...{ name: 'blind retry without key: a reserve that is repeated holds again', breaks: 'R4' },
      sql: [
        { run: 'alter table budget_holds drop constraint budget_holds_session_id_fence_n_pk' },
        { function: RESERVE, from: 'if found then return', to: 'if false then return' },
      ],
      expects: ['G2', 'G4'],
    },
    scenario: lostReplies,
  },
  {
    variant: {
      ...{ name: 'blind retry without key: a settlement that is repeated counts again', breaks: 'G4' },
      sql: [
        {
          function: 'close_hold',
          from: "if h.class = 'settled' or h.class = p_class then return null; end if;",
          to: '',
        },
      ],
      expects: ['G4'],
    },
    scenario: lostReplies,
  },
  {
    variant: {
      ...{ name: 'non-atomic save: the state is saved, the results are not', breaks: 'G5' },
      sql: [{ function: 'save', from: 'perform append_messages(s, v_turn);', to: '' }],
      expects: ['G5', 'G8'],
    },
    scenario: life,
  },
  {
    variant: {
      ...{ name: 'non-atomic settlement: the reply is saved, the money is not', breaks: 'G2' },
      sql: [{ function: 'close_hold', from: 'perform write_ledger_entry(l);', to: '' }],
      expects: ['G2', 'G4'],
    },
    scenario: life,
  },
  {
    variant: {
      ...{ name: 'a number of the journal is left out', breaks: 'G8' },
      sql: [
        {
          function: 'save',
          from: 'seq = seq + json_array_length(v_journal)',
          to: 'seq = seq + json_array_length(v_journal) + 1',
        },
      ],
      expects: ['G8'],
    },
    scenario: life,
  },
  {
    variant: {
      ...{ name: 'what has ended can be claimed', breaks: 'G7' },
      sql: [{ function: 'claim', from: "if s.id is null or s.state = 'ended' then", to: 'if s.id is null then' }],
      expects: ['G7'],
    },
    scenario: life,
  },
  {
    variant: {
      ...{ name: 'a claim is not counted', breaks: 'R11' },
      sql: [{ function: 'claim', from: 'attempts = attempts + 1', to: 'attempts = attempts' }],
      expects: ['R11'],
    },
    scenario: poison,
  },
];
