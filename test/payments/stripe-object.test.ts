/** What events of Stripe say: in the form of today's API versions and of those before 2025-03-31, which have other fields. */
import { describe, expect, it } from 'vitest';
import { readStripe } from '../../lib/payments/stripe-object.ts';
import { type AnEvent, aCheckout, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';

const [START, END] = ['2026-11-10T08:00:00Z', '2026-12-10T08:00:00Z'];
const [start, end] = [Date.parse(START) / 1_000, Date.parse(END) / 1_000];
const WHOLE = { startsAt: start * 1_000, endsAt: end * 1_000, isProrated: false };
const LINE = { ...WHOLE, price: 'price_pro', amount: 2_000, currency: 'usd' };

const read = (event: AnEvent) => {
  const reading = readStripe(event);
  return 'ignored' in reading ? reading.ignored : reading.object;
};
type Of = { amount?: number; price?: string; proration?: boolean; start?: number; type?: string; of?: string };
const line = ({ amount = 2_000, price = 'price_pro', type = 'subscription_item_details', ...more }: Of = {}) => ({
  ...{ amount, currency: 'usd', period: { start: more.start ?? start, end } },
  parent: { type, [type]: { proration: more.proration ?? false, subscription: more.of ?? 'sub_1' } },
  pricing: { type: 'price_details', price_details: { price } },
});
/** As before 2025-03-31. */
const oldLine = ({ amount = 2_000, price = 'price_pro', type = 'subscription', ...more }: Of = {}) => ({
  ...{ amount, currency: 'usd', type, proration: more.proration ?? false, subscription: 'sub_1', price: { id: price } },
  period: { start: more.start ?? start, end },
});
const invoiceOf = (...data: object[]) => read(anEvent('invoice', anInvoice(START, END, { data })));

describe('a paid invoice', () => {
  it('has the lines of its subscription, as today and before 2025-03-31', () => {
    const before = {
      ...{ id: 'in_1', customer: { id: 'cus_1', object: 'customer' }, subscription: 'sub_1' },
      subscription_details: { metadata: { circadian_user_id: 'ada' } },
      lines: { data: [oldLine()] },
    };
    const expected = { subscription: 'sub_1', lines: [LINE] };
    expect(invoiceOf(line())).toMatchObject({ ...expected, customer: 'cus_1' });
    expect(read(anEvent('invoice', before))).toMatchObject({ ...expected, customer: 'cus_1', userId: 'ada' });
    const { price: _, ...older } = { ...oldLine(), plan: { id: 'plan_1' } };
    expect(invoiceOf(older)).toMatchObject({ lines: [{ ...LINE, price: 'plan_1' }] });
  });

  it('has what a change of price bills and credits, in each form that Stripe gives it', () => {
    const rest = { start: start + 86_400, price: 'price_max', proration: true };
    const left = { ...rest, price: 'price_pro', amount: -1_900 };
    const part = { ...LINE, startsAt: rest.start * 1_000, isProrated: true };
    const expected = {
      lines: [
        { ...part, amount: -1_900 },
        { ...part, price: 'price_max' },
      ],
    };
    expect(invoiceOf(line(left), line(rest))).toMatchObject(expected);
    const items = [left, rest].map((one) => line({ ...one, type: 'invoice_item_details' }));
    expect(invoiceOf(...items)).toMatchObject(expected);
    expect(invoiceOf(...[left, rest].map((one) => oldLine({ ...one, type: 'invoiceitem' })))).toMatchObject(expected);
  });

  it('has amounts after discounts, and lets one think what a price costs before them', () => {
    const whole = { ...line({ amount: 6_000 }), quantity: 2, discount_amounts: [{ amount: 500 }, { amount: 100 }] };
    const rest = line({ price: 'price_max', proration: true });
    expect(invoiceOf(whole, rest)).toMatchObject({
      lines: [{ amount: 5_400 }, { amount: 2_000 }],
      units: [{ id: 'price_pro', unitAmount: 3_000, currency: 'usd', isExact: false }],
    });
  });

  it('with more lines than its event has asks for a look', () => {
    const event = anEvent('invoice', { ...anInvoice(START, END), lines: { data: [line()], has_more: true } });
    expect(readStripe(event)).toMatchObject({ note: expect.stringContaining('has more lines than its event') });
  });

  it('has no line of what is bought beside the subscription, of another one, or that lasts no time', () => {
    const others = [
      line({ type: 'invoice_item_details' }),
      line({ type: 'invoice_item_details', proration: true, of: 'sub_2' }),
      oldLine({ type: 'invoiceitem' }),
      line({ start: end }),
    ];
    expect(invoiceOf(...others)).toBe('The invoice bills no period of its subscription.');
    expect(invoiceOf(...others, line())).toMatchObject({ lines: [LINE] });
  });
});

it('a subscription has the ids of its prices, and what those cost that have one amount', () => {
  const prices = [
    { id: 'price_1', unit_amount: 2_000, currency: 'usd', lookup_key: 'pro' },
    { id: 'price_2', unit_amount: null, currency: 'usd' },
    { id: 'price_3', unit_amount: 0, currency: 'usd' },
  ];
  const items = { data: prices.map((price) => ({ price })) };
  expect(read(anEvent('subscription', aSubscription({ items } as object)))).toMatchObject({
    prices: ['price_1', 'price_2', 'price_3'],
    units: [{ id: 'price_1', unitAmount: 2_000, currency: 'usd', isExact: true }],
  });
});

it('metadata names a user before the reference of a checkout does', () => {
  const metadata = { circadian_user_id: 'bob' };
  expect(read(anEvent('checkout', aCheckout({ metadata })))).toMatchObject({ userId: 'bob', amount: 21_000_000n });
});
