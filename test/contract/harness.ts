/**
 * What every contract suite starts from: a factory that gives the ports on a store of their own, and short words for the steps that a test
 * needs before it comes to its point. Suites share their store between tests, so every test uses users and sessions of its own.
 */

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest';
import type { Save, Settlement } from '../../lib/core/effect.ts';
import { freshMemory } from '../../lib/core/memory.ts';
import type { StoredState } from '../../lib/core/session.ts';
import { newId } from '../../lib/ids.ts';
import type {
  Accounts,
  BudgetAlerts,
  Claim,
  FileChange,
  Heads,
  Memories,
  NewSession,
  Once,
  Operator,
  Outbox,
  Payments,
  Purse,
  Schedules,
  SessionCommand,
  Sweeper,
  Transfer,
  Triggers,
  UserSessions,
  Webhooks,
  WorkerSessions,
} from '../../lib/ports/index.ts';
import { anEntry, checkEntry } from '../kit/events.ts';

export type Ports = {
  sessions: WorkerSessions;
  heads: Heads;
  userSessions: UserSessions;
  accounts: Accounts;
  operator: Operator;
  payments: Payments;
  sweeper: Sweeper;
  purse: Purse;
  transfer: Transfer;
  memories: Memories;
  alerts: BudgetAlerts;
  webhooks: Webhooks;
  outbox: Outbox;
  triggers: Triggers;
} & Schedules;

export type Subject = {
  ports: Ports;
  /** Puts the settable clock to an instant, also backwards. */
  setNow(ms: number): Promise<void>;
  /** The owner is dead: the session's lease has run out. */
  expireLease(sessionId: string): Promise<void>;
  /** Half a minute of real time has gone by: the sweep may hint again. */
  passBackoff(): Promise<void>;
  close(): Promise<void>;
};
export type Factory = () => Promise<Subject>;

/** With this clock and these terms the day's allowance is 1,000,000 µ$ and its ceiling 1,100,000. */
export const START = Date.parse('2026-11-10T08:00:00Z');
export const TERMS = { tier: 'economy', budget: 21_000_000n, renewalDate: '2026-12-01' };
export const MIDNIGHT = Date.parse('2026-11-11T00:00:00Z');
export const DAY_MS = 86_400_000;
/** The clock of a database flows on from where it was put. */
export const soonAfter = (at: number) => expect.toSatisfy((ms: number) => ms >= at && ms < at + 60_000);

export type Steps = ReturnType<typeof steps>;

/** Registers a suite; its tests get the steps through a function, since the store is only there when they run. */
export function contract(name: string, factory: Factory, tests: (t: () => Steps) => void): void {
  describe(name, () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await factory();
    });
    beforeEach(() => subject.setNow(START));
    afterAll(() => subject?.close());
    tests(() => steps(subject));
  });
}

/** Whatever a test reads of a journal is of the contract. */
const withCheckedEvents = (userSessions: UserSessions): UserSessions => ({
  ...userSessions,
  async events(...asked) {
    const rows = await userSessions.events(...asked);
    rows?.forEach(checkEntry);
    return rows;
  },
});

