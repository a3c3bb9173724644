/** The functions themselves: that what Lambda says reaches those who work by it, and what day it is. */
import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MARGIN_MS } from '../../lib/engine/perform.ts';
import type { Audit, Thought } from '../../lib/ports/index.ts';
import { newSession, testWorld, withUser } from '../kit/world.ts';

const worlds = vi.hoisted(() => ({ current: {} as object }));
vi.mock('../../lib/world.ts', () => {
  const give = () => worlds.current;
  return { iterateWorld: give, wakeWorld: give, deadLetterWorld: give, reconciling: give };
});

const context = (remainingMs: number): Context =>
  ({ awsRequestId: 'e1506fd5', getRemainingTimeInMillis: () => remainingMs }) as Context;
const records = { Records: [{ messageId: 'm1', body: JSON.stringify({ sessionId: 'ses_1', userId: 'u1' }) }] };

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-12T04:30:00Z') }));
afterEach(() => void vi.useRealTimers());

describe('iterate', () => {
  it('ends a model call while Lambda still leaves time to settle it', async () => {
    const t = testWorld(() => []);
    await withUser(t, 1_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    let reason: unknown;
    const think = (_: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise<Thought>((resolve) => {
        const given = () => {
          reason = signal.reason;
          resolve({ type: 'failed', failure: { proof: 'unknown', message: 'cut' } } as unknown as Thought);
        };
        signal.addEventListener('abort', given);
        // Whoever does not pass on what Lambda says lets the call run on.
        setTimeout(given, 1_000);
      });
    worlds.current = { ...t.world, model: { ...t.world.model, think } };
    const { handler } = await import('../../functions/iterate.ts');
    await handler(records, context(MARGIN_MS + 1));
    expect(reason).toEqual(new Error('the invocation ends'));
  });
});

describe('wake', () => {
  it('begins no page that it could not end in the time that Lambda leaves', async () => {
    const sweep = vi.fn(async () => ({ due: [], nextDue: null, now: 0 }));
    const log = vi.fn();
    worlds.current = { sweeper: { sweep, purge: async () => 0 }, live: {}, log };
    const { handler } = await import('../../functions/wake.ts');
    expect(await handler({ cron: 'midnight' }, context(9_000))).toEqual({ hinted: 0 });
    expect(sweep).not.toHaveBeenCalled();
    expect(log).toHaveBeenCalledWith(expect.objectContaining({ message: 'wake ran out of time' }));
  });
});

describe('reconcile', () => {
  it('compares the days before today, by UTC', async () => {
    const find = vi.fn<Audit['find']>(async () => ({ drifts: [], next: null }));
    const byDay = vi.fn(async () => new Map<string, bigint>());
    const sessions = async () => ({ data: [], next: null });
    const audit = { find, sessions, spentByDay: async () => new Map() };
    worlds.current = { audit, liveAudit: { costs: async () => [] }, provider: { byDay }, usage: null, log: () => {} };
    const { handler } = await import('../../functions/reconcile.ts');
    expect(await handler(null, context(300_000))).toEqual({ found: 0, left: 0 });
    expect(find).toHaveBeenCalledWith({ since: '2026-10-08', after: null });
    expect(byDay).toHaveBeenCalledWith(expect.any(String), '2026-11-11');
  });
});

describe('the dead letters’ function', () => {
  it('buries each letter with what became of it', async () => {
    const recordDeadLetter = vi.fn(async () => {});
    worlds.current = { sweeper: { recordDeadLetter }, log: () => {} };
    const { handler } = await import('../../functions/dead-letter.ts');
    expect(await handler(records, context(60_000))).toEqual({ batchItemFailures: [] });
    expect(recordDeadLetter.mock.calls).toEqual([['ses_1', 'queue gave up']]);
  });
});
