/** What Stripe told, and what users have by it, by the rules of lib/payments. */
import type { Accounts, PaidPlans, Payments, StripeObject } from '../../ports/index.ts';
import { termsAt, today, userOf } from './money.ts';
import { ownerOf, paidPlan, valueInvoices } from './paid-plan.ts';
import { copy, type Store } from './store.ts';
import type { StripeRow } from './stripe-rows.ts';

export function memoryPayments(store: Store, accounts: Accounts): Payments {
  return {
    async keep(object) {
      if (object.kind === 'subscription')
        for (const unit of object.units)
          if (!store.stripePrices.has(unit.id)) store.stripePrices.set(unit.id, copy(unit));
      const was = store.stripe.get(object.id);
      if (was && (was.object.kind !== object.kind || Buffer.compare(bytes(was.object), bytes(object)) >= 0)) return;
      store.stripe.set(object.id, { credited: false, worth: null, ...was, object: copy(object) });
    },
    userOf: async (id) => ownerOf(store, store.stripe.get(id)?.object),
    settle: (userId, plans, options) => settle(store, accounts, userId, { plans, ...options }),
  };
}

const bytes = ({ version }: StripeObject) => Buffer.from(version);

type Asked = { plans: PaidPlans; isNews: boolean };

async function settle(store: Store, accounts: Accounts, userId: string, { plans, isNews }: Asked) {
  if (!store.users.has(userId)) return null;
  let [tooMuch, nudged] = [false, false];
  for (const row of checkoutsOf(store, userId)) {
    const { id, amount } = row.object as { id: string; amount: bigint };
    const answer = await accounts.topUp(userId, amount, 'cycle', { key: `payment\n${id}`, fingerprint: 'stripe' });
    if (answer === 'conflict' || !('tooMuch' in answer)) row.credited = true;
    else tooMuch = true;
    nudged = true;
  }
  valueInvoices(store, userId, plans);
  const user = userOf(store, userId);
  const day = today(store, userId);
  Object.assign(user, termsAt(store, user, day));
  const paid = paidPlan(store, userId, day, user.cycleStart);
  if (!paid && isNews && user.paidByStripe) {
    await accounts.putUser(userId, { budget: 0n, renewalDate: null });
    userOf(store, userId).paidByStripe = false;
  } else if (paid && (isNews || !user.paidByStripe)) {
    const { tier, budget, until: renewalDate } = paid;
    const answer = await accounts.putUser(userId, { tier, budget, renewalDate });
    if ('tooMuch' in answer) tooMuch = true;
    else {
      userOf(store, userId).paidByStripe = true;
      nudged ||= answer.nudged;
    }
  }
  return { nudged, tooMuch };
}

const checkoutsOf = (store: Store, userId: string): StripeRow[] =>
  [...store.stripe.values()]
    .filter(
      ({ object, credited }) => object.kind === 'checkout' && object.userId === userId && isPaid(object) && !credited,
    )
    .sort((a, b) => (a.object.id < b.object.id ? -1 : 1));

const isPaid = (object: StripeObject) => object.kind === 'checkout' && object.amount !== null && object.amount > 0n;
