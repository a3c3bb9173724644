import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BudgetExceededError,
  calcDailyBudget,
  checkRunaway,
  daysToRenewal,
  getBudgetPercentage,
  gracefulThreshold,
  hardCeiling,
  isAtGracefulThreshold,
} from '../../lib/budget/index.ts';
import { allowanceOf, ceilingOf, daysUntil, gracefulAt } from '../../lib/budget/rules.ts';

const DAY = 86_400_000;
const money = fc.bigInt({ min: 0n, max: 10n ** 15n });

describe('days to renewal', () => {
  it.each([
    ['2026-12-01', '2026-11-10T00:00:00Z', 21],
    ['2026-12-01', '2026-11-10T23:59:59.999Z', 21],
    ['2026-12-01', '2026-11-30T12:00:00Z', 1],
    ['2026-12-01', '2026-12-01T12:00:00Z', 1],
    // A date that has passed stands for its next monthly return.
    ['2026-11-01', '2026-11-10T12:00:00Z', 21],
    ['2025-01-31', '2026-02-10T12:00:00Z', 18],
    ['2026-01-31', '2026-02-28T12:00:00Z', 31],
    [null, '2026-11-10T12:00:00Z', 30],
    [undefined, '2026-11-10T12:00:00Z', 30],
  ])('%s seen from %s: %d', (renewalDate, now, days) => {
    expect(daysToRenewal(renewalDate, now)).toBe(days);
    expect(daysToRenewal(renewalDate, Date.parse(now))).toBe(days);
    expect(daysToRenewal(renewalDate && new Date(renewalDate), new Date(now))).toBe(days);
  });

  it('are at least 1 and at most a month and a bit for dates that have passed', () => {
    const instant = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) });
    fc.assert(
      fc.property(instant, fc.nat(4_000), (now, ago) => {
        const days = daysToRenewal(now - ago * DAY, now);
        expect(days).toBeGreaterThanOrEqual(1);
        expect(days).toBeLessThanOrEqual(31);
      }),
    );
  });
});

describe('calcDailyBudget', () => {
  const now = Date.parse('2026-11-10T09:30:00Z');

  it.each([
    [21_000_000n, '2026-12-01', 1_000_000n],
    [21_000_020n, '2026-12-01', 1_000_000n],
    [30_000_000n, null, 1_000_000n],
    [0n, '2026-12-01', 0n],
    [-5n, '2026-12-01', 0n],
    [4_000_000_000_000_000_000_021n, '2026-12-01', 190_476_190_476_190_476_191n],
  ])('of %d until %s: %d', (remainingMicrodollars, renewalDate, allowance) => {
    expect(calcDailyBudget({ remainingMicrodollars, renewalDate, now })).toBe(allowance);
  });

  it('gives no day the whole rest because the date has passed', () => {
    expect(calcDailyBudget({ remainingMicrodollars: 21_000_000n, renewalDate: '2026-10-01', now })).toBe(1_000_000n);
  });

  it('spends a cycle to its last microdollar and never beyond, when each day is used up', () => {
    fc.assert(
      fc.property(money, fc.integer({ min: 1, max: 31 }), (budget, days) => {
        let left = budget;
        for (let day = 0; day < days; day++) {
          left -= calcDailyBudget({ remainingMicrodollars: left, renewalDate: now + days * DAY, now: now + day * DAY });
          expect(left).toBeGreaterThanOrEqual(0n);
        }
        expect(left).toBe(0n);
      }),
    );
  });
});

describe('thresholds', () => {
  it.each([
    [100n, 90n, 110n],
    [99n, 89n, 108n],
    [1n, 0n, 1n],
    [0n, 0n, 0n],
    [-7n, 0n, 0n],
  ])('of %d are %d and %d', (allowance, graceful, ceiling) => {
    expect(gracefulThreshold(allowance)).toBe(graceful);
    expect(hardCeiling(allowance)).toBe(ceiling);
  });

  it('keep the ceiling within what the cycle still has', () => {
    expect(hardCeiling(100n, 105n)).toBe(105n);
    expect(hardCeiling(100n, 200n)).toBe(110n);
    expect(hardCeiling(100n, -1n)).toBe(0n);
  });

  it.each([
    [89n, 100n, false],
    [90n, 100n, true],
    [88n, 99n, false],
    [89n, 99n, true],
    [0n, 0n, true],
  ])('wind down at %d of %d: %s', (spentMicrodollars, dailyBudgetMicrodollars, winding) => {
    expect(isAtGracefulThreshold({ spentMicrodollars, dailyBudgetMicrodollars })).toBe(winding);
  });

  it.each([
    [0n, 100n, 0],
    [45n, 100n, 45],
    [1n, 3n, 100 / 3],
    [110n, 100n, 110],
    [0n, 0n, 100],
    [5n, 0n, 100],
    [0n, -1n, 100],
    [9_000_000_000_000_000_000n, 10_000_000_000_000_000_000n, 90],
  ])('%d of %d is %d percent', (spentMicrodollars, dailyBudgetMicrodollars, percentage) => {
    expect(getBudgetPercentage({ spentMicrodollars, dailyBudgetMicrodollars })).toBe(percentage);
  });

  it('agree with the percentage', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        (dailyBudgetMicrodollars, spentMicrodollars) => {
          const spending = { spentMicrodollars, dailyBudgetMicrodollars };
          if (getBudgetPercentage(spending) >= 90) expect(isAtGracefulThreshold(spending)).toBe(true);
          if (getBudgetPercentage(spending) > 110) expect(() => checkRunaway(spending)).toThrow(BudgetExceededError);
          else expect(() => checkRunaway(spending)).not.toThrow();
        },
      ),
    );
  });
});

