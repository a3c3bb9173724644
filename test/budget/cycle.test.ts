import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRenewal } from '../../lib/budget/rules.ts';
import { cycleAt } from '../../lib/testing/memory/cycle.ts';

const dateOf = (instant: string | number) => new Date(instant).toISOString().slice(0, 10);

/** The cycle that `now` lies in, from the stored one on. */
function billingCycle({ start, anchor }: { start: string | number; anchor: string | number }, now: string | number) {
  const renewal = dateOf(anchor);
  const cycle = { cycleStart: dateOf(start), renewalDate: renewal, anchor: Number(renewal.slice(8)) };
  const { cycleStart, renewalDate } = cycleAt(cycle, dateOf(now));
  return { start: cycleStart, end: renewalDate! };
}

describe('the billing cycle', () => {
  it.each([
    // [start, anchor, now] → [start, end]
    ['2026-11-03', '2026-12-01', '2026-11-30T23:59:59Z', '2026-11-03', '2026-12-01'],
    ['2026-11-03', '2026-12-01', '2026-12-01T00:00:00Z', '2026-12-01', '2027-01-01'],
    ['2026-11-03', '2026-12-01', '2027-03-15T12:00:00Z', '2027-03-01', '2027-04-01'],
    ['2027-01-05', '2027-01-31', '2027-01-31T00:00:00Z', '2027-01-31', '2027-02-28'],
    ['2027-01-05', '2027-01-31', '2027-02-28T00:00:00Z', '2027-02-28', '2027-03-31'],
    ['2027-01-05', '2027-01-31', '2027-03-31T00:00:00Z', '2027-03-31', '2027-04-30'],
    ['2028-01-05', '2028-01-31', '2028-02-10T00:00:00Z', '2028-01-31', '2028-02-29'],
    ['2027-11-05', '2027-12-31', '2028-02-29T00:00:00Z', '2028-02-29', '2028-03-31'],
  ])('from %s with anchor %s contains %s: %s to %s', (start, anchor, now, from, to) => {
    expect(billingCycle({ start, anchor }, now)).toEqual({ start: from, end: to });
  });

  it('keeps its start when only its end is moved', () => {
    const now = '2026-11-10T00:00:00Z';
    for (const anchor of ['2026-11-11', '2026-12-24', '2027-11-10']) {
      expect(billingCycle({ start: '2026-11-03', anchor }, now)).toEqual({ start: '2026-11-03', end: anchor });
    }
  });

  it('always contains the day, and the next one begins where it ends', () => {
    const instant = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) });
    fc.assert(
      fc.property(instant, instant, (anchor, now) => {
        const today = new Date(now).toISOString().slice(0, 10);
        const stored = { start: Math.min(anchor, now) - 86_400_000, anchor };
        const { start, end } = billingCycle(stored, now);
        expect(start <= today && today < end).toBe(true);
        expect(nextRenewal(dateOf(anchor), Number(dateOf(anchor).slice(8)), today)).toBe(end);
        expect(billingCycle(stored, end).start).toBe(end);
      }),
    );
  });
});
