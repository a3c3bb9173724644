/** Whose Stripe's objects are, and which plan is paid for a day, by the rules of lib/payments. */
import { type PaidPlan, paidThrough } from '../../payments/paid-periods.ts';
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

export const subscriptionsOf = (store: Store, userId: string): StripeRow[] =>
  [...store.stripe.values()].filter(
    ({ object }) => object.kind === 'subscription' && ownerOf(store, object) === userId,
  );

/** The best plan that is paid for this day. */
export function paidPlan(store: Store, userId: string, day: string): (PaidPlan & { until: string }) | null {
  const paid = subscriptionsOf(store, userId).flatMap(({ object, plan }) => {
    const until = paidThrough(periodsOf(store, object.id), day);
    return plan && until ? [{ ...plan, until, id: object.id }] : [];
  });
  const [best] = paid.sort(
    (a, b) => Number(b.budget - a.budget) || (b.until < a.until ? -1 : b.until > a.until ? 1 : a.id < b.id ? -1 : 1),
  );
  return best ?? null;
}

const periodsOf = (store: Store, subscription: string) =>
  [...store.stripe.values()].flatMap(({ object }) =>
    object.kind === 'invoice' && object.subscription === subscription ? [object] : [],
  );
