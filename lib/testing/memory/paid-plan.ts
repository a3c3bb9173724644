/** Whose Stripe's objects are, and which plan is paid for a day, by the rules of lib/payments. */
import { type PaidCycle, type PaidPlans, paidFor, worthOf } from '../../payments/paid-invoices.ts';
import type { StripeObject } from '../../ports/index.ts';
import type { Store } from './store.ts';
import type { StripeRow } from './stripe-rows.ts';

export function ownerOf(store: Store, object: StripeObject | undefined): string | null {
  if (!object) return null;
  const other = object.kind === 'invoice' ? store.stripe.get(object.subscription)?.object : undefined;
  const of = other?.kind === 'subscription' ? other : undefined;
  const named = of?.userId ?? object.userId;
  if (named !== null || object.kind === 'checkout') return named;
  const customer = of?.customer ?? object.customer;
  const names = new Set<string>();
  for (const { object: one } of store.stripe.values())
    if (customer !== null && one.customer === customer && one.userId !== null) names.add(one.userId);
  return names.size === 1 ? [...names][0]! : null;
}

const subscriptionsOf = (store: Store, userId: string): StripeRow[] =>
  [...store.stripe.values()].filter(
    ({ object }) => object.kind === 'subscription' && ownerOf(store, object) === userId,
  );

/** The best plan that is paid for this day, in a cycle that began on the day `since`. */
export function paidPlan(store: Store, userId: string, day: string, since: string): PaidCycle | null {
  const paid = subscriptionsOf(store, userId).flatMap(({ object: { id } }) => {
    const invoices = invoicesOf(store, id).flatMap(({ object, worth }) => (worth ? [{ ...worth, id: object.id }] : []));
    const cycle = paidFor(invoices, day, since);
    return cycle ? [{ cycle, id }] : [];
  });
  const [best] = paid.sort(
    ({ cycle: a, id }, { cycle: b, id: other }) =>
      Number(b.budget - a.budget) || (b.until < a.until ? -1 : b.until > a.until ? 1 : id < other ? -1 : 1),
  );
  return best?.cycle ?? null;
}

/** What each of a user's invoices gives by these plans. */
export function valueInvoices(store: Store, userId: string, plans: PaidPlans): void {
  for (const { object: subscription } of subscriptionsOf(store, userId))
    for (const row of invoicesOf(store, subscription.id))
      row.worth = row.object.kind === 'invoice' ? worthOf(row.object.lines, store.stripePrices, plans) : null;
}

const invoicesOf = (store: Store, subscription: string): StripeRow[] =>
  [...store.stripe.values()].filter(({ object }) => object.kind === 'invoice' && object.subscription === subscription);
