/**
 * What Stripe's events say, as far as money hangs on it: one event becomes what it tells of one object of Stripe's, or the reason why it is of no
 * interest. Pure. docs/payments.md has the table. The forms are those of Stripe's API from 2025-03-31 (basil) on, and those before, which
 * name a subscription and a price elsewhere. Source: https://docs.stripe.com/api and https://docs.stripe.com/changelog (October 2026).
 */
import * as z from 'zod';
import type { InvoiceLine, UnitPrice } from './paid-invoices.ts';

/**
 * `version`: of two tellings of one object the one counts whose version is the last by its bytes, in whatever order they come. `userId`: whom the
 * object itself names. `customer`: Stripe's; null: a guest. Instants are milliseconds, amounts microdollars.
 */
export type StripeObject = { id: string; version: string; customer: string | null; userId: string | null } & (
  | { kind: 'customer' }
  /** One checkout. `amount`: what it adds to its user's budget; null: nothing, or not yet. */
  | { kind: 'checkout'; amount: bigint | null }
  /** `prices`: the ids of those that it has now. `units`: what a whole period of them costs, where Stripe says so in one number. */
  | { kind: 'subscription'; prices: string[]; units: UnitPrice[] }
  /** An invoice that is paid, with its lines for prices of its subscription, and what these let one think that the prices cost. */
  | { kind: 'invoice'; subscription: string; lines: InvoiceLine[]; units: UnitPrice[] }
);

/** `note`: what a person should look at, a sentence. */
export type StripeReading = { object: StripeObject; note: string | null } | { ignored: string };

/** The name of the field of Stripe's metadata that names a user. */
export const USER_FIELD = 'circadian_user_id';
/** Stripe's largest amount of one payment in dollars: eight digits of cents. */
const MOST_CENTS = 99_999_999;
const MICRODOLLARS_PER_CENT = 10_000n;

const id = z.string().min(1).max(255);
const seconds = z.int().min(0).max(99_999_999_999);
const cents = z.int().min(0).max(MOST_CENTS);
/** An id, or the object itself, where the endpoint has it expanded. */
const reference = z.union([id, z.looseObject({ id }).transform((object) => object.id)]);
const metadata = z.record(z.string(), z.string()).nullish();

/** What stands in every event. */
export const StripeEvent = z.looseObject({
  id,
  type: z.string().max(255),
  created: seconds,
  livemode: z.boolean(),
  account: z.string().nullish(),
  data: z.looseObject({ object: z.looseObject({}) }),
});

const Checkout = z.looseObject({
  id,
  mode: z.enum(['payment', 'subscription', 'setup']),
  payment_status: z.enum(['paid', 'unpaid', 'no_payment_required']),
  customer: reference.nullish(),
  client_reference_id: z.string().nullish(),
  metadata,
  currency: z.string().nullish(),
  amount_total: z.int().nullish(),
  total_details: z.looseObject({ amount_tax: z.int().nullish() }).nullish(),
});

const Subscription = z.looseObject({
  id,
  customer: reference,
  metadata,
  items: z.looseObject({
    data: z.array(
      z.looseObject({
        price: z.looseObject({ id, unit_amount: z.int().min(0).nullish(), currency: z.string().nullish() }),
      }),
    ),
  }),
});

const Customer = z.looseObject({ id, metadata });

const itemDetails = z.looseObject({ proration: z.boolean().nullish(), subscription: reference.nullish() }).nullish();

const Line = z.looseObject({
  amount: z.int(),
  quantity: z.number().nullish(),
  discount_amounts: z.array(z.looseObject({ amount: z.int() })).nullish(),
  currency: z.string(),
  type: z.string().nullish(),
  proration: z.boolean().nullish(),
  subscription: reference.nullish(),
  price: reference.nullish(),
  plan: reference.nullish(),
  pricing: z.looseObject({ price_details: z.looseObject({ price: reference }).nullish() }).nullish(),
  parent: z
    .looseObject({
      type: z.string(),
      subscription_item_details: itemDetails,
      invoice_item_details: itemDetails,
    })
    .nullish(),
  period: z.looseObject({ start: seconds, end: seconds }),
});
type Line = z.infer<typeof Line>;

const Invoice = z.looseObject({
  id,
  customer: reference.nullish(),
  subscription: reference.nullish(),
  subscription_details: z.looseObject({ metadata }).nullish(),
  parent: z
    .looseObject({
      subscription_details: z.looseObject({ subscription: reference.nullish(), metadata }).nullish(),
    })
    .nullish(),
  lines: z.looseObject({ data: z.array(Line), has_more: z.boolean().nullish() }),
});

/** How an event orders among others about the same object within the second that Stripe gives it. */
const STEP: Record<string, number> = { created: 0, updated: 1, deleted: 2 };

/** Throws a `ZodError` where an event of money has not the form that it must have: then nobody can say what it means. */
export function readStripe(event: { type: string; created: number; data: { object: unknown } }): StripeReading {
  const { type, created, data } = event;
  const order = created * 4 + (STEP[type.split('.').at(-1) ?? ''] ?? 0);
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return checkout(Checkout.parse(data.object));
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
      return subscription(Subscription.parse(data.object), order);
    case 'customer.created':
    case 'customer.updated': {
      const { id, metadata } = Customer.parse(data.object);
      return told(order, { kind: 'customer', id, customer: id, userId: userIn(metadata) });
    }
    case 'invoice.paid':
      return invoice(Invoice.parse(data.object));
    default:
      return { ignored: 'Events of this type move no money.' };
  }
}

