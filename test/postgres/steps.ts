/** Raw requests of the protocol, for tests that count locks or bytes and so go past the adapter. */
import { randomUUID } from 'node:crypto';
import { freshMemory } from '../../lib/core/memory.ts';
import { newId } from '../../lib/ids.ts';
import type { TestDatabase } from './database.ts';

export const START = Date.parse('2026-11-10T08:00:00Z');
export const MIDNIGHT = Date.parse('2026-11-11T00:00:00Z');

/** Terms that make 1,000,000 µ$ of the tenth of November, ceiling 1,100,000. */
export const TERMS = { budget: '21000000', renewalDate: '2026-12-01' };

export const settlement = (over: object = {}) => ({
  ...{ n: 1, cost: '1000', class: 'settled', kind: 'think', model: 'claude-haiku-5-5', usage: null, calls: [] },
  ...{ turns: [{ role: 'assistant', content: [{ type: 'text', text: 'Done.' }] }], inboxTaken: 0, iterated: true },
  ...{ memory: freshMemory(), journal: [] },
  ...over,
});

export const save = (over: object = {}) => ({
  ...{ turn: null, inboxTaken: 0, memory: freshMemory(), journal: [], due: '2000-01-01T00:00:00Z', suspension: null },
  ...over,
});

export function requests({ database }: TestDatabase) {
  async function user(terms: object = TERMS): Promise<string> {
    const id = newId('usr');
    await database.call('put_user', id, JSON.stringify(terms));
    return id;
  }

  async function session(userId: string, over: object = {}): Promise<string> {
    const id = newId('ses');
    const made = {
      ...{ id, goal: 'Write a poem.', agent: 'assistant', model: 'claude-haiku-5-5', tier: 'economy', system: null },
      ...{ onEndTurn: 'complete', maxIterations: 100_000, maxCost: null, metadata: {}, ...over },
    };
    await database.call('create_session', userId, JSON.stringify(made), null, null);
    return id;
  }

  /** A session with an owner; gives its fence, too. */
  async function owned(userId: string): Promise<{ id: string; fence: number }> {
    const id = await session(userId);
    const { fence } = await database.call<{ fence: number }>('claim', id, randomUUID());
    return { id, fence };
  }

  const reserve = (id: string, fence: number, amount: number, n = 1) =>
    database.call<{ granted: string; day: string }>(
      'reserve',
      id,
      fence,
      n,
      amount,
      amount,
      'claude-haiku-5-5',
      'false',
      '[]',
    );

  const today = (userId: string) => database.call<Record<string, string>>('today', userId);

  return { user, session, owned, reserve, today };
}