function steps(subject: Subject) {
  const { sessions, heads, accounts, sweeper, purse, transfer, memories, alerts, webhooks, outbox } = subject.ports;
  const { triggers, userSchedules, schedules, operator, payments } = subject.ports;
  const userSessions = withCheckedEvents(subject.ports.userSessions);
  const { setNow, expireLease, passBackoff } = subject;

  async function user(terms: Partial<typeof TERMS> = {}): Promise<string> {
    const id = newId('usr');
    await accounts.putUser(id, { ...TERMS, ...terms });
    return id;
  }

  /** A session of a user, by default of a new one. */
  async function session(over: Partial<NewSession> = {}, userId?: string): Promise<string> {
    const fresh = aSession(over);
    await userSessions.create(userId ?? (await user()), fresh, null);
    return fresh.id;
  }

  async function claim(id: string, invocation: string = randomUUID()): Promise<Claim> {
    const claimed = await sessions.claim(id, invocation);
    if ('claimed' in claimed) throw new Error(`${id} could not be claimed: ${JSON.stringify(claimed)}`);
    return claimed;
  }

  async function hold(id: string, fence: number, amount: bigint, n = 1): Promise<{ granted: bigint; day: string }> {
    const held = await sessions.reserve(id, fence, {
      n,
      least: amount,
      wanted: amount,
      model: 'claude-haiku-5-5',
      handOff: true,
      journal: [],
    });
    if ('refused' in held) throw new Error(`${id}: refused by ${held.refused}`);
    return held;
  }

  /** One iteration: claim, hold, settle at `cost`, save. Gives what the save answered. */
  async function iterate(id: string, options: { cost?: bigint; save?: Save; files?: FileChange[] } = {}) {
    const { cost = 1_000n, save = aSave(), files = [] } = options;
    const { fence } = await claim(id);
    await hold(id, fence, cost > 0n ? cost : 1n);
    await sessions.settle(id, fence, aSettlement({ cost }));
    return sessions.save(id, fence, save, files);
  }

  /** Puts a session to rest without a model call. */
  async function rest(id: string, to: Exclude<StoredState, { state: 'ready' }>, due = Number.POSITIVE_INFINITY) {
    const { fence } = await claim(id);
    return sessions.save(id, fence, aSave({ suspension: { to, due, memory: freshMemory(), journal: [] } }), []);
  }

  const wish = (userId: string, id: string, what: SessionCommand, operation: string = randomUUID()) =>
    userSessions.command(userId, id, what, operation);

  async function topUp(userId: string, amount: bigint, spread: 'today' | 'cycle' = 'cycle') {
    const view = await accounts.topUp(userId, amount, spread, once());
    if (view === 'conflict' || 'tooMuch' in view) throw new Error('refused');
    return view;
  }

  const stores = { accounts, operator, payments, sweeper, purse, transfer, memories, alerts, webhooks, outbox };
  const starters = { triggers, userSchedules, schedules };
  const ports = { sessions, heads, userSessions, ...stores, ...starters };
  return { ...ports, setNow, expireLease, passBackoff, user, session, claim, hold, iterate, rest, wish, topUp };
}

export const once = (fingerprint = 'same'): Once => ({ key: randomUUID(), fingerprint });

export function aSession(over: Partial<NewSession> = {}): NewSession {
  return {
    ...{ id: newId('ses'), goal: 'Write a poem.', agent: 'assistant', model: 'claude-haiku-5-5', tier: 'economy' },
    ...{
      system: null,
      onEndTurn: 'complete',
      maxIterations: 150,
      maxCost: null,
      ladder: [],
      share: null,
      effort: null,
      maxOutputTokens: null,
      tools: null,
      mcp: ['notes'],
      web: null,
      memoryName: null,
      metadata: {},
    },
    ...over,
  };
}

export const says = (text: string) => [{ type: 'text', text }];

/** A reply of the agent, by default one that calls no tool. */
export function aSettlement(over: Partial<Settlement> = {}): Settlement {
  return {
    ...{ n: 1, cost: 1_000n, class: 'settled', kind: 'think', model: 'claude-haiku-5-5', usage: null, calls: [] },
    ...{ turns: [{ role: 'assistant', content: says('Done.') }], inboxTaken: 0, iterated: true },
    ...{ memory: freshMemory(), journal: [{ type: 'agent.text', data: { text: 'Done.' } }] },
    ...over,
  };
}

/** By default: no observation, due again at once, no rest. */
export function aSave(over: Partial<Save> = {}): Save {
  return {
    ...{ turn: null, inboxTaken: 0, memory: freshMemory(), journal: [], paid: [], due: START, suspension: null },
    ...over,
  };
}

export const ENDED = { state: 'ended', outcome: 'completed', result: 'Done.', error: null } as const;

/** A save that ends the session. */
export function anEnd(): Save {
  const journal = [anEntry('agent.completed')];
  return aSave({ suspension: { to: ENDED, due: Number.POSITIVE_INFINITY, memory: freshMemory(), journal } });
}

/** A save that goes to sleep until the next day's allowance. */
export function aNight(until: number): Save {
  const journal = [anEntry('agent.sleeping', { wake_at: new Date(until).toISOString() })];
  const to = { state: 'sleeping', until, reason: 'allowance' } as const;
  return aSave({ suspension: { to, due: until, memory: freshMemory(), journal } });
}

/** A save that asks the user for money, since not even a whole day allows the next step. */
export function aPlea(due: number): Save {
  const memory = { ...freshMemory(), unaffordable: true };
  const to = { state: 'waiting', question: 'May I have more?' } as const;
  return aSave({ memory, suspension: { to, due, memory, journal: [] } });
}
