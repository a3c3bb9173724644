/** Events as Stripe sends them, with the fields that the product reads. Stripe's own types check their names. */
import type Stripe from 'stripe';

type Partly<T> = T extends (infer U)[] ? Partly<U>[] : T extends object ? { [K in keyof T]?: Partly<T[K]> } : T;
type Kind = 'checkout' | 'subscription' | 'invoice' | 'customer' | 'other';
export type AnEvent = { id: string; type: string; created: number; livemode: boolean; data: { object: object } };

const TYPES: Record<Kind, string> = {
  checkout: 'checkout.session.completed',
  subscription: 'customer.subscription.created',
  invoice: 'invoice.paid',
  customer: 'customer.created',
  other: 'payment_intent.succeeded',
};

let events = 0;

/** By default of 2026-11-10T08:00:00Z. */
export function anEvent(kind: Kind, object: object, over: Partial<AnEvent> & { account?: string } = {}): AnEvent {
  events += 1;
  const event = { object: 'event', api_version: '2026-10-28.endive', created: 1_794_297_600, livemode: true };
  return { id: `evt_${events}`, type: TYPES[kind], ...event, data: { object }, ...over };
}

export const aCheckout = (over: Partly<Stripe.Checkout.Session> = {}) =>
  ({
    ...{ id: 'cs_1', object: 'checkout.session', mode: 'payment', payment_status: 'paid', currency: 'usd' },
    ...{ amount_subtotal: 2_100, amount_total: 2_100, total_details: { amount_tax: 0 } },
    ...{ customer: 'cus_1', client_reference_id: 'ada', metadata: {} },
    ...over,
  }) satisfies Partly<Stripe.Checkout.Session>;

export const aSubscription = ({
  price = 'price_pro',
  ...over
}: Partly<Stripe.Subscription> & { price?: string } = {}) =>
  ({
    ...{ id: 'sub_1', object: 'subscription', customer: 'cus_1', status: 'active', metadata: {} },
    items: { data: [{ id: 'si_1', price: { id: price, lookup_key: null } }] },
    ...over,
  }) satisfies Partly<Stripe.Subscription>;

const seconds = (iso: string) => Math.floor(Date.parse(iso) / 1_000);

/** Paid for the period from `start` to `end`, instants in ISO. */
export function anInvoice(start: string, end: string, over: Partly<Stripe.Invoice> & { of?: string } = {}) {
  const { of = 'sub_1', ...more } = over;
  return {
    ...{ id: `in_${of}_${start}`, object: 'invoice', customer: 'cus_1', status: 'paid', amount_paid: 2_000 },
    parent: { type: 'subscription_details', subscription_details: { subscription: of, metadata: {} } },
    lines: {
      data: [
        {
          parent: { type: 'subscription_item_details', subscription_item_details: { proration: false } },
          ...{ amount: 2_000, period: { start: seconds(start), end: seconds(end) } },
        },
      ],
    },
    ...more,
  } satisfies Partly<Stripe.Invoice>;
}
