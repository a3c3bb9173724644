/** What the Payments port promises: users have what the kept objects say. */
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { anEvent } from '../kit/stripe.ts';
import { contract, DAY_MS, type Factory, START } from './harness.ts';
import { dateOf, PLANS, payer, sums, tell } from './payer.ts';

const PRO = { tier: 'standard', budget: 31_000_000n };
const NOTHING = { budget: 0n, renewalDate: null };

export const paymentsContract = (name: string, factory: Factory) =>
  contract(`${name}: payments`, factory, (t) => {
    it('give the plan of the price for the paid period, once its invoice is paid', async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      expect(await tell(t(), subscribe())).toEqual({ nudged: false, tooMuch: false });
      expect(await plan()).toMatchObject(NOTHING);
      await tell(t(), paid(0, 30));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(31) });
      expect((await t().accounts.budget(user)).day.allowance).toBe(1_000_000n);
      await tell(t(), subscribe({ status: 'canceled' }, 1_794_400_000, 'deleted'));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(31) });
    });

    it('give what a change of price is billed for, and nothing before that is paid', async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      for (const event of [subscribe(), paid(0, 31)]) await tell(t(), event);
      await t().setNow(START + 30 * DAY_MS + 3_600_000);
      await tell(t(), subscribe({ price: 'price_max' }, 1_796_800_000, 'updated'));
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(32) });
      const left = { amount: -100, proration: true };
      const rest = { amount: 200, price: 'price_max', proration: true };
      await tell(
        t(),
        paid(30, 31, {
          lines: [
            [30, 31, left],
            [30, 31, rest],
          ],
        }),
      );
      expect(await plan()).toEqual({ tier: 'premium', budget: 32_000_000n, renewalDate: dateOf(32) });
      expect(await sums(t(), user)).toMatchObject({ cycle: 32_000_000n, cycleStart: dateOf(0) });
      await tell(t(), paid(31, 62, { price: 'price_max' }));
      await t().setNow(START + 32 * DAY_MS);
      expect(await plan()).toEqual({ tier: 'premium', budget: 62_000_000n, renewalDate: dateOf(63) });
    });

    it('take back what is credited, and from the next cycle what goes beyond this one', async () => {
      const { subscribe, paid, plan } = await payer(t());
      for (const event of [subscribe({ price: 'price_max' }), paid(0, 31, { price: 'price_max' })])
        await tell(t(), event);
      const change = { amount: -6_000, price: 'price_max', proration: true };
      const smaller = { amount: 1_000, proration: true };
      await tell(
        t(),
        paid(31, 62, {
          lines: [
            [1, 31, change],
            [21, 31, smaller],
            [31, 62],
          ],
        }),
      );
      expect(await plan()).toMatchObject({ tier: 'premium', budget: 62_000_000n });
      await t().setNow(START + 32 * DAY_MS);
      expect(await plan()).toEqual({ tier: 'standard', budget: 0n, renewalDate: dateOf(63) });
      await tell(t(), paid(62, 93));
      await t().setNow(START + 63 * DAY_MS);
      expect(await plan()).toEqual({ tier: 'standard', budget: 12_000_000n, renewalDate: dateOf(94) });
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

    it('take what was spent of a credit from the cycles that follow', async () => {
      const { subscribe, paid, plan, spend } = await payer(t());
      for (const event of [subscribe({ price: 'price_max' }), paid(0, 31, { price: 'price_max' })])
        await tell(t(), event);
      await spend(50_000_000n);
      await tell(t(), paid(9, 31, { lines: [[9, 31, { amount: -5_000, price: 'price_max', proration: true }]] }));
      expect(await plan()).toMatchObject({ budget: 12_000_000n });
      await tell(t(), paid(31, 62));
      await t().setNow(START + 32 * DAY_MS);
      expect(await plan()).toMatchObject({ budget: 0n, renewalDate: dateOf(63) });
      await tell(t(), paid(62, 93));
      await t().setNow(START + 63 * DAY_MS);
      expect(await plan()).toMatchObject({ budget: 24_000_000n, renewalDate: dateOf(94) });
    });

    it('count all that was paid since the cycle began, and take nothing for what the operator gave beside', async () => {
      const { subscribe, paid, plan, spend, user } = await payer(t());
      for (const sub of ['sub', 'other']) await tell(t(), subscribe({ id: sub }));
      for (const event of [paid(0, 31), paid(0, 5, { sub: 'other' })]) await tell(t(), event);
      await t().setNow(START + 9 * DAY_MS);
      await tell(t(), subscribe());
      expect(await plan()).toEqual({ ...PRO, budget: 62_000_000n, renewalDate: dateOf(32) });
      await tell(t(), paid(31, 62));
      await t().accounts.putUser(user, { budget: 90_000_000n });
      await spend(80_000_000n);
      await t().setNow(START + 32 * DAY_MS);
      expect(await plan()).toEqual({ ...PRO, renewalDate: dateOf(63) });
    });

    it('leave an ended cycle what it had, whatever becomes of names and budgets', async () => {
      const [ada, eve] = [await payer(t()), await payer(t())];
      for (const event of [ada.subscribe(), ada.paid(0, 31), ada.paid(31, 62)]) await tell(t(), event);
      await t().setNow(START + 32 * DAY_MS);
      const more = { ...PLANS, price_pro: { tier: 'standard', budget: 50_000_000n } };
      await t().payments.settle(ada.user, more, { isNews: true });
      expect(await ada.plan()).toEqual({ ...PRO, budget: 50_000_000n, renewalDate: dateOf(63) });
      await tell(t(), ada.subscribe({ metadata: { circadian_user_id: eve.user } }, 1_797_100_000, 'updated'));
      await t().payments.settle(ada.user, PLANS, { isNews: true });
      expect([await ada.plan(), await eve.plan()]).toMatchObject([NOTHING, { ...PRO, renewalDate: dateOf(63) }]);
      await tell(t(), ada.subscribe({ id: 'new' }));
      await tell(t(), ada.paid(32, 63, { sub: 'new' }));
      expect(await ada.plan()).toEqual({ ...PRO, renewalDate: dateOf(64) });
    });

    it('count a period that begins early in the running cycle, and what an ended cycle gave not once more', async () => {
      const { subscribe, paid, plan, user } = await payer(t());
      for (const event of [subscribe(), paid(0, 31)]) await tell(t(), event);
      const left = { amount: -200, proration: true };
      const early = paid(29, 60, {
        lines: [
          [29, 31, left],
          [29, 60, { price: 'price_max' }],
        ],
      });
      await tell(t(), early);
      expect(await plan()).toEqual({ tier: 'premium', budget: 91_000_000n, renewalDate: dateOf(61) });
      expect(await sums(t(), user)).toMatchObject({ cycleStart: dateOf(0) });
      const late = await payer(t());
      for (const event of [late.subscribe(), late.paid(0, 31)]) await tell(t(), event);
      await t().setNow(START + 33 * DAY_MS);
      expect(await late.plan()).toMatchObject(NOTHING);
      await tell(
        t(),
        late.paid(29, 60, {
          lines: [
            [29, 31, left],
            [29, 60, { price: 'price_max' }],
          ],
        }),
      );
      expect(await late.plan()).toEqual({ tier: 'premium', budget: 60_000_000n, renewalDate: dateOf(61) });
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

    it('of a smaller plan that somebody else pays add its money, and take nothing from a user', async () => {
      const [ada, eve] = [await payer(t()), await payer(t())];
      const metadata = { circadian_user_id: ada.user };
      for (const event of [ada.subscribe({ price: 'price_max' }), ada.paid(0, 30, { price: 'price_max' })])
        await tell(t(), event);
      for (const event of [eve.subscribe({ metadata }), eve.paid(0, 300)]) await tell(t(), event);
      expect(await ada.plan()).toEqual({ tier: 'premium', budget: 93_000_000n, renewalDate: dateOf(31) });
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

    it('have no plan of a price that is of no tier, and the tier of the other lines', async () => {
      const { subscribe, paid, plan } = await payer(t());
      await tell(t(), subscribe({ price: 'price_of_something_else' }));
      await tell(t(), paid(0, 30, { price: 'price_of_something_else' }));
      expect(await plan()).toMatchObject(NOTHING);
      const other = await payer(t());
      await tell(t(), other.subscribe());
      await tell(
        t(),
        other.paid(0, 365, {
          lines: [
            [0, 30, { price: 'price_addon' }],
            [0, 365],
          ],
        }),
      );
      expect(await other.plan()).toEqual({ ...PRO, renewalDate: dateOf(366) });
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
