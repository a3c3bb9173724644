/** What events of Stripe ask, for queries.ts. `big` has a subscription of three years, whose customer is named by twenty checkouts. */
import type { Database } from '../../lib/adapters/postgres/connect.ts';
import { postgresPayments } from '../../lib/adapters/postgres/payments.ts';
import type { StripeObject } from '../../lib/ports/index.ts';
import type { Query } from './query.ts';
import { BIG } from './seed.ts';

/** The subscription, its invoices and the checkouts: a settlement looks at each. */
const OBJECTS = 57;
const PLANS = { price_pro: { tier: 'standard', budget: 100_000_000n } };

export function paymentQueries(database: Database): Query[] {
  const payments = postgresPayments(database);
  const invoice: StripeObject = {
    kind: 'invoice',
    ...{ id: 'in_new', version: '0', customer: 'cus_big', userId: null, subscription: 'sub_big' },
    units: [{ id: 'price_pro', unitAmount: 5_000, currency: 'usd', isExact: false }],
    lines: [
      {
        ...{ price: 'price_pro', amount: 5_000, currency: 'usd', isProrated: false },
        ...{ startsAt: Date.parse('2026-11-10T00:00:00Z'), endsAt: Date.parse('2026-12-10T00:00:00Z') },
      },
    ],
  };
  return [
    { name: 'an event of Stripe, kept', kind: 'page', run: () => payments.keep(invoice).then(() => 1) },
    { name: 'an event of Stripe, whose', kind: 'page', run: () => payments.userOf('in_big_1').then(() => OBJECTS) },
    {
      name: 'an event of Stripe, settled',
      kind: 'page',
      // The plan stays: what another one costs is told by PUT user.
      before: [`update user_settings set paid_by_stripe = true where user_id = '${BIG}'`],
      run: () => payments.settle(BIG, PLANS, { isNews: false }).then(() => OBJECTS),
    },
  ];
}
