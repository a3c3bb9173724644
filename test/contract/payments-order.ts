/** That users have what Stripe told in whatever order and however often it came, and that a database counts as lib/payments does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cyclesOf, leftOfPaid, paidTerms, type UnitPrice, usedUp, worthOf } from '../../lib/payments/paid-invoices.ts';
import type { StripeObject } from '../../lib/ports/index.ts';
import type { AnEvent } from '../kit/stripe.ts';
import { contract, DAY_MS, type Factory, START, type Steps } from './harness.ts';
import { dateOf, objectOf, PLANS, payer, tell } from './payer.ts';

const line = fc
  .record({
    ...{ from: fc.integer({ min: -70, max: 40 }), days: fc.constantFrom(1, 7, 30, 31, 365), proration: fc.boolean() },
    price: fc.constantFrom('price_pro', 'price_max', 'price_tiered', 'price_unknown'),
    amount: fc.oneof(fc.constantFrom(3_100, 6_200), fc.integer({ min: -7_000, max: 7_000 })),
  })
  .map(({ from, days, ...over }): [number, number, typeof over] => [from, from + days, over]);

/** What a tiered price costs depends on all that were billed by it. */
const priced = line.filter(([, , { price }]) => price !== 'price_tiered');

type Line = typeof line extends fc.Arbitrary<infer T> ? T : never;

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
  ['price_pro', { id: 'price_pro', unitAmount: 3_100, currency: 'usd', isExact: true }],
  ['price_max', { id: 'price_max', unitAmount: 6_200, currency: 'usd', isExact: true }],
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

    it('over days of telling and spending gives exactly what lib/payments says', async () => {
      await tellPrices(t());
      const move = fc.record({
        days: fc.constantFrom(0, 0, 1, 5, 29, 31, 40),
        lines: fc.option(fc.array(priced, { minLength: 1, maxLength: 3 }), { freq: 1 }),
        sub: fc.constantFrom('a', 'b'),
        spends: fc.integer({ min: 0, max: 40_000_000 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 8 }), async (moves) => {
          await t().setNow(START);
          const { user, subscribe, paid, plan } = await payer(t());
          for (const id of ['a', 'b']) await tell(t(), subscribe({ id }));
          const account = accountOf();
          let today = 0;
          for (const [n, { days, lines, sub, spends }] of moves.entries()) {
            today += days;
            await t().setNow(START + today * DAY_MS);
            account.roll(dateOf(today));
            const bill = lines?.map(([from, to, over]): Line => [from + today, to + today, over]);
            if (bill) {
              const event = paid(bill[0]![0], bill[0]![1], { sub, lines: bill });
              await tell(t(), event);
              account.told(objectOf(event), dateOf(today));
            }
            const { budget, renewalDate } = await plan();
            expect([n, budget, renewalDate]).toEqual([n, ...account.plan()]);
            const call = { userId: user, sessionId: 'ses_any', iteration: n, model: 'claude-haiku-5-5', usage: {} };
            await t().purse.record({ ...call, cost: BigInt(spends), at: START + today * DAY_MS });
            account.spent(BigInt(spends));
          }
        }),
        { numRuns, seed: 20_261_130 },
      );
    });
  });

/** A user's account as lib/payments has it: made on the first day, with nothing. */
function accountOf() {
  const told = new Map<string, Extract<StripeObject, { kind: 'invoice' }>>();
  let [since, until, used]: [string, string | null, bigint | null] = [dateOf(0), null, null];
  let [budget, inCycle] = [0n, 0n];
  const cyclesBy = (subscription: string) =>
    cyclesOf(
      [...told.values()].flatMap((invoice) => {
        const worth = invoice.subscription === subscription && worthOf(invoice.lines, UNITS, PLANS);
        return worth ? [{ ...worth, id: invoice.id }] : [];
      }),
    );
  const termsOn = (day: string) =>
    paidTerms(new Map([...told.values()].map(({ subscription: id }) => [id, cyclesBy(id)])), day, since);
  return {
    roll(day: string) {
      while (until !== null && until <= day) {
        const ended = termsOn(new Date(Date.parse(until) - DAY_MS).toISOString().slice(0, 10));
        const before: bigint = used ?? ended?.ended ?? 0n;
        const paid = ended ? leftOfPaid(ended.total, before) : 0n;
        used = usedUp(before, { paid, budget, spent: inCycle });
        since = until;
        inCycle = 0n;
        const next = termsOn(since);
        [budget, until] = next ? [leftOfPaid(next.total, used), next.until] : [0n, null];
      }
    },
    told(object: StripeObject, day: string) {
      if (object.kind === 'invoice') told.set(object.id, object);
      const terms = termsOn(day);
      [budget, until] = terms ? [leftOfPaid(terms.total, used ?? terms.ended), terms.until] : [0n, null];
    },
    spent(cost: bigint) {
      inCycle += cost;
    },
    plan: () => [budget, until],
  };
}
