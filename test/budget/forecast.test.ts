/** What the day and the cycle will end at, at the present pace. */
import { describe, expect, it } from 'vitest';
import { forecast, type Pace } from '../../lib/budget/index.ts';

const NOON = '2026-11-10T12:00:00Z';
const DAY = { allowance: 1_000_000n, ceiling: 1_100_000n, spent: 0n, held: 0n };
const CYCLE = { start: '2026-11-01', budget: 30_000_000n, spent: 0n, daysLeft: 21, renewalDate: '2026-12-01' };
type More = { now?: string; before?: bigint; works?: boolean; held?: bigint; cycle?: Partial<Pace['cycle']> };
const given = (spent: bigint, more: More = {}) =>
  forecast({
    now: more.now ?? NOON,
    day: { ...DAY, spent, held: more.held ?? 0n },
    works: more.works ?? true,
    cycle: { ...CYCLE, spent: (more.before ?? 0n) + spent, ...more.cycle },
  });

describe('the day', () => {
  it('goes on as it went since midnight', () => {
    expect(given(400_000n).day).toBe(800_000n);
  });

  it('ends at its ceiling, however fast it began', () => {
    expect(given(100_000n, { now: '2026-11-10T00:00:01Z' }).day).toBe(1_100_000n);
  });

  it('is never foretold to end at less than it has spent', () => {
    expect(given(1_200_000n).day).toBe(1_200_000n);
  });

  it('says when the wind-down begins, at an even pace', () => {
    expect(given(600_000n).gracefulAt).toBe(Date.parse('2026-11-10T18:00:00Z'));
    expect(given(450_000n).gracefulAt).toBeNull();
    expect(given(0n).gracefulAt).toBeNull();
    expect(given(900_000n).gracefulAt).toBe(Date.parse(NOON));
  });

  it('ends at what is spent and held where nothing works on it any more', () => {
    const asleep = given(600_000n, { works: false, held: 1_000n, before: 9_000_000n });
    expect(asleep).toMatchObject({ day: 601_000n, gracefulAt: null, cycle: 28_803_000n });
    expect(given(950_000n, { works: false }).gracefulAt).toBeNull();
  });

  it('counts the first instant of a day as a beginning', () => {
    expect(given(0n, { now: '2026-11-10T00:00:00Z' }).day).toBe(0n);
    expect(given(1n, { now: '2026-11-10T00:00:00Z' }).day).toBe(1_100_000n);
  });
});

describe('the cycle', () => {
  it('goes on as its days did on the average, today foretold among them', () => {
    // Nine days of 400,000 and one of 800,000, then twenty days of their average.
    const { cycle, unused } = given(400_000n, { before: 3_600_000n });
    expect([cycle, unused]).toEqual([4_400_000n + 20n * 440_000n, 16_800_000n]);
  });

  it('never ends above its budget', () => {
    expect(given(400_000n, { before: 20_000_000n })).toMatchObject({ cycle: 30_000_000n, unused: 0n });
  });

  it('ends with today on its last day', () => {
    const now = '2026-11-30T12:00:00Z';
    expect(given(400_000n, { now, before: 9_000_000n, cycle: { daysLeft: 1 } }).cycle).toBe(9_800_000n);
  });

  it('has no end without a renewal date', () => {
    expect(given(400_000n, { cycle: { renewalDate: null } })).toMatchObject({
      day: 800_000n,
      cycle: null,
      unused: null,
    });
  });
});
