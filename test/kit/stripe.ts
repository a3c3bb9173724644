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
    items: { data: [{ id: 'si_1', price: { id: price, unit_amount: unitOf(price), currency: 'usd' } }] },
    ...over,
  }) satisfies Partly<Stripe.Subscription>;

const seconds = (iso: string) => Math.floor(Date.parse(iso) / 1_000);

/** Cents of a whole period. */
const unitOf = (price: string): number => ({ price_pro: 3_100, price_max: 6_200 })[price] ?? 500;

type LineOver = { amount?: number; price?: string; proration?: boolean };

/** One line of an invoice, as of today's API versions: of a whole period, unless it says otherwise. */
export const aLine = (start: string, end: string, over: LineOver = {}) => {
  const { price = 'price_pro', amount = unitOf(price), proration = false } = over;
  return {
    parent: { type: 'subscription_item_details', subscription_item_details: { proration } },
    pricing: { type: 'price_details', price_details: { price } },
    ...{ amount, currency: 'usd', period: { start: seconds(start), end: seconds(end) } },
  } satisfies Partly<Stripe.InvoiceLineItem>;
};

type InvoiceOver = Partly<Stripe.Invoice> & { of?: string; price?: string; data?: object[] };

/** Paid for the period from `start` to `end`, instants in ISO. `data`: its lines, where they are others. */
export function anInvoice(start: string, end: string, over: InvoiceOver = {}) {
  const { of = 'sub_1', price = 'price_pro', data = [aLine(start, end, { price })], ...more } = over;
  return {
    ...{ id: `in_${of}_${start}`, object: 'invoice', customer: 'cus_1', status: 'paid', amount_paid: 2_000 },
    parent: { type: 'subscription_details', subscription_details: { subscription: of, metadata: {} } },
    lines: { data },
    ...more,
  } satisfies Partly<Stripe.Invoice>;
}
