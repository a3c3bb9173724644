import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAtGracefulThreshold, topUpToWake } from '../../lib/budget/index.ts';
import { handoffReserveOf } from '../../lib/budget/rules.ts';

const amount = fc.bigInt({ min: 0n, max: 50_000_000n });
const day = fc.record({ allowance: amount, spent: amount, held: amount, needed: amount, needs: amount, least: amount });

/** The day after a top-up for it: whatever the cycle has left, its ceiling grows by that much at least. */
function after(
  { allowance, spent, held, needs, least }: typeof day extends fc.Arbitrary<infer T> ? T : never,
  more: bigint,
) {
  const ceiling = (allowance * 11n) / 10n + more;
  const kept = handoffReserveOf(allowance + more, needs, least);
  return { allowance: allowance + more, ceiling, spent, held, kept };
}

const worksIn = (d: ReturnType<typeof after>, needed: bigint): boolean =>
  !isAtGracefulThreshold({ spentMicrodollars: d.spent, dailyBudgetMicrodollars: d.allowance }) &&
  needed <= d.ceiling - d.spent - d.held - d.kept;

it('with the top-up that is named the next step fits, whatever the day was', () => {
  fc.assert(
    fc.property(day, (d) => {
      const more = topUpToWake({ ...after(d, 0n), needed: d.needed });
      expect(more % 10_000n).toBe(0n);
      expect(worksIn(after(d, more), d.needed)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it('is no more than a fifth, a tenth of the step and a cent above the least that would do', () => {
  fc.assert(
    fc.property(day, (d) => {
      const more = topUpToWake({ ...after(d, 0n), needed: d.needed });
      const spare = d.needed / 10n + 20_000n;
      const less = more - more / 5n - (spare * 5n) / 4n;
      if (less > 0n) expect(worksIn(after(d, less), d.needed)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});

it('is nothing where there is room', () => {
  const d = { allowance: 10_000_000n, ceiling: 11_000_000n, spent: 0n, held: 0n, kept: 0n };
  expect(topUpToWake({ ...d, needed: 1_000_000n })).toBe(0n);
  expect(topUpToWake({ ...d, spent: 8_999_999n, needed: 1n })).toBe(0n);
  expect(topUpToWake({ ...d, spent: 9_000_000n, needed: 1n })).toBe(10_000n);
});
