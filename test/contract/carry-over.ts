/** What of topped-up money outlives a renewal, and how much there may be of it (R8, R9). */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CycleTopUp, MOST_MICRODOLLARS, topUpsLeft } from '../../lib/budget/index.ts';
import { allowanceOf, ceilingOf, daysUntil } from '../../lib/budget/rules.ts';
import type { BudgetView } from '../../lib/ports/index.ts';
import { aSettlement, contract, DAY_MS, type Factory, once, START, type Steps, TERMS } from './harness.ts';

const RENEWAL = Date.parse('2026-12-01T08:00:00Z');
const EVE = RENEWAL - DAY_MS;

async function spend(t: Steps, user: string, cost: bigint) {
  await t.iterate(await t.session({}, user), { cost });
}

/** Amounts in cents: spent, topped up, and days gone by. A plan and a multiple that stay. */
const step = fc.oneof(
  fc.record({ type: fc.constant('spend' as const), cents: fc.integer({ min: 1, max: 90 }) }),
  fc.record({
    type: fc.constant('top up' as const),
    cents: fc.integer({ min: 1, max: 500 }),
    spread: fc.constantFrom('today' as const, 'cycle' as const),
  }),
  fc.record({ type: fc.constant('days' as const), days: fc.integer({ min: 1, max: 25 }) }),
);

/** The rules of lib/budget, told the same story: one user from the 10th of November on, renewed on every first. */
function twin(multiple: number | null) {
  let start = '2026-11-10';
  let end = '2026-12-01';
  let now = '2026-11-10';
  let carried = 0n;
  let topUps: (CycleTopUp & { day: string; spread: 'today' | 'cycle' })[] = [];
  const spent = new Map<string, bigint>();
  const before = (day: string) =>
    [...spent].reduce((sum, [on, cost]) => (on >= start && on < day ? sum + cost : sum), 0n);
  const used = () => before(now) + (spent.get(now) ?? 0n);
  const sum = (list: CycleTopUp[]) => list.reduce((total, one) => total + one.amountMicrodollars, 0n);
  const left = () => topUpsLeft({ carriedMicrodollars: carried, topUps, committedMicrodollars: used() });
  return {
    spend: (cost: bigint) => spent.set(now, (spent.get(now) ?? 0n) + cost),
    topUp: (amountMicrodollars: bigint, spread: 'today' | 'cycle') =>
      topUps.push({ amountMicrodollars, committedBeforeMicrodollars: used(), day: now, spread }),
    days(n: number) {
      for (let gone = 0; gone < n; gone++) {
        const kept = left();
        now = new Date(Date.parse(now) + DAY_MS).toISOString().slice(0, 10);
        if (now < end) continue;
        [start, end] = [now, nextFirst(now)];
        carried = kept;
        topUps = [];
      }
    },
    view() {
      const forToday = topUps.filter(({ spread }) => spread === 'today');
      const even = TERMS.budget + carried + sum(topUps) - sum(forToday);
      const rest = TERMS.budget + carried + sum(topUps) - before(now);
      const whole = rest > 0n ? rest : 0n;
      const allowance = allowanceOf({
        left: whole,
        forToday: sum(forToday.filter(({ day }) => day === now)),
        days: daysUntil(end, now),
        money: even,
        cycleDays: daysUntil(end, start),
        multiple,
      });
      const ceiling = ceilingOf(allowance, whole);
      return { allowance, ceiling, carriedOver: carried, toppedUpLeft: left(), renewalDate: end };
    },
  };
}

const nextFirst = (first: string) =>
  new Date(Date.UTC(Number(first.slice(0, 4)), Number(first.slice(5, 7)), 1)).toISOString().slice(0, 10);
const seen = ({ day, carriedOver, toppedUpLeft, renewalDate }: BudgetView) => ({
  ...{ allowance: day.allowance, ceiling: day.ceiling },
  ...{ carriedOver, toppedUpLeft, renewalDate },
});

