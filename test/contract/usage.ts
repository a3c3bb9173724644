/** What `Accounts.usage` and the Purse port promise: every view of the ledger sums to the ledger (G2, G12). */
import { expect, it } from 'vitest';
import { NO_TOOL } from '../../lib/ports/index.ts';
import { aSave, aSettlement, contract, type Factory, MIDNIGHT, START, type Steps } from './harness.ts';

const NOVEMBER = { from: '2026-11-01', to: '2026-11-30' };
const GROUPS = ['day', 'hour', 'session', 'model', 'tool', 'iteration'] as const;
const USAGE = {
  ...{ input_tokens: 101, cache_read_input_tokens: 23, cache_creation_input_tokens: 8, output_tokens: 7 },
  cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 3 },
};
/** As `USAGE` has them. */
const TOKENS = { inputTokens: 101, cacheWrite5mTokens: 5, cacheWrite1hTokens: 3, cacheReadTokens: 23, outputTokens: 7 };

/** One settled call with what it cost and called. */
async function call(t: Steps, id: string, cost: bigint, options: { tools?: string[]; model?: string } = {}) {
  const { tools = [], model = 'claude-haiku-5-5' } = options;
  const { fence } = await t.claim(id);
  await t.hold(id, fence, cost);
  const calls = tools.map((name, i) => ({ id: `call_${i}`, name, input: {} }));
  await t.sessions.settle(id, fence, aSettlement({ cost, calls, model, usage: USAGE }));
  await t.sessions.save(id, fence, aSave({ turn: [] }), []);
}

const brief = (rows: { key: string; calls: number; cost: bigint }[]) =>
  rows.map(({ key, calls, cost }) => [key, calls, cost]);

export const usageContract = (name: string, factory: Factory) =>
  contract(`${name}: usage`, factory, (t) => {
    it('sums by day, session and model', async () => {
      const user = await t().user();
      const [a, b] = [await t().session({}, user), await t().session({}, user)];
      await call(t(), a, 100n);
      await call(t(), b, 20n, { model: 'claude-sonnet-5-5' });
      await t().setNow(MIDNIGHT + 1);
      await call(t(), a, 3n);
      const by = async (group: 'day' | 'session' | 'model') => brief(await t().accounts.usage(user, NOVEMBER, group));
      expect(await by('day')).toEqual([
        ['2026-11-10', 2, 120n],
        ['2026-11-11', 1, 3n],
      ]);
      expect(await by('session')).toEqual(
        [
          [a, 2, 103n],
          [b, 1, 20n],
        ].sort(([x], [y]) => (x! < y! ? -1 : 1)),
      );
      expect(await by('model')).toEqual([
        ['claude-haiku-5-5', 2, 103n],
        ['claude-sonnet-5-5', 1, 20n],
      ]);
    });

    it('counts the tokens of each class apart', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await call(t(), id, 100n);
      await call(t(), id, 100n);
      const twice = Object.fromEntries(Object.entries(TOKENS).map(([name, count]) => [name, 2 * count]));
      expect(await t().accounts.usage(user, NOVEMBER, 'model')).toEqual([
        { key: 'claude-haiku-5-5', calls: 2, cost: 200n, unknown: 0n, ...twice },
      ]);
    });

    it('shares a call out over the tools it called, to the last microdollar', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await call(t(), id, 1_001n, { tools: ['bash', 'write_file', 'bash'] });
      await call(t(), id, 10n, { tools: ['bash'] });
      await call(t(), id, 5n);
      const rows = await t().accounts.usage(user, NOVEMBER, 'tool');
      expect(rows.map(({ key, calls }) => [key, calls])).toEqual([
        [NO_TOOL, 1],
        ['bash', 3],
        ['write_file', 1],
      ]);
      const cost = new Map(rows.map((row) => [row.key, row.cost]));
      expect(cost.get(NO_TOOL)).toBe(5n);
      expect([333n, 334n]).toContain(cost.get('write_file'));
      expect(rows.reduce((total, row) => total + row.cost, 0n)).toBe(1_016n);
      for (const [name, count] of Object.entries(TOKENS) as [keyof typeof TOKENS, number][])
        expect(
          rows.reduce((total, row) => total + row[name], 0),
          name,
        ).toBe(3 * count);
    });

    it('sums by hour, in that of the hold, and within the day', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await call(t(), id, 100n);
      await t().setNow(START + 59 * 60_000);
      await call(t(), id, 10n);
      await t().setNow(START + 60 * 60_000);
      await call(t(), id, 3n);
      await t().setNow(MIDNIGHT - 60_000);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 40n);
      await t().setNow(MIDNIGHT + 3 * 3_600_000);
      await t().sessions.settle(id, fence, aSettlement({ cost: 7n, model: 'claude-haiku-5-5', usage: USAGE }));
      await t().purse.record({
        ...{ userId: user, sessionId: id, iteration: 9, cost: 1n, model: 'm', usage: USAGE, at: 0 },
      });
      const hours = await t().accounts.usage(user, NOVEMBER, 'hour');
      expect(brief(hours)).toEqual([
        ['2026-11-10T08:00:00.000Z', 2, 110n],
        ['2026-11-10T09:00:00.000Z', 1, 3n],
        ['2026-11-10T23:00:00.000Z', 1, 7n],
        ['2026-11-11T03:00:00.000Z', 1, 1n],
      ]);
      const day = await t().accounts.usage(user, { from: '2026-11-10', to: '2026-11-10' }, 'hour');
      expect(day).toEqual(hours.slice(0, 3));
    });

    it('takes both ends of the range, and no other day', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      for (const day of ['2026-11-11', '2026-11-12', '2026-11-13', '2026-11-14']) {
        await t().setNow(Date.parse(`${day}T12:00:00Z`));
        await call(t(), id, 1n);
      }
      const rows = await t().accounts.usage(user, { from: '2026-11-12', to: '2026-11-13' }, 'day');
      expect(rows.map(({ key }) => key)).toEqual(['2026-11-12', '2026-11-13']);
      expect(await t().accounts.usage(user, { from: '2026-12-01', to: '2026-12-31' }, 'day')).toEqual([]);
    });

    it('tells apart what was charged without proof', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await call(t(), id, 100n);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 40n);
      await t().expireLease(id);
      await t().claim(id);
      for (const group of GROUPS.filter((group) => group !== 'iteration')) {
        const [row, ...more] = await t().accounts.usage(user, NOVEMBER, group);
        expect(row).toMatchObject({ calls: 2, cost: 140n, unknown: 40n });
        expect(more).toEqual([]);
      }
    });

    it('tells what each iteration cost, its failed attempts included', async () => {
      const user = await t().user();
      const [a, b] = [await t().session({}, user), await t().session({}, user)].sort();
      for (let i = 1; i <= 10; i++) await call(t(), a!, 2n);
      await call(t(), b!, 5n);
      const { fence } = await t().claim(b!);
      await t().hold(b!, fence, 40n);
      await t().expireLease(b!);
      await call(t(), b!, 3n);
      expect(brief(await t().accounts.usage(user, NOVEMBER, 'iteration'))).toEqual([
        ...Array.from({ length: 10 }, (_, i) => [`${a}:${i + 1}`, 1, 2n]),
        [`${b}:1`, 1, 5n],
        [`${b}:2`, 2, 43n],
      ]);
    });

    it('tells of one session when asked', async () => {
      const user = await t().user();
      const [a, b] = [await t().session({}, user), await t().session({}, user)];
      await call(t(), a, 100n, { tools: ['bash'] });
      await call(t(), b, 20n);
      for (const group of GROUPS) {
        const rows = await t().accounts.usage(user, { ...NOVEMBER, sessionId: a }, group);
        expect(rows.map(({ calls, cost }) => [calls, cost])).toEqual([[1, 100n]]);
      }
    });

    it('comes in pages that are all of it, in order', async () => {
      const user = await t().user();
      const ids = [await t().session({}, user), await t().session({}, user)];
      for (const [i, day] of ['10', '11', '12'].entries()) {
        await t().setNow(Date.parse(`2026-11-${day}T12:00:00Z`));
        for (const id of ids) await call(t(), id, BigInt(i + 1), { tools: ['Bash', 'a_tool', `it's "one":${i}`] });
      }
      for (const group of GROUPS) {
        const all = await t().accounts.usage(user, NOVEMBER, group);
        const paged = [];
        for (let after: string | null = null; ; after = paged.at(-1)?.key ?? null) {
          const page = await t().accounts.usage(user, NOVEMBER, group, { after, limit: 2 });
          expect(page.length).toBeLessThanOrEqual(2);
          paged.push(...page);
          if (page.length === 0) break;
        }
        expect(paged, group).toEqual(all);
      }
    });

    it("never shows another user's", async () => {
      const id = await t().session();
      await call(t(), id, 100n);
      expect(await t().accounts.usage(await t().user(), NOVEMBER, 'session')).toEqual([]);
    });
  });

