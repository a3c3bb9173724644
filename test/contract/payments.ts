/** What the Payments port promises: users have what the kept objects say, in whatever order and however often these came. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { paidThrough } from '../../lib/payments/paid-periods.ts';
import { readStripe } from '../../lib/payments/stripe-object.ts';
import type { PaidPlans, StripeObject } from '../../lib/ports/index.ts';
import { type AnEvent, aCheckout, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';
import { contract, DAY_MS, type Factory, START, type Steps } from './harness.ts';

const PLANS: PaidPlans = {
  price_pro: { tier: 'standard', budget: 31_000_000n },
  max_monthly: { tier: 'premium', budget: 62_000_000n },
};
const iso = (day: number) => new Date(START + day * DAY_MS).toISOString();
const dateOf = (day: number) => iso(day).slice(0, 10);

const objectOf = (event: AnEvent): StripeObject => {
  const reading = readStripe(event);
  if ('ignored' in reading) throw new Error(reading.ignored);
  return reading.object;
};

/** As the route does it. */
async function tell(t: Steps, event: AnEvent, isNews = true) {
  const object = objectOf(event);
  await t.payments.keep(object);
  const userId = await t.payments.userOf(object.id);
  return userId === null ? 'nobody' : await t.payments.settle(userId, PLANS, { isNews });
}

/** A user without money, whose Stripe ids end in theirs. */
async function payer(t: Steps) {
  const user = newId('usr');
  await t.accounts.putUser(user, {});
  const of = (id: string) => `${id}_${user}`;
  const [customer, client_reference_id] = [of('cus'), user];
  const pay = (id: string, cents: number, over: object = {}) =>
    anEvent('checkout', aCheckout({ id: of(id), customer, client_reference_id, amount_total: cents, ...over }));
  const subscribe = (over: Parameters<typeof aSubscription>[0] = {}, created = 1_794_297_600, type = 'created') =>
    anEvent(
      'subscription',
      aSubscription({ customer, metadata: { circadian_user_id: user }, ...over, id: of(over.id ?? 'sub') }),
      { created, type: `customer.subscription.${type}` },
    );
  const paid = (from: number, to: number, sub = 'sub') =>
    anEvent('invoice', anInvoice(iso(from), iso(to), { of: of(sub), id: of(`in_${sub}_${from}_${to}`), customer }));
  const plan = async () => {
    const { tier, budget, renewalDate } = (await t.accounts.getUser(user))!;
    return { tier, budget, renewalDate };
  };
  const said = async () => ({ ...(await plan()), ...(await sums(t, user)) });
  return { user, customer, pay, subscribe, paid, plan, said };
}

async function sums(t: Steps, user: string) {
  const { budget, cycleStart, toppedUpLeft, day } = await t.accounts.budget(user);
  const { data } = await t.accounts.topUps(user, { limit: 50, cursor: null });
  const paid = data.map(({ key, amount }) => `${key.replaceAll(user, '')} ${amount}`).sort();
  return { cycle: budget, cycleStart, toppedUpLeft, allowance: day.allowance, paid };
}

const PRO = { tier: 'standard', budget: 31_000_000n };
const NOTHING = { budget: 0n, renewalDate: null };