describe('checkRunaway', () => {
  it('lets exactly 110 % pass and throws above', () => {
    expect(() => checkRunaway({ spentMicrodollars: 110n, dailyBudgetMicrodollars: 100n })).not.toThrow();
    expect(() => checkRunaway({ spentMicrodollars: 0n, dailyBudgetMicrodollars: 0n })).not.toThrow();
    expect(() => checkRunaway({ spentMicrodollars: 1n, dailyBudgetMicrodollars: 0n })).toThrow(BudgetExceededError);
  });

  it('says what was spent, of what, and what to do', () => {
    const check = () => checkRunaway({ spentMicrodollars: 111n, dailyBudgetMicrodollars: 100n });
    expect(check).toThrow(/111 microdollars .* ceiling of 110 .* budget of 100\).*top up/);
    expect(check).toThrow(
      expect.objectContaining({
        code: 'budget_exceeded',
        spentMicrodollars: 111n,
        dailyBudgetMicrodollars: 100n,
        hardCeilingMicrodollars: 110n,
      }),
    );
  });
});

/** What the rules give a day, of the money of its cycle. */
function freezeDay(input: {
  budgetMicrodollars: bigint;
  topUpsMicrodollars: bigint;
  topUpsForTodayMicrodollars: bigint;
  committedMicrodollars: bigint;
  renewalDate: string;
  now: string | number;
}) {
  const rest = input.budgetMicrodollars + input.topUpsMicrodollars - input.committedMicrodollars;
  const left = rest > 0n ? rest : 0n;
  const days = daysUntil(input.renewalDate, input.now);
  const of = { left, forToday: input.topUpsForTodayMicrodollars, days, money: 0n, cycleDays: 1, multiple: null };
  const allowance = allowanceOf(of);
  return { allowance, graceful: gracefulAt(allowance), ceiling: ceilingOf(allowance, left) };
}

describe('a day when it starts', () => {
  const day = {
    budgetMicrodollars: 21_000_000n,
    topUpsMicrodollars: 0n,
    topUpsForTodayMicrodollars: 0n,
    committedMicrodollars: 0n,
    renewalDate: '2026-12-01',
    now: '2026-11-10T00:00:00Z',
  };

  it.each([
    ['as planned', {}, { allowance: 1_000_000n, graceful: 900_000n, ceiling: 1_100_000n }],
    [
      'after thrift',
      { now: '2026-11-11T00:00:00Z' },
      { allowance: 1_050_000n, graceful: 945_000n, ceiling: 1_155_000n },
    ],
    [
      'spread top-up',
      { topUpsMicrodollars: 2_100_000n },
      { allowance: 1_100_000n, graceful: 990_000n, ceiling: 1_210_000n },
    ],
    [
      'top-up for today',
      { topUpsMicrodollars: 2_100_000n, topUpsForTodayMicrodollars: 2_100_000n },
      { allowance: 3_100_000n, graceful: 2_790_000n, ceiling: 3_410_000n },
    ],
    [
      'last day',
      { now: '2026-11-30T00:00:00Z', committedMicrodollars: 20_000_000n },
      { allowance: 1_000_000n, graceful: 900_000n, ceiling: 1_000_000n },
    ],
    ['overdrawn', { committedMicrodollars: 22_000_000n }, { allowance: 0n, graceful: 0n, ceiling: 0n }],
    [
      'overdrawn, topped up for today',
      { committedMicrodollars: 22_000_000n, topUpsMicrodollars: 1_500_000n, topUpsForTodayMicrodollars: 1_500_000n },
      { allowance: 500_000n, graceful: 450_000n, ceiling: 500_000n },
    ],
  ])('%s', (_, change, expected) => {
    expect(freezeDay({ ...day, ...change })).toEqual(expected);
  });

  it('never lets a cycle pass its budget, whatever is spent up to each ceiling', () => {
    fc.assert(
      fc.property(money, money, fc.array(fc.nat(1_000), { minLength: 31, maxLength: 31 }), (budget, topUps, shares) => {
        let committed = 0n;
        for (const [n, share] of shares.slice(0, 21).entries()) {
          const { ceiling } = freezeDay({
            ...day,
            budgetMicrodollars: budget,
            topUpsMicrodollars: topUps,
            committedMicrodollars: committed,
            now: Date.parse(day.now) + n * DAY,
          });
          committed += (ceiling * BigInt(share)) / 1_000n;
        }
        expect(committed).toBeLessThanOrEqual(budget + topUps);
      }),
    );
  });
});