export const purseContract = (name: string, factory: Factory) =>
  contract(`${name}: purse`, factory, (t) => {
    const entry = (userId: string, sessionId: string, iteration: number, cost: bigint) => ({
      ...{ userId, sessionId, iteration, cost, model: 'claude-haiku-5-5', usage: USAGE, at: Date.now() },
    });

    it('enters a cost, to the session and to the day', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await call(t(), id, 1_000n);
      const totals = await t().purse.record(entry(user, id, 7, 234n));
      expect(totals).toEqual({ sessionCost: 1_234n, daySpent: 1_234n });
      expect((await t().accounts.budget(user)).day).toMatchObject({ spent: 1_234n, held: 0n, allowance: 1_000_000n });
      expect(await t().userSessions.get(user, id)).toMatchObject({ cost: 1_234n });
      expect(brief(await t().accounts.usage(user, NOVEMBER, 'session'))).toEqual([[id, 2, 1_234n]]);
    });

    it('enters it once, however often it is told', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const first = await t().purse.record(entry(user, id, 7, 234n));
      expect(await t().purse.record(entry(user, id, 7, 234n))).toEqual(first);
      expect(await t().purse.record(entry(user, id, 8, 1n))).toEqual({ sessionCost: 235n, daySpent: 235n });
    });

    it('enters copies that arrive together once', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await Promise.all(Array.from({ length: 4 }, () => t().purse.record(entry(user, id, 7, 234n))));
      expect((await t().accounts.budget(user)).day.spent).toBe(234n);
    });

    it('opens the day if nobody has', async () => {
      const user = await t().user();
      await t().purse.record(entry(user, 'ses_elsewhere', 1, 600_000n));
      await t().setNow(MIDNIGHT + 1);
      expect((await t().accounts.budget(user)).day).toMatchObject({ allowance: 1_020_000n });
    });

    it('takes what it is told of a spent day too: it was paid', async () => {
      const user = await t().user();
      const totals = await t().purse.record(entry(user, 'ses_elsewhere', 1, 5_000_000n));
      expect(totals.daySpent).toBe(5_000_000n);
      expect((await t().accounts.budget(user)).day).toMatchObject({ ceiling: 1_100_000n, spent: 5_000_000n });
    });
  });
