import { describe, expect, it } from 'vitest';
import { memoryPurse, recordCallCost, UnknownModelError, UnpriceableUsageError } from '../../lib/budget/index.ts';
import type { Purse } from '../../lib/ports/index.ts';

const call = {
  userId: 'ada',
  sessionId: 'ses_1',
  iteration: 1,
  model: 'claude-opus-5',
  usage: { input_tokens: 1_000, output_tokens: 100 },
  at: Date.parse('2026-11-10T23:00:00Z'),
};

describe('recordCallCost', () => {
  it('prices the call, and hands the purse all that the ledger keeps', async () => {
    const entries: unknown[] = [];
    const purse: Purse = {
      async record(entry) {
        entries.push(entry);
        return { sessionCost: 8_000n, daySpent: 9_000n };
      },
    };
    expect(await recordCallCost(purse, { ...call, at: '2026-11-10T23:00:00Z' })).toEqual({
      costMicrodollars: 7_500n,
      sessionMicrodollars: 8_000n,
      dayMicrodollars: 9_000n,
    });
    expect(entries).toEqual([{ ...call, cost: 7_500n }]);
  });

  it('uses the price of the call’s own time', async () => {
    const usage = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 1_000_000 };
    const cost = async (at: string) =>
      (await recordCallCost(memoryPurse(), { ...call, model: 'claude-sonnet-5-5', usage, at })).costMicrodollars;
    expect(await cost('2026-10-06T00:00:00Z')).toBe(200_000n);
    expect(await cost('2026-10-08T00:00:00Z')).toBe(100_000n);
  });

  it('counts by session and by the user’s UTC day', async () => {
    const purse = memoryPurse();
    const totals = async (change: object) => {
      const { sessionMicrodollars, dayMicrodollars } = await recordCallCost(purse, { ...call, ...change });
      return [sessionMicrodollars, dayMicrodollars];
    };
    expect(await totals({})).toEqual([7_500n, 7_500n]);
    expect(await totals({ iteration: 2 })).toEqual([15_000n, 15_000n]);
    expect(await totals({ sessionId: 'ses_2' })).toEqual([7_500n, 22_500n]);
    expect(await totals({ iteration: 3, at: '2026-11-11T00:00:00Z' })).toEqual([22_500n, 7_500n]);
    expect(await totals({ userId: 'bob', sessionId: 'ses_3' })).toEqual([7_500n, 7_500n]);
  });

  it('answers a repeat as the first time, and counts it once', async () => {
    const purse = memoryPurse();
    const first = await recordCallCost(purse, call);
    await recordCallCost(purse, { ...call, iteration: 2 });
    expect(await recordCallCost(purse, call)).toEqual(first);
    expect((await recordCallCost(purse, { ...call, iteration: 3 })).sessionMicrodollars).toBe(22_500n);
  });

  it('writes nothing that it cannot price', async () => {
    const purse: Purse = { record: () => Promise.reject(new Error('must not be called')) };
    await expect(recordCallCost(purse, { ...call, model: 'gpt-4o' })).rejects.toThrow(UnknownModelError);
    await expect(recordCallCost(purse, { ...call, usage: {} })).rejects.toThrow(UnpriceableUsageError);
  });
});
