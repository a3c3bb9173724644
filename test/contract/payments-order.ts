/** That users have what Stripe told in whatever order and however often it came, and that a database counts as lib/payments does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { paidFor, type UnitPrice, worthOf } from '../../lib/payments/paid-invoices.ts';
import type { StripeObject } from '../../lib/ports/index.ts';
import type { AnEvent } from '../kit/stripe.ts';
import { contract, type Factory, START, type Steps } from './harness.ts';
import { dateOf, objectOf, PLANS, payer, tell } from './payer.ts';

const line = fc
  .record({
    ...{ from: fc.integer({ min: -70, max: 40 }), days: fc.constantFrom(1, 7, 30, 31, 365), proration: fc.boolean() },
    price: fc.constantFrom('price_pro', 'price_max', 'price_tiered', 'price_unknown'),
    amount: fc.oneof(fc.constantFrom(3_100, 6_200), fc.integer({ min: -7_000, max: 7_000 })),
  })
  .map(({ from, days, ...over }): [number, number, typeof over] => [from, from + days, over]);

const step = fc.oneof(
  fc.record({ type: fc.constant('pay' as const), n: fc.nat({ max: 3 }), status: fc.constantFrom('paid', 'unpaid') }),
  fc.record({
    ...{ type: fc.constant('subscribe' as const), sub: fc.constantFrom('a', 'b'), at: fc.nat({ max: 2 }) },
    price: fc.constantFrom('price_pro', 'price_pro', 'price_max', 'price_unknown'),
    what: fc.constantFrom('created', 'updated', 'deleted'),
    named: fc.boolean(),
  }),
  fc.record({
    ...{ type: fc.constant('paid' as const), sub: fc.constantFrom('a', 'b') },
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
  }),
);
/** What the subscriptions of the kit cost. */
const UNITS = new Map<string, UnitPrice>([
  ['price_pro', { id: 'price_pro', unitAmount: 3_100, currency: 'usd' }],
  ['price_max', { id: 'price_max', unitAmount: 6_200, currency: 'usd' }],
]);
/** A price is known once any subscription has told of it, so both are from the beginning on. */
async function tellPrices(t: Steps) {
  const { subscribe } = await payer(t);
  for (const price of UNITS.keys()) await tell(t, subscribe({ price }));
}

type Told = typeof step extends fc.Arbitrary<infer T> ? T : never;

function eventOf({ pay, subscribe, paid }: Awaited<ReturnType<typeof payer>>, one: Told): AnEvent {
  if (one.type === 'pay') return pay(`cs_${one.n}`, 100 * (one.n + 1), { payment_status: one.status });
  if (one.type === 'paid') return paid(one.lines[0]![0], one.lines[0]![1], one);
  const { sub, at, price, what, named } = one;
  return subscribe({ id: sub, price, ...(!named && { metadata: {} }) }, 1_794_297_600 + at, what);
}

/** `numRuns`: how many histories are tried. Each is some dozen requests to a database. */
export const paymentsOrderContract = (name: string, factory: Factory, numRuns: number) =>
  contract(`${name}: the order of payments`, factory, (t) => {
    it('does not matter, and neither do repeats', async () => {
      await tellPrices(t());
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 9 }),
          fc.infiniteStream(fc.nat()),
          async (all, order) => {
            const [one, other] = [await payer(t()), await payer(t())];
            // The customer is known by a checkout of its own, which comes first for one and anywhere for the other.
            await tell(t(), one.pay('cs_link', 0));
            for (const each of all) await tell(t(), eventOf(one, each));
            const events = [other.pay('cs_link', 0), ...all.map((each) => eventOf(other, each))];
            const repeats = events.filter((_, i) => (order.next().value ?? i) % 3 === 0);
            const shuffled = [...events, ...repeats]
              .map((event) => ({ event, place: order.next().value ?? 0 }))
              .sort((a, b) => a.place - b.place);
            for (const { event } of shuffled) await tell(t(), event);
            const [expected, found] = [await one.said(), await other.said()];
            // A user who has no plan keeps the tier of the last one.
            if (expected.renewalDate === null) expected.tier = found.tier;
            expect(found).toEqual(expected);
          },
        ),
        { numRuns, seed: 20_261_129 },
      );
    });

    it('is that of time: a day is paid exactly where lib/payments says so, and with that budget', async () => {
      await tellPrices(t());
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(line, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
          fc.constantFrom('price_pro', 'price_max', 'price_unknown'),
          async (bills, known) => {
            await t().setNow(START);
            const { subscribe, paid, plan } = await payer(t());
            const told = new Map<string, StripeObject>();
            for (const event of [
              subscribe({ price: known }),
              ...bills.map((lines) => paid(lines[0]![0], lines[0]![1], { lines })),
            ]) {
              await tell(t(), event);
              const object = objectOf(event);
              told.set(object.id, object);
            }
            const invoices = [...told.values()].flatMap((object) => {
              const worth = object.kind === 'invoice' && worthOf(object.lines, UNITS, PLANS);
              return worth ? [{ ...worth, id: object.id }] : [];
            });
            const found = paidFor(invoices, dateOf(0), dateOf(0));
            const { budget, renewalDate } = await plan();
            expect({ budget, renewalDate }).toEqual({ budget: found?.budget ?? 0n, renewalDate: found?.until ?? null });
          },
        ),
        { numRuns, seed: 20_261_129 },
      );
    });
  });
