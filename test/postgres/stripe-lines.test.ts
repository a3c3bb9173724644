/** Invoices that were told before their lines were kept: their payers keep what they have, and the event sent again corrects it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { postgresPayments } from '../../lib/adapters/postgres/payments.ts';
import { readStripe } from '../../lib/payments/stripe-object.ts';
import { type AnEvent, aLine, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const PLANS = {
  price_pro: { tier: 'standard', budget: 31_000_000n },
  price_max: { tier: 'premium', budget: 62_000_000n },
};
const [FROM, CHANGED, TO] = ['2026-11-10T08:00:00Z', '2026-12-10T08:00:00Z', '2026-12-11T08:00:00Z'];
/** As the release before told it, whose text goes on after the end of the period. */
const OLD_VERSION = '00000000000000 {"kind":"invoice","id":"in_1","subscription":"sub_1","startsAt":1,"endsAt":2}';

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase('embedded');
});
afterAll(() => t.close());

it('an invoice without lines has the budget of the price that its subscription has, until it is told again', async () => {
  await t.setNow(Date.parse(CHANGED));
  const [accounts, payments] = [postgresAccounts(t.database), postgresPayments(t.database)];
  await accounts.putUser('ada', {});
  const tell = async (event: AnEvent) => {
    const reading = readStripe(event);
    if ('ignored' in reading) throw new Error(reading.ignored);
    await payments.keep(reading.object);
    await payments.settle('ada', PLANS, { isNews: true });
    return accounts.getUser('ada');
  };
  const old = { kind: 'invoice', id: 'in_1', customer: 'cus_1', subscription: 'sub_1', startsAt: FROM, endsAt: TO };
  await t.rows('select keep_stripe_object($1)', JSON.stringify({ ...old, version: OLD_VERSION }));
  const subscription = aSubscription({ price: 'price_max', metadata: { circadian_user_id: 'ada' } });
  expect(await tell(anEvent('subscription', subscription))).toMatchObject({ tier: 'premium', budget: 62_000_000n });
  const data = [aLine(CHANGED, TO, { price: 'price_max', amount: 200, proration: true })];
  const change = anInvoice(CHANGED, TO, { id: 'in_2', data });
  expect(await tell(anEvent('invoice', change))).toMatchObject({ budget: 64_000_000n, renewalDate: '2026-12-12' });
  const again = anInvoice(FROM, TO, { id: 'in_1' });
  expect(await tell(anEvent('invoice', again))).toMatchObject({ tier: 'premium', budget: 33_000_000n });
});