export const carryOverContract = (name: string, factory: Factory) =>
  contract(`${name}: what a renewal leaves of top-ups`, factory, (t) => {
    it('carries them over, and spreads them over the new cycle; the plan itself lapses', async () => {
      const user = await t().user();
      expect(await t().topUp(user, 3_100_000n)).toMatchObject({ carriedOver: 0n, toppedUpLeft: 3_100_000n });
      await t().setNow(RENEWAL);
      expect(await t().accounts.budget(user)).toMatchObject({
        day: { allowance: 24_100_000n / 31n },
        ...{ budget: 24_100_000n, remaining: 24_100_000n, carriedOver: 3_100_000n, toppedUpLeft: 3_100_000n },
      });
    });

    it.each([
      ['spent before they came is not taken from them', [600_000n], [1_000_000n], [], 1_000_000n],
      ['spent afterwards is taken from them first', [], [1_000_000n], [600_000n], 400_000n],
      ["spent beyond them is the plan's", [], [500_000n], [900_000n], 0n],
      ['spent between two is taken from the first alone', [], [300_000n, -500_000n, 700_000n], [], 700_000n],
    ])('what was %s', async (_, before, between, after, left) => {
      const user = await t().user();
      for (const cost of before) await spend(t(), user, cost);
      for (const amount of between) await (amount > 0n ? t().topUp(user, amount) : spend(t(), user, -amount));
      for (const cost of after) await spend(t(), user, cost);
      expect(await t().accounts.budget(user)).toMatchObject({ toppedUpLeft: left });
      await t().setNow(RENEWAL);
      expect(await t().accounts.budget(user)).toMatchObject({ carriedOver: left, budget: 21_000_000n + left });
    });

    it('is used first in the next cycle, too, and lasts through cycles in which nothing happens', async () => {
      const user = await t().user();
      await t().topUp(user, 1_000_000n, 'today');
      await t().setNow(RENEWAL);
      await spend(t(), user, 300_000n);
      expect(await t().accounts.budget(user)).toMatchObject({ carriedOver: 1_000_000n, toppedUpLeft: 700_000n });
      await t().setNow(Date.parse('2027-03-05T08:00:00Z'));
      expect(await t().accounts.budget(user)).toMatchObject({ carriedOver: 700_000n, budget: 21_700_000n, spent: 0n });
    });

    it('gets back what a hold of the old cycle did not need', async () => {
      const user = await t().user();
      await t().setNow(EVE);
      await t().topUp(user, 1_000_000n);
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 900_000n);
      await t().setNow(RENEWAL);
      expect(await t().accounts.budget(user)).toMatchObject({ carriedOver: 100_000n });
      await t().sessions.settle(id, fence, aSettlement({ cost: 200_000n }));
      await t().setNow(RENEWAL + DAY_MS);
      expect(await t().accounts.budget(user)).toMatchObject({ carriedOver: 800_000n, budget: 21_800_000n });
    });

    it('is what lib/budget says, whatever is topped up and spent, and when', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 3, maxLength: 12 }),
          fc.constantFrom(null, 1.5),
          async (steps, multiple) => {
            let now = START;
            await t().setNow(now);
            const user = await t().user();
            await t().accounts.putUser(user, { maxDailyMultiple: multiple });
            const expected = twin(multiple);
            for (const one of steps) {
              if (one.type === 'days') {
                now += one.days * DAY_MS;
                await t().setNow(now);
                expected.days(one.days);
              } else if (one.type === 'top up') {
                await t().topUp(user, BigInt(one.cents) * 10_000n, one.spread);
                expected.topUp(BigInt(one.cents) * 10_000n, one.spread);
              } else {
                const { day } = await t().accounts.budget(user);
                const cost = BigInt(one.cents) * 10_000n;
                if (day.spent + cost > day.ceiling) continue;
                await spend(t(), user, cost);
                expected.spend(cost);
              }
              expect(seen(await t().accounts.budget(user))).toEqual(expected.view());
            }
          },
        ),
        { numRuns: 12, seed: 20261128 },
      );
    });
  });

