/** Whose Stripe's objects are, and which plan is paid for a day, by the rules of lib/payments. */
import {
  cyclesOf,
  type PaidInvoice,
  type PaidPlans,
  type PaidTerms,
  paidTerms,
  paidUntil,
  worthOf,
} from '../../payments/paid-invoices.ts';
import type { StripeObject } from '../../ports/index.ts';
import type { Store, UserRow } from './store.ts';
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

/** What the user's subscriptions pay for on this day, in a cycle that began on the day `since`. */
export function termsPaid(store: Store, userId: string, day: string, since: string): PaidTerms | null {
  const invoices = new Map<string, PaidInvoice[]>();
  for (const { object, owner, worth } of store.stripe.values())
    if (object.kind === 'invoice' && owner === userId && worth)
      invoices.set(object.subscription, [...(invoices.get(object.subscription) ?? []), { ...worth, id: object.id }]);
  return paidTerms(new Map([...invoices].map(([id, all]) => [id, cyclesOf(all)])), day, since);
}

/** Says what each of a user's invoices gives by these plans. What an ended cycle had stays. */
export function valueInvoices(store: Store, { id: userId, cycleStart }: UserRow, plans: PaidPlans, day: string): void {
  const own = new Set(subscriptionsOf(store, userId).map(({ object }) => object.id));
  for (const row of store.stripe.values()) {
    const { object, owner, worth } = row;
    if (object.kind !== 'invoice' || !own.has(object.subscription)) continue;
    if (worth && paidUntil(worth.endsAt) <= (owner === userId ? cycleStart : day)) continue;
    row.owner = userId;
    row.worth = worthOf(object.lines, store.stripePrices, plans);
  }
}
