/** What paid invoices give: what was billed, in proportion, and never more than that. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type InvoiceLine,
  type PaidInvoice,
  type PaidPlans,
  paidFor,
  paidUntil,
  type UnitPrice,
  worthOf,
} from '../../lib/payments/paid-invoices.ts';

const START = Date.parse('2026-11-10T08:00:00Z');
const DAY_MS = 86_400_000;
const dateOf = (day: number) => new Date(START + day * DAY_MS).toISOString().slice(0, 10);
const dollars = (amount: number): bigint => BigInt(Math.round(amount * 1_000_000));
const PLANS: PaidPlans = {
  small: { tier: 'small', budget: dollars(24) },
  large: { tier: 'large', budget: dollars(80) },
  year: { tier: 'year', budget: dollars(300) },
};
const CENTS = { small: 3_000, large: 9_000, year: 36_500, addon: 1_000 };
const UNITS = new Map<string, UnitPrice>(
  Object.entries(CENTS).map(([id, unitAmount]) => [id, { id, unitAmount, currency: 'usd' }]),
);

type Price = keyof typeof CENTS;
const line = (price: Price, from: number, to: number, amount: number = CENTS[price]): InvoiceLine => ({
  ...{ price, amount, currency: 'usd', isProrated: amount !== CENTS[price] },
  ...{ startsAt: START + from * DAY_MS, endsAt: START + to * DAY_MS },
});
const invoice = (...lines: InvoiceLine[]): PaidInvoice => {
  const worth = worthOf(lines, UNITS, PLANS);
  if (!worth) throw new Error('It gives nothing.');
  return { ...worth, id: JSON.stringify(lines) };
};
const cycle = (invoices: PaidInvoice[], day: number, since = 0) => {
  const found = paidFor(invoices, dateOf(day), dateOf(since));
  return found && { ...found, budget: Number(found.budget) / 1_000_000 };
};

it.each([
  ['2026-12-10T08:00:00Z', '2026-12-11'],
  ['2026-12-10T21:00:00Z', '2026-12-11'],
  ['2026-12-10T21:00:01Z', '2026-12-12'],
  ['2026-12-11T00:00:00Z', '2026-12-12'],
])('a period that ends at %s pays until %s', (endsAt, until) => expect(paidUntil(Date.parse(endsAt))).toBe(until));

describe('an invoice gives', () => {
  const worth = (...lines: InvoiceLine[]) => worthOf(lines, UNITS, PLANS);
  it('each line in proportion to its price, with its quantity, rounded down', () => {
    expect(worth(line('small', 0, 30))).toMatchObject({ tier: 'small', budget: dollars(24) });
    expect(worth(line('small', 0, 5, 500))).toMatchObject({ budget: dollars(4), endsAt: START + 5 * DAY_MS });
    expect(worth(line('small', 0, 30, 9_000))).toMatchObject({ budget: dollars(72) });
    expect(worth(line('large', 0, 30, 1))).toMatchObject({ budget: 8_888n });
    expect(worth(line('large', 0, 30, -1))).toMatchObject({ budget: -8_889n });
  });

  it('nothing for a trial, a free price or one of no tier, and the period of the tier beside an add-on', () => {
    expect(worth(line('large', 0, 14, 0), line('addon', 0, 30))).toBeNull();
    expect(worth(line('addon', 0, 30), line('year', 0, 365))).toMatchObject({
      tier: 'year',
      endsAt: START + 365 * DAY_MS,
    });
  });

  it('a whole period its budget, and a change nothing, where no subscription tells the price in this currency', () => {
    const euros = (one: InvoiceLine) => ({ ...one, currency: 'eur' });
    expect(worth(euros(line('small', 0, 30)))).toMatchObject({ budget: dollars(24) });
    expect(worth(euros(line('large', 9, 30, 6_300)))).toMatchObject({ budget: 0n });
  });
});

describe('a change of price', () => {
  const paid = [invoice(line('small', 0, 30))];
  it('on the last day gives that day of the larger budget, and nothing before it is paid', () => {
    expect(cycle(paid, 29)).toEqual({ tier: 'small', budget: 24, until: dateOf(31) });
    const upgrade = invoice(line('small', 29, 30, -100), line('large', 29, 30, 300));
    expect(cycle([...paid, upgrade], 29)).toEqual({ tier: 'large', budget: 25.866_666, until: dateOf(31) });
  });

  it('there and back is what was billed less what was credited, also with a period that was never paid', () => {
    const back = invoice(line('large', 20, 30, -3_000), line('small', 20, 30, 1_000));
    expect(cycle([...paid, back], 20)).toMatchObject({ budget: 5.333_333 });
    const there = invoice(line('small', 10, 30, -2_000), line('large', 10, 30, 6_000));
    expect(cycle([...paid, there, back], 20)).toMatchObject({ budget: 42.666_666 });
  });

  it('that is billed with the next period counts in that, and what it lacks in the one after', () => {
    const large = [invoice(line('large', 0, 30))];
    const next = invoice(line('large', 10, 30, -6_000), line('small', 10, 30, 2_000), line('small', 30, 60));
    const after = invoice(line('small', 60, 90));
    expect(cycle([...large, next], 30)).toMatchObject({ tier: 'large', budget: 80 });
    expect(cycle([...large, next], 31, 31)).toEqual({ tier: 'small', budget: 0, until: dateOf(61) });
    expect(cycle([...large, next, after], 61, 61)).toMatchObject({ budget: 10.666_666 });
  });

  it('that begins a new period goes on in the running cycle, which ends with it', () => {
    const yearly = [invoice(line('year', 0, 365)), invoice(line('year', 10, 365, -35_500), line('small', 10, 40))];
    expect(cycle(yearly, 10)).toEqual({ tier: 'small', budget: 32.219_178, until: dateOf(41) });
    expect(cycle([...yearly, invoice(line('small', 40, 70))], 41, 41)).toMatchObject({ budget: 24, until: dateOf(71) });
  });

  it('that is told after the cycle has ended gives nothing a second time', () => {
    const late = [...paid, invoice(line('small', 29, 30, -100), line('year', 29, 394))];
    expect(cycle(late, 33, 0)).toMatchObject({ budget: 323.2 });
    expect(cycle(late, 33, 31)).toMatchObject({ budget: 299.2, until: dateOf(395) });
  });
});

/** Invoices of one subscription as they may come: any lines, of any time and amount. */
const anyInvoice = fc
  .array(
    fc.record({
      price: fc.constantFrom<Price>('small', 'large', 'year', 'addon'),
      from: fc.integer({ min: 0, max: 100 }),
      days: fc.constantFrom(1, 7, 30, 365),
      amount: fc.oneof(fc.constantFrom(3_000, 9_000, 36_500), fc.integer({ min: -9_000, max: 9_000 })),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((lines) => lines.map(({ price, from, days, amount }) => line(price, from, from + days, amount)));
const history = fc.array(anyInvoice, { minLength: 1, maxLength: 6 });
const invoicesOf = (all: InvoiceLine[][]): PaidInvoice[] =>
  all.flatMap((lines, n) => {
    const worth = worthOf(lines, UNITS, PLANS);
    return worth ? [{ ...worth, id: `in_${n}` }] : [];
  });

describe('whatever is billed and credited', () => {
  it('all cycles together give what all invoices give, and more only by what nobody has billed since', () => {
    fc.assert(
      fc.property(history, (all) => {
        const invoices = invoicesOf(all);
        let [given, since] = [0n, dateOf(0)];
        for (let day = 0; day < 500; day++) {
          const found = dateOf(day) >= since ? paidFor(invoices, dateOf(day), since) : null;
          if (!found) continue;
          given += found.budget;
          since = found.until;
        }
        const most = invoices.reduce((sum, { budget }) => sum + (budget > 0n ? budget : 0n), 0n);
        const least = invoices.reduce((sum, { budget }) => sum + budget, 0n);
        expect(given).toBeLessThanOrEqual(most);
        expect(given).toBeGreaterThanOrEqual(least);
        const last = invoices.every(({ budget }) => budget >= 0n);
        if (last) expect(given).toBe(least);
      }),
      { numRuns: 300, seed: 20_261_130 },
    );
  });

  it('the order in which invoices are known is immaterial', () => {
    fc.assert(
      fc.property(history, fc.nat({ max: 400 }), fc.infiniteStream(fc.nat()), (all, day, places) => {
        const invoices = invoicesOf(all);
        const shuffled = invoices
          .map((one) => ({ one, place: places.next().value ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ one }) => one);
        expect(paidFor(shuffled, dateOf(day), dateOf(0))).toEqual(paidFor(invoices, dateOf(day), dateOf(0)));
      }),
      { numRuns: 300, seed: 20_261_130 },
    );
  });
});