/** `runs`: how many histories the tests of order try. Each is some dozen requests to a database. */
export const paymentsContract = (name: string, factory: Factory, runs: number) => {
  contract(`${name}: payments`, factory, (t) => {
    it('give the plan of the price for the paid period, once its invoice is paid', async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      expect(await tell(t(), subscribe())).toEqual({ nudged: false, tooMuch: false });
      expect(await plan()).toMatchObject(NOTHING);
      await tell(t(), paid(0, 30));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(31) });
      expect((await t().accounts.budget(user)).day.allowance).toBe(1_000_000n);
      await tell(t(), subscribe({ price: 'max_monthly' }, 1_794_300_000, 'updated'));
      expect(await plan()).toEqual({ tier: 'premium', budget: 62_000_000n, renewalDate: dateOf(31) });
      await tell(t(), subscribe({ price: 'max_monthly', status: 'canceled' }, 1_794_400_000, 'deleted'));
      expect(await plan()).toEqual({ tier: 'premium', budget: 62_000_000n, renewalDate: dateOf(31) });
    });

    it('renew it with the next paid period, and with nothing else', async () => {
      const { subscribe, paid, plan, pay, user } = await payer(t());
      for (const event of [subscribe(), paid(0, 30), pay('cs', 100)]) await tell(t(), event);
      await t().setNow(START + 30 * DAY_MS + 3_600_000);
      await tell(t(), paid(30, 60));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(31) });
      await t().setNow(START + 31 * DAY_MS);
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(61) });
      expect(await sums(t(), user)).toMatchObject({ cycle: 32_000_000n, cycleStart: dateOf(31) });
      await t().setNow(START + 61 * DAY_MS);
      await tell(t(), subscribe({ status: 'past_due' }, 1_799_600_000, 'updated'));
      expect(await plan()).toEqual({ tier: 'standard', ...NOTHING });
      expect(await sums(t(), user)).toMatchObject({ cycle: 1_000_000n, toppedUpLeft: 1_000_000n });
      await tell(t(), paid(60, 90));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(91) });
    });

    it('end it with the paid period, also when nobody has asked since', async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      for (const event of [paid(0, 30), subscribe()]) await tell(t(), event);
      await t().setNow(START + 75 * DAY_MS);
      expect(await plan()).toEqual({ tier: 'standard', ...NOTHING });
      const listed = await t().accounts.users({ idPrefix: user }, { limit: 1, cursor: null });
      expect(listed.data).toMatchObject([{ ...NOTHING, day: { allowance: 0n } }]);
      expect((await t().accounts.budget(user)).day.allowance).toBe(0n);
      await t().accounts.putUser(user, { budget: 5_000_000n, renewalDate: dateOf(80) });
      await t().setNow(START + 200 * DAY_MS);
      expect(await plan()).toMatchObject({ budget: 5_000_000n });
    });

    it('begin no second budget when a change of plan moves the period', async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      for (const event of [subscribe(), paid(0, 30), paid(5, 35), paid(9, 39)]) await tell(t(), event);
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(40) });
      await t().setNow(START + 39 * DAY_MS);
      expect(await sums(t(), user)).toMatchObject({ cycle: 31_000_000n, cycleStart: dateOf(0) });
    });

    it('add a checkout once, however often and together it is told', async () => {
      const { pay, said } = await payer(t());
      const unpaid = pay('cs_1', 2_100, { payment_status: 'unpaid' });
      expect(await tell(t(), unpaid)).toMatchObject({ nudged: false });
      const event = { ...pay('cs_1', 2_100), type: 'checkout.session.async_payment_succeeded' };
      await Promise.all(Array.from({ length: 8 }, () => tell(t(), event)));
      await tell(t(), unpaid);
      await tell(t(), pay('cs_1', 900_000));
      expect(await said()).toMatchObject({ cycle: 21_000_000n, paid: ['payment\ncs_1_ 21000000'] });
    });

    it('wait for their user, and count when the operator makes one', async () => {
      const { pay, subscribe, paid } = await payer(t());
      const user = newId('usr');
      const metadata = { circadian_user_id: user };
      expect(await tell(t(), pay('cs', 500, { metadata }))).toBeNull();
      expect(await tell(t(), subscribe({ metadata }))).toBeNull();
      expect(await tell(t(), paid(0, 30))).toBeNull();
      await t().accounts.putUser(user, { firstBudget: 7n });
      await t().payments.settle(user, PLANS, { isNews: false });
      expect(await t().accounts.getUser(user)).toMatchObject({ ...PRO, renewalDate: dateOf(31) });
      expect(await sums(t(), user)).toMatchObject({ cycle: 36_000_000n });
    });

    it('belong to whom their customer is known to be, once that is told', async () => {
      const { pay, subscribe, paid, plan, user, customer } = await payer(t());
      const metadata = {};
      expect(await tell(t(), paid(0, 30))).toBe('nobody');
      expect(await tell(t(), subscribe({ metadata }))).toBe('nobody');
      expect(await plan()).toMatchObject(NOTHING);
      expect(await tell(t(), pay('cs_other', 500, { client_reference_id: null }))).toBe('nobody');
      await tell(t(), anEvent('customer', { id: customer, metadata: { circadian_user_id: user } }));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(31) });
      expect(await tell(t(), pay('cs_other', 500, { client_reference_id: null }))).toBe('nobody');
      expect(await sums(t(), user)).toMatchObject({ paid: [] });
      const other = await payer(t());
      await tell(t(), pay('cs_for_other', 500, { client_reference_id: other.user }));
      expect(await tell(t(), paid(30, 60))).toBe('nobody');
      expect(await sums(t(), other.user)).toMatchObject({ cycle: 5_000_000n });
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(31) });
    });

    it('of a smaller plan that somebody else pays take nothing from a user', async () => {
      const [ada, eve] = [await payer(t()), await payer(t())];
      const metadata = { circadian_user_id: ada.user };
      for (const event of [ada.subscribe({ price: 'max_monthly' }), ada.paid(0, 30)]) await tell(t(), event);
      for (const event of [eve.subscribe({ metadata }), eve.paid(0, 300)]) await tell(t(), event);
      expect(await ada.plan()).toEqual({ tier: 'premium', budget: 62_000_000n, renewalDate: dateOf(31) });
      expect(await eve.plan()).toMatchObject(NOTHING);
    });

    it("leave a paid plan as the operator changed it, until Stripe's next event", async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      for (const event of [subscribe(), paid(0, 30)]) await tell(t(), event);
      await t().accounts.putUser(user, { budget: 40_000_000n });
      await t().payments.settle(user, PLANS, { isNews: false });
      expect(await plan()).toMatchObject({ budget: 40_000_000n });
      await tell(t(), subscribe());
      expect(await plan()).toMatchObject(PRO);
    });

    it('take the plan back where its subscription has changed to a price of no tier', async () => {
      const { subscribe, paid, plan } = await payer(t());
      for (const event of [subscribe(), paid(0, 30)]) await tell(t(), event);
      await tell(t(), subscribe({ price: 'price_of_something_else' }, 1_794_300_000, 'updated'));
      expect(await plan()).toMatchObject(NOTHING);
    });

    it('that would be more than can be counted wait', async () => {
      const { pay, user } = await payer(t());
      await t().accounts.putUser(user, { budget: 9_007_199_254_740_000n });
      expect(await tell(t(), pay('cs', 100))).toMatchObject({ tooMuch: true });
      await t().accounts.putUser(user, { budget: 0n });
      await t().payments.settle(user, PLANS, { isNews: false });
      expect(await sums(t(), user)).toMatchObject({ cycle: 1_000_000n });
    });
  });

  orderContract(name, factory, runs);
};

