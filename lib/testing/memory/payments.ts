/** What Stripe told, and what users have by it, by the rules of lib/payments. */
import { leftOfPaid, type UnitPrice } from '../../payments/paid-invoices.ts';
import type { Accounts, PaidPlans, Payments, StripeObject } from '../../ports/index.ts';
import { termsAt, today, userOf } from './money.ts';
import { ownerOf, termsPaid, valueInvoices } from './paid-plan.ts';
import { copy, type Store } from './store.ts';
import type { StripeRow } from './stripe-rows.ts';

export function memoryPayments(store: Store, accounts: Accounts): Payments {
  return {
    async keep(object) {
      if ('units' in object) for (const unit of object.units) keepUnit(store, unit);
      const was = store.stripe.get(object.id);
      if (was && (was.object.kind !== object.kind || Buffer.compare(bytes(was.object), bytes(object)) >= 0)) return;
      store.stripe.set(object.id, { credited: false, worth: null, owner: null, ...was, object: copy(object) });
    },
    userOf: async (id) => ownerOf(store, store.stripe.get(id)?.object),
    settle: (userId, plans, options) => settle(store, accounts, userId, { plans, ...options }),
  };
}

const bytes = ({ version }: StripeObject) => Buffer.from(version);

function keepUnit({ stripePrices }: Store, unit: UnitPrice) {
  const was = stripePrices.get(unit.id);
  const isMore =
    !was || unit.unitAmount > was.unitAmount || (unit.unitAmount === was.unitAmount && unit.currency > was.currency);
  if (!was || (!was.isExact && (unit.isExact || isMore))) stripePrices.set(unit.id, copy(unit));
}

type Asked = { plans: PaidPlans; isNews: boolean };

async function settle(store: Store, accounts: Accounts, userId: string, { plans, isNews }: Asked) {
  if (!store.users.has(userId)) return null;
  // An ended cycle has used up what was told by then, and nothing of what is told now.
  const day = today(store, userId);
  Object.assign(userOf(store, userId), termsAt(store, userOf(store, userId), day));
  let [tooMuch, nudged] = [false, false];
  for (const row of checkoutsOf(store, userId)) {
    const { id, amount } = row.object as { id: string; amount: bigint };
    const answer = await accounts.topUp(userId, amount, 'cycle', { key: `payment\n${id}`, fingerprint: 'stripe' });
    if (answer === 'conflict' || !('tooMuch' in answer)) row.credited = true;
    else tooMuch = true;
    nudged = true;
  }
  const user = userOf(store, userId);
  valueInvoices(store, user, plans, day);
  const paid = termsPaid(store, userId, day, user.cycleStart);
  if (!paid && isNews && user.paidByStripe) {
    await accounts.putUser(userId, { budget: 0n, renewalDate: null });
    userOf(store, userId).paidByStripe = false;
  } else if (paid && (isNews || !user.paidByStripe)) {
    const { tier, until: renewalDate, total, ended } = paid;
    const budget = leftOfPaid(total, user.paidUsed ?? ended);
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
