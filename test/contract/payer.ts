/** Somebody who pays, for the contracts of payments: what Stripe tells of them, and what they have. */
import { newId } from '../../lib/ids.ts';
import { readStripe } from '../../lib/payments/stripe-object.ts';
import type { PaidPlans, StripeObject } from '../../lib/ports/index.ts';
import { type AnEvent, aCheckout, aLine, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';
import { DAY_MS, START, type Steps } from './harness.ts';

export const PLANS: PaidPlans = {
  price_pro: { tier: 'standard', budget: 31_000_000n },
  price_max: { tier: 'premium', budget: 62_000_000n },
  /** Of which no subscription tells what it costs. */
  price_tiered: { tier: 'premium', budget: 50_000_000n },
};
const iso = (day: number) => new Date(START + day * DAY_MS).toISOString();
export const dateOf = (day: number) => iso(day).slice(0, 10);

export const objectOf = (event: AnEvent): StripeObject => {
  const reading = readStripe(event);
  if ('ignored' in reading) throw new Error(reading.ignored);
  return reading.object;
};

/** As the route does it. */
export async function tell(t: Steps, event: AnEvent, isNews = true) {
  const object = objectOf(event);
  await t.payments.keep(object);
  const userId = await t.payments.userOf(object.id);
  return userId === null ? 'nobody' : await t.payments.settle(userId, PLANS, { isNews });
}

/** A user without money, whose Stripe ids end in theirs. */
export async function payer(t: Steps) {
  const user = newId('usr');
  await t.accounts.putUser(user, {});
  const of = (id: string) => `${id}_${user}`;
  const [customer, client_reference_id] = [of('cus'), user];
  const pay = (id: string, cents: number, over: object = {}) =>
    anEvent('checkout', aCheckout({ id: of(id), customer, client_reference_id, amount_total: cents, ...over }));
  const subscribe = (over: Parameters<typeof aSubscription>[0] = {}, created = 1_794_297_600, type = 'created') =>
    anEvent(
      'subscription',
      aSubscription({ customer, metadata: { circadian_user_id: user }, ...over, id: of(over.id ?? 'sub') }),
      { created, type: `customer.subscription.${type}` },
    );
  type Bill = { sub?: string; price?: string; lines?: [number, number, Parameters<typeof aLine>[2]?][] };
  /** `lines`: each from a day to a day, where it bills something else than a whole period. */
  const paid = (from: number, to: number, { sub = 'sub', price = 'price_pro', lines }: Bill = {}) => {
    const data = lines?.map(([first, last, over]) => aLine(iso(first), iso(last), over));
    const id = of(`in_${sub}_${from}_${to}_${JSON.stringify(lines ?? price)}`.replaceAll(/\W/g, ''));
    return anEvent(
      'invoice',
      anInvoice(iso(from), iso(to), { ...(data && { data }), price, of: of(sub), id, customer }),
    );
  };
  const plan = async () => {
    const { tier, budget, renewalDate } = (await t.accounts.getUser(user))!;
    return { tier, budget, renewalDate };
  };
  const spend = (cost: bigint) => {
    const call = {
      userId: user,
      sessionId: newId('ses'),
      iteration: 1,
      model: 'claude-haiku-5-5',
      usage: {},
      at: START,
    };
    return t.purse.record({ ...call, cost });
  };
  const said = async () => ({ ...(await plan()), ...(await sums(t, user)) });
  return { user, customer, pay, subscribe, paid, plan, spend, said };
}

export async function sums(t: Steps, user: string) {
  const { budget, cycleStart, toppedUpLeft, day } = await t.accounts.budget(user);
  const { data } = await t.accounts.topUps(user, { limit: 50, cursor: null });
  const paid = data.map(({ key, amount }) => `${key.replaceAll(user, '')} ${amount}`).sort();
  return { cycle: budget, cycleStart, toppedUpLeft, allowance: day.allowance, paid };
}
