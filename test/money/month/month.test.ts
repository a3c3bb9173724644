/** The simulated month of `npm run month`: it ends with its money spent, to the last day, and never over. */
import { beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, svg, table } from './draw.ts';
import { DAYS, type Month, simulate } from './simulate.ts';

const SEED = Number(process.env.MONTH_SEED ?? 1);

describe(`a month of three agents on one subscription (seed ${SEED})`, () => {
  let month: Month;
  beforeAll(async () => {
    month = await simulate(SEED);
  }, 120_000);
  const spent = () => month.days.reduce((sum, day) => sum + day.spent, 0n);

  it("passes no day's ceiling and not the cycle's budget, and lasts to the last day", () => {
    expect(faultsOf(month)).toEqual([]);
    expect(month.days).toHaveLength(DAYS);
    expect(spent()).toBe(month.bill);
    expect(spent()).toBeLessThanOrEqual(month.budget);
  });

  it('leaves less than one per cent of it unused', () => {
    expect(month.budget - spent()).toBeLessThan(month.budget / 100n);
  });

  it('spends nearly the same every day: no first-day feast, no last-day flood', () => {
    const parts = month.days.map((day) => Number(day.spent) / Number(month.budget / BigInt(DAYS)));
    expect(Math.min(...parts)).toBeGreaterThan(0.9);
    expect(Math.max(...parts)).toBeLessThan(1.25);
  });

  it('finds what would be wrong', () => {
    const [first, ...others] = month.days;
    const worse = { ...first!, ceiling: first!.spent - 1n };
    expect(faultsOf({ ...month, days: [worse, ...others] })).toEqual(['2026-12-01 passed its ceiling']);
    expect(faultsOf({ ...month, bill: spent() + 1n })).toEqual(['the bill is above what was spent']);
    expect(faultsOf({ ...month, budget: spent() - 1n })).toEqual(["the cycle's budget was passed"]);
    const idle = { ...month.days.at(-1)!, spent: 0n, wakes: 0 };
    const days = [...month.days.slice(0, -1), idle];
    expect(faultsOf({ ...month, bill: 0n, days })).toEqual([
      'nobody woke on 2026-12-31',
      "the last day's allowance was not spent",
    ]);
  });

  it('is drawn and printed, a line and a bar for every day', () => {
    expect(table(month).split('\n')).toHaveLength(DAYS + 2);
    const drawn = svg(month);
    expect(drawn.match(/<rect x=/g)).toHaveLength(3 * DAYS);
    expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  });
});
