/** What paid invoices give: what was billed, in proportion, and never more than that. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cyclesOf,
  type InvoiceLine,
  leftOfPaid,
  type PaidInvoice,
  type PaidPlans,
  paidTerms,
  paidUntil,
  type UnitPrice,
  usedUp,
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
  Object.entries(CENTS).map(([id, unitAmount]) => [id, { id, unitAmount, currency: 'usd', isExact: true }]),
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
/** Of several subscriptions, by their place. `used`: dollars that cycles before have used up. */
const plan = (subscriptions: PaidInvoice[][], day: number, used = 0) => {
  const cycles = subscriptions.map((invoices, n) => [`sub_${n}`, cyclesOf(invoices)] as const);
  const terms = paidTerms(new Map(cycles), dateOf(day), dateOf(0));
  return (
    terms && { tier: terms.tier, until: terms.until, budget: Number(leftOfPaid(terms.total, dollars(used))) / 1e6 }
  );
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
  const paid = invoice(line('small', 0, 30));
  it('on the last day gives that day of the larger budget, and nothing before it is paid', () => {
    expect(plan([[paid]], 29)).toEqual({ tier: 'small', budget: 24, until: dateOf(31) });
    const upgrade = invoice(line('small', 29, 30, -100), line('large', 29, 30, 300));
    expect(plan([[paid, upgrade]], 29)).toEqual({ tier: 'large', budget: 25.866_666, until: dateOf(31) });
  });

  it('there and back is what was billed less what was credited, also of a change that was never paid', () => {
    const back = invoice(line('large', 20, 30, -3_000), line('small', 20, 30, 1_000));
    expect(plan([[paid, back]], 20)).toMatchObject({ budget: 5.333_333 });
    const there = invoice(line('small', 10, 30, -2_000), line('large', 10, 30, 6_000));
    expect(plan([[paid, there, back]], 20)).toMatchObject({ budget: 42.666_666 });
  });

  it('that is billed with the next period counts in that, and what it lacks in the one after', () => {
    const large = invoice(line('large', 0, 30));
    const next = invoice(line('large', 10, 30, -6_000), line('small', 10, 30, 2_000), line('small', 30, 60));
    expect(plan([[large, next]], 30)).toMatchObject({ tier: 'large', budget: 80 });
    expect(plan([[large, next]], 31, 80)).toEqual({ tier: 'small', budget: 0, until: dateOf(61) });
    expect(plan([[large, next, invoice(line('small', 60, 90))]], 61, 80)).toMatchObject({ budget: 10.666_666 });
  });

  it('that begins a new period goes on in the running cycle, which ends with it', () => {
    const yearly = [invoice(line('year', 0, 365)), invoice(line('year', 10, 365, -35_500), line('small', 10, 40))];
    expect(plan([yearly], 10)).toEqual({ tier: 'small', budget: 32.219_178, until: dateOf(41) });
    expect(plan([[...yearly, invoice(line('small', 40, 70))]], 41, 33)).toMatchObject({ budget: 23.219_178 });
  });
});

describe('several subscriptions', () => {
  const [large, small] = [invoice(line('large', 0, 30)), invoice(line('small', 10, 40))];
  it('add their money, and the larger tells the tier and the end', () => {
    expect(plan([[small], [large]], 10)).toEqual({ tier: 'large', budget: 104, until: dateOf(31) });
    expect(plan([[small], [large]], 31, 104)).toEqual({ tier: 'small', budget: 0, until: dateOf(41) });
  });

  it('of equal ones the later end counts, so that what was paid for twice is not lost', () => {
    const again = invoice(line('large', 15, 45));
    expect(plan([[large], [again]], 15)).toEqual({ tier: 'large', budget: 160, until: dateOf(46) });
  });
});

it('a cycle uses up what was paid for it or what was spent, and first what the operator gave beside', () => {
  const used = (paid: number, budget: number, spent: number) =>
    Number(usedUp(dollars(100), { paid: dollars(paid), budget: dollars(budget), spent: dollars(spent) })) / 1e6;
  expect([used(30, 30, 10), used(30, 30, 40), used(30, 50, 40), used(30, 50, 60), used(0, 0, 7)]).toEqual([
    130, 140, 130, 140, 107,
  ]);
});