const step = fc.oneof(
  fc.record({ type: fc.constant('pay' as const), n: fc.nat({ max: 3 }), status: fc.constantFrom('paid', 'unpaid') }),
  fc.record({
    ...{ type: fc.constant('subscribe' as const), sub: fc.constantFrom('a', 'b'), at: fc.nat({ max: 2 }) },
    price: fc.constantFrom('price_pro', 'price_pro', 'max_monthly', 'price_unknown'),
    what: fc.constantFrom('created', 'updated', 'deleted'),
    named: fc.boolean(),
  }),
  fc.record({
    ...{ type: fc.constant('paid' as const), sub: fc.constantFrom('a', 'b'), from: fc.integer({ min: -70, max: 40 }) },
    days: fc.constantFrom(1, 7, 30, 31, 365),
  }),
);
type Told = typeof step extends fc.Arbitrary<infer T> ? T : never;

function eventOf({ pay, subscribe, paid }: Awaited<ReturnType<typeof payer>>, one: Told): AnEvent {
  if (one.type === 'pay') return pay(`cs_${one.n}`, 100 * (one.n + 1), { payment_status: one.status });
  if (one.type === 'paid') return paid(one.from, one.from + one.days, one.sub);
  const { sub, at, price, what, named } = one;
  return subscribe({ id: sub, price, ...(!named && { metadata: {} }) }, 1_794_297_600 + at, what);
}

const orderContract = (name: string, factory: Factory, numRuns: number) =>
  contract(`${name}: the order of payments`, factory, (t) => {
    it('does not matter, and neither do repeats', async () => {
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

    it('is that of time: a day is paid exactly where lib/payments says so', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ from: fc.integer({ min: -40, max: 90 }), days: fc.integer({ min: 1, max: 40 }) }), {
            minLength: 1,
            maxLength: 5,
          }),
          async (periods) => {
            await t().setNow(START);
            const { subscribe, paid, plan } = await payer(t());
            await tell(t(), subscribe());
            for (const { from, days } of periods) await tell(t(), paid(from, from + days));
            const known = periods.map(({ from, days }) => ({
              startsAt: START + from * DAY_MS,
              endsAt: START + (from + days) * DAY_MS,
            }));
            expect((await plan()).renewalDate).toBe(paidThrough(known, dateOf(0)));
          },
        ),
        { numRuns, seed: 20_261_129 },
      );
    });
  });
