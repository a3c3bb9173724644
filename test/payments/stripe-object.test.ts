/** What events of Stripe say: in the form of today's API versions and of those before 2025-03-31, which have other fields. */
import { describe, expect, it } from 'vitest';
import { paidUntil } from '../../lib/payments/paid-periods.ts';
import { readStripe } from '../../lib/payments/stripe-object.ts';
import { type AnEvent, aCheckout, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';

const [START, END] = ['2026-11-10T08:00:00Z', '2026-12-10T08:00:00Z'];
const [start, end] = [Date.parse(START) / 1_000, Date.parse(END) / 1_000];
const PERIOD = { subscription: 'sub_1', startsAt: start * 1_000, endsAt: end * 1_000 };

const read = (event: AnEvent) => {
  const reading = readStripe(event);
  return 'ignored' in reading ? reading.ignored : reading.object;
};
const line = (of: { proration?: boolean; start?: number; end?: number; type?: string } = {}) => ({
  parent: {
    type: of.type ?? 'subscription_item_details',
    subscription_item_details: { proration: of.proration ?? false },
  },
  period: { start: of.start ?? start, end: of.end ?? end },
});
const invoiceOf = (...data: object[]) => read(anEvent('invoice', { ...anInvoice(START, END), lines: { data } }));

describe('a paid invoice', () => {
  it('pays for the period of its line, as today and before 2025-03-31', () => {
    const before = {
      ...{ id: 'in_1', customer: { id: 'cus_1', object: 'customer' }, subscription: 'sub_1' },
      subscription_details: { metadata: { circadian_user_id: 'ada' } },
      lines: { data: [{ type: 'subscription', proration: false, period: { start, end } }] },
    };
    expect(read(anEvent('invoice', anInvoice(START, END)))).toMatchObject({ ...PERIOD, customer: 'cus_1' });
    expect(read(anEvent('invoice', before))).toMatchObject({ ...PERIOD, customer: 'cus_1', userId: 'ada' });
  });

  it('pays for no period by a proration or by anything else on it', () => {
    const others = [line({ proration: true, end: end + 9 }), line({ type: 'invoice_item_details', end: end + 9 })];
    const old = { type: 'subscription', proration: true, period: { start, end: end + 9 } };
    expect(invoiceOf(...others, old, line())).toMatchObject(PERIOD);
    expect(invoiceOf(...others, old)).toBe('The invoice pays for no new period of its subscription.');
    expect(invoiceOf(line({ end: start }))).toBe('The invoice pays for no new period of its subscription.');
  });

  it('of several periods pays for the one that ends first', () => {
    expect(invoiceOf(line({ end: end + 9 }), line(), line({ end: end + 5 }))).toMatchObject(PERIOD);
  });

  it('pays for the period that begins, not for the one whose measured use it also bills', () => {
    const use = line({ start: start - 30 * 86_400, end: start });
    expect(invoiceOf(use, line())).toMatchObject(PERIOD);
    expect(invoiceOf(line(), use)).toMatchObject(PERIOD);
  });
});

it('a subscription has the ids and lookup keys of its prices', () => {
  const prices = [
    { id: 'price_1', lookup_key: 'pro' },
    { id: 'price_2', lookup_key: null },
  ];
  const items = { data: prices.map((price) => ({ price })) };
  const { id } = aSubscription();
  expect(read(anEvent('subscription', aSubscription({ items } as object)))).toMatchObject({
    ...{ id, prices: ['price_1', 'pro', 'price_2'] },
  });
});

it('metadata names a user before the reference of a checkout does', () => {
  const metadata = { circadian_user_id: 'bob' };
  expect(read(anEvent('checkout', aCheckout({ metadata })))).toMatchObject({ userId: 'bob', amount: 21_000_000n });
});

it.each([
  ['2026-12-10T08:00:00Z', '2026-12-11'],
  ['2026-12-10T21:00:00Z', '2026-12-11'],
  ['2026-12-10T21:00:01Z', '2026-12-12'],
  ['2026-12-11T00:00:00Z', '2026-12-12'],
])('a period that ends at %s pays until %s', (endsAt, until) => expect(paidUntil(Date.parse(endsAt))).toBe(until));