type Told = { lines: InvoiceLine[]; sub: number; after: number };
/** Invoices of two subscriptions as they may come: any lines, of any time and amount, told late or not. */
const anyInvoice = fc.record({
  lines: fc
    .array(
      fc.record({
        price: fc.constantFrom<Price>('small', 'large', 'year', 'addon'),
        days: fc.constantFrom(1, 7, 30, 365),
        amount: fc.oneof(fc.constantFrom(3_000, 9_000, 36_500), fc.integer({ min: -9_000, max: 9_000 })),
        back: fc.integer({ min: 0, max: 30 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .chain((all) => fc.integer({ min: 0, max: 120 }).map((from) => ({ all, from })))
    .map(({ all, from }) =>
      all.map(({ price, days, amount, back }) => line(price, from - back, from - back + days, amount)),
    ),
  sub: fc.integer({ min: 0, max: 1 }),
  after: fc.constantFrom(0, 0, 1, 40),
});
const history = fc.array(anyInvoice, { minLength: 1, maxLength: 7 });

/** Lives with it day by day, as the account does: settles what is told, rolls at the end of a cycle, and spends a part of what there is. */
function live(all: Told[], part: (day: number) => number) {
  const told: PaidInvoice[][] = [[], []];
  let [used, spent, inCycle, budget]: [bigint | null, bigint, bigint, bigint] = [null, 0n, 0n, 0n];
  let [until, most, billed]: [string | null, bigint, bigint] = [null, 0n, 0n];
  const termsOn = (day: number) =>
    paidTerms(new Map(told.map((invoices, n) => [`sub_${n}`, cyclesOf(invoices)])), dateOf(day), dateOf(-40));
  for (let day = -40; day < 560; day++) {
    if (until !== null && until <= dateOf(day)) {
      const terms = termsOn(day - 1);
      const before = used ?? terms?.ended ?? 0n;
      const paid = terms ? leftOfPaid(terms.total, before) : 0n;
      used = usedUp(before, { paid, budget, spent: inCycle });
      [inCycle, until] = [0n, null];
    }
    for (const [n, { lines, sub, after }] of all.entries()) {
      const first = Math.max(...lines.map(({ startsAt }) => startsAt));
      if (dateOf(day) !== new Date(first + after * DAY_MS).toISOString().slice(0, 10)) continue;
      const worth = worthOf(lines, UNITS, PLANS);
      if (worth) told[sub]!.push({ ...worth, id: `in_${n}` });
      billed += worth?.budget ?? 0n;
      most = billed > most ? billed : most;
    }
    const terms = termsOn(day);
    budget = terms ? leftOfPaid(terms.total, used ?? terms.ended) : 0n;
    until = terms?.until ?? until;
    const left = budget > inCycle ? budget - inCycle : 0n;
    const spends = (left * BigInt(part(day))) / 100n;
    spent += spends;
    inCycle += spends;
  }
  return { spent, most, billed };
}

describe('whatever is billed and credited, in whatever order it is told', () => {
  it('nobody spends more than what was billed, less what was credited by then', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.constantFrom(0, 3, 50, 100)), (all, parts) => {
        const { spent, most } = live(all, () => parts.next().value ?? 0);
        expect(spent).toBeLessThanOrEqual(most);
      }),
      { numRuns: 150, seed: 20_261_130 },
    );
  });

  it('who spends all at once gets all that was billed in time', () => {
    const inTime = history.map((all) =>
      all.map((one) => ({
        ...one,
        after: 0,
        lines: one.lines.slice(0, 1).map((of) => ({ ...of, amount: Math.abs(of.amount) })),
      })),
    );
    fc.assert(
      fc.property(inTime, (all) => {
        const { spent, billed } = live(all, () => 100);
        expect(spent).toBe(billed);
      }),
      { numRuns: 150, seed: 20_261_130 },
    );
  });

  it('the order in which invoices are known is immaterial', () => {
    fc.assert(
      fc.property(history, fc.nat({ max: 400 }), fc.infiniteStream(fc.nat()), (all, day, places) => {
        const invoices = all.flatMap(({ lines }, n) => {
          const worth = worthOf(lines, UNITS, PLANS);
          return worth ? [{ ...worth, id: `in_${n}` }] : [];
        });
        const shuffled = invoices
          .map((one) => ({ one, place: places.next().value ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ one }) => one);
        expect(plan([shuffled], day)).toEqual(plan([invoices], day));
      }),
      { numRuns: 150, seed: 20_261_130 },
    );
  });
});