export const sumsContract = (name: string, factory: Factory) =>
  contract(`${name}: sums that outgrow what can be counted`, factory, (t) => {
    const rest = MOST_MICRODOLLARS - TERMS.budget;

    it('are refused as top-ups, with what there is and what may come, and the key stays free', async () => {
      const user = await t().user();
      const key = once();
      const refused = await t().accounts.topUp(user, rest + 1n, 'cycle', key);
      expect(refused).toEqual({ tooMuch: { has: TERMS.budget, most: rest } });
      expect(await t().accounts.budget(user)).toMatchObject({ budget: TERMS.budget, toppedUpLeft: 0n });
      expect(await t().accounts.topUp(user, rest, 'today', key)).toMatchObject({ budget: MOST_MICRODOLLARS });
      expect(await t().accounts.topUp(user, 1n, 'cycle', once())).toEqual({
        tooMuch: { has: MOST_MICRODOLLARS, most: 0n },
      });
    });

    it('are refused as a plan, of a new user and of one with top-ups, and nothing is changed', async () => {
      const nobody = `nobody-${START}`;
      const large = await t().accounts.putUser(nobody, { budget: MOST_MICRODOLLARS + 1n });
      expect(large).toEqual({ tooMuch: { has: 0n, most: MOST_MICRODOLLARS } });
      expect(await t().accounts.putUser(nobody, { firstBudget: MOST_MICRODOLLARS + 1n })).toHaveProperty('tooMuch');
      expect(await t().accounts.getUser(nobody)).toBeNull();
      const user = await t().user();
      await t().topUp(user, 5n);
      const change = { budget: MOST_MICRODOLLARS - 4n, tier: 'premium' };
      expect(await t().accounts.putUser(user, change)).toEqual({ tooMuch: { has: 5n, most: MOST_MICRODOLLARS - 5n } });
      expect(await t().accounts.getUser(user)).toMatchObject({ budget: TERMS.budget, tier: 'economy' });
    });

    it('leave an account that works and that the operator can change, however often they are tried', async () => {
      const user = await t().user();
      for (let n = 0; n < 94; n++) await t().accounts.topUp(user, MOST_MICRODOLLARS, 'today', once());
      await t().accounts.topUp(user, rest, 'today', once());
      const { day, budget } = await t().accounts.budget(user);
      expect([day.allowance, day.ceiling, budget].every((sum) => sum > 0n && sum <= MOST_MICRODOLLARS)).toBe(true);
      await spend(t(), user, 1_000n);
      await t().setNow(RENEWAL);
      expect(await t().accounts.budget(user)).toMatchObject({ budget: MOST_MICRODOLLARS - 1_000n });
      await t().accounts.putUser(user, { budget: 1n, maxDailyMultiple: 1_000 });
      expect(await t().accounts.budget(user)).toMatchObject({ budget: rest - 1_000n + 1n });
      await spend(t(), user, 1_000n);
    });

    it('cannot come in as the cost of calls either', async () => {
      const user = await t().user();
      const [id, other] = [await t().session({}, user), await t().session({}, user)];
      const usage = { input_tokens: 1e300, output_tokens: -5 };
      for (const of of [id, other]) await t().hold(of, (await t().claim(of)).fence, 1_000n);
      for (const of of [id, other])
        await t().sessions.settle(of, 1, aSettlement({ cost: 9_000_000_000_000_000_000n, usage }));
      const { day } = await t().accounts.budget(user);
      expect(day.spent).toBe(MOST_MICRODOLLARS);
      const record = {
        sessionId: id,
        iteration: 7,
        model: 'claude-haiku-5-5',
        usage,
        cost: MOST_MICRODOLLARS,
        at: START,
      };
      expect(await t().purse.record({ ...record, userId: user })).toMatchObject({ daySpent: MOST_MICRODOLLARS });
      const [row] = await t().accounts.usage(user, { from: '2026-11-01', to: '2026-11-30' }, 'day');
      expect(row).toMatchObject({ cost: MOST_MICRODOLLARS, outputTokens: 0 });
    });
  });