/** A payment counts once it is paid, and is never unpaid again: a refund is another object of Stripe's. */
function checkout(session: z.infer<typeof Checkout>): StripeReading {
  const userId = userIn(session.metadata) ?? userOf(session.client_reference_id);
  const { id, customer = null, currency } = session;
  const common = { kind: 'checkout', id, customer, userId } as const;
  if (session.mode !== 'payment' || session.payment_status !== 'paid') return told(0, { ...common, amount: null });
  if (currency !== 'usd') {
    const note = `The payment is in ${currency ?? 'no currency'} and not in usd, so it adds nothing to a budget. Refund it, or top up by hand.`;
    return told(0, { ...common, amount: null }, note);
  }
  const paid = cents.parse(session.amount_total) - cents.parse(session.total_details?.amount_tax ?? 0);
  return told(1, { ...common, amount: BigInt(z.int().min(0).parse(paid)) * MICRODOLLARS_PER_CENT });
}

function subscription({ id, customer, metadata, items }: z.infer<typeof Subscription>, order: number): StripeReading {
  const prices = items.data.map(({ price }) => price.id);
  const units = items.data.flatMap(({ price: { id, unit_amount: unitAmount, currency } }) =>
    unitAmount && currency ? [{ id, unitAmount, currency, isExact: true }] : [],
  );
  return told(order, { kind: 'subscription', id, customer, userId: userIn(metadata), prices, units });
}

function invoice(paid: z.infer<typeof Invoice>): StripeReading {
  const details = paid.parent?.subscription_details;
  const of = details?.subscription ?? paid.subscription;
  if (!of) return { ignored: 'The invoice belongs to no subscription.' };
  const own = paid.lines.data.filter((line) => isOwn(line, of));
  const lines = own.flatMap(lineOf);
  if (lines.length === 0) return { ignored: 'The invoice bills no period of its subscription.' };
  const note = paid.lines.has_more ? MORE_LINES : null;
  return told(
    1,
    {
      ...{ kind: 'invoice', id: paid.id, customer: paid.customer ?? null, subscription: of, lines },
      ...{ userId: userIn(details?.metadata ?? paid.subscription_details?.metadata), units: own.flatMap(unitOf) },
    },
    note,
  );
}

const MORE_LINES =
  'The invoice has more lines than its event, and the others were not counted. Correct the budget of its user by hand.';

/** As a list: what has no price or lasts no time is left out. By default a proration has its discount in its amount, and no list of discounts. */
function lineOf(line: Line): InvoiceLine[] {
  const { amount, currency, period, discount_amounts: discounts } = line;
  const price = priceOf(line);
  if (!price || period.end <= period.start) return [];
  const [startsAt, endsAt] = [period.start * 1_000, period.end * 1_000];
  const off = (discounts ?? []).reduce((sum, one) => sum + one.amount, 0);
  return [{ price, amount: amount - off, currency, isProrated: isProration(line), startsAt, endsAt }];
}

const priceOf = (line: Line): string | null | undefined =>
  line.pricing?.price_details?.price ?? line.price ?? line.plan;

/** As a list: a whole period costs what one of it is billed at, until the price itself is told. */
function unitOf(line: Line): UnitPrice[] {
  const id = priceOf(line);
  const unitAmount = Math.floor(line.amount / Math.max(1, line.quantity ?? 1));
  return id && unitAmount > 0 && !isProration(line)
    ? [{ id, unitAmount, currency: line.currency, isExact: false }]
    : [];
}

const detailsOf = ({ parent }: Line) => parent?.subscription_item_details ?? parent?.invoice_item_details;

const isProration = (line: Line): boolean => (line.parent ? detailsOf(line)?.proration : line.proration) === true;

/** Whether it is for the subscription, and not for something that is bought beside it. Prorations may stand as items of the invoice. */
function isOwn(line: Line, subscription: string): boolean {
  const { type, parent } = line;
  const isItem = parent ? parent.type === 'subscription_item_details' : type === 'subscription';
  const of = (parent ? detailsOf(line)?.subscription : line.subscription) ?? subscription;
  return of === subscription && (isItem || isProration(line));
}

type Bare<T> = T extends unknown ? Omit<T, 'version'> : never;

function told(order: number, object: Bare<StripeObject>, note: string | null = null): StripeReading {
  const said = JSON.stringify(object, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return { object: { ...object, version: `${String(order).padStart(14, '0')} ${said}` }, note };
}

const userIn = (metadata: Record<string, string> | null | undefined): string | null => userOf(metadata?.[USER_FIELD]);

/** Whoever sells by payment links may let a buyer write here: what cannot be a user's id names nobody. */
const userOf = (name: string | null | undefined): string | null =>
  name && /^[0-9A-Za-z][0-9A-Za-z_.:@+-]{0,127}$/.test(name) ? name : null;
