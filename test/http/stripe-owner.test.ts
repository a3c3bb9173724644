/** Whose a plan is when Stripe comes to name another user for it, and what is said of one that gives nothing. */
import Stripe from 'stripe';
import { expect, it } from 'vitest';
import { type AnEvent, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';
import { api } from './kit.ts';

const SECRET = 'whsec_of_the_endpoint_at_stripe';
const PLANS = { price_pro: { tier: 'standard', budget: 62_000_000n } };

function setup() {
  const { call, user, world } = api(() => ({ stripe: { secrets: [SECRET], livemode: true, plans: PLANS } }));
  const answer = async (event: AnEvent) => {
    const raw = JSON.stringify(event);
    const timestamp = Math.floor(world.store.real / 1_000);
    const header = Stripe.webhooks.generateTestHeaderString({ payload: raw, timestamp, secret: SECRET });
    return (await call('POST', '/v1/hooks/stripe', { raw, headers: { 'stripe-signature': header } })).json;
  };
  const send = async (event: AnEvent) => (await answer(event)).effect;
  const budgetOf = async (key: string) =>
    (await call('GET', '/v1/budget', { key })).json.subscription.budget_microdollars;
  return { user, answer, send, budgetOf };
}

const NAMES = {
  'its subscription': {
    sub: true,
    of: (metadata: object) => anEvent('subscription', aSubscription({ metadata } as object)),
  },
  'its customer': { sub: false, of: (metadata: object) => anEvent('customer', { id: 'cus_1', metadata }) },
};

it.each(Object.entries(NAMES))('a plan has one user when %s comes to name another', async (_, { sub, of }) => {
  const { user, send, budgetOf } = setup();
  const [ada, eve] = [await user('ada'), await user('eve')];
  const budgets = async () => [await budgetOf(ada), await budgetOf(eve)];
  const naming = (circadian_user_id: string, created: number) => ({ ...of({ circadian_user_id }), created });
  if (!sub) await send(anEvent('subscription', aSubscription()));
  await send(anEvent('invoice', anInvoice('2026-11-10T07:00:00Z', '2026-12-10T07:00:00Z')));
  expect(await send(naming('ada', 1_794_297_600))).toBe('counted');
  expect(await budgets()).toEqual([62_000_000, 21_000_000]);
  for (let n = 0; n < 2; n++) {
    expect(await send(naming('eve', 1_794_297_700))).toBe('counted');
    expect(await budgets()).toEqual([0, 62_000_000]);
    await send(naming('ada', 1_794_297_600));
    expect(await budgets()).toEqual([0, 62_000_000]);
  }
  await send({ ...of({}), created: 1_794_297_800 });
  expect(await budgets()).toEqual([0, 62_000_000]);
});

const NOTHING = [
  ['a price of no tier', { price: 'price_new' }, 'no tier has the price price_new (TIER_STRIPE_PRICES)'],
  [
    'a period that is over',
    { start: '2026-10-10T07:00:00Z', end: '2026-11-09T07:00:00Z' },
    'The period of this invoice',
  ],
] as const;

it.each(NOTHING)('an invoice for %s gives nothing, and the answer says so', async (_, over, words) => {
  const { user, answer, budgetOf } = setup();
  const key = await user('ada');
  const { price, start, end } = {
    price: 'price_pro',
    start: '2026-11-10T07:00:00Z',
    end: '2026-12-10T07:00:00Z',
    ...over,
  };
  await answer(anEvent('subscription', aSubscription({ price, metadata: { circadian_user_id: 'ada' } })));
  const { effect, detail } = await answer(anEvent('invoice', anInvoice(start, end, { price })));
  expect([effect, detail]).toEqual(['counted', expect.stringContaining(words)]);
  expect(await budgetOf(key)).toBe(21_000_000);
});
