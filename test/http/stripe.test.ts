/** What Stripe tells comes in: from those who have the secret, by its bytes as they were signed, and to the account of its user. */
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { verify } from '../../lib/http/auth/stripe-signature.ts';
import type { StripeAccess } from '../../lib/http/deps.ts';
import { type AnEvent, aCheckout, anEvent, anInvoice, aSubscription } from '../kit/stripe.ts';
import { ADMIN, api } from './kit.ts';

const SECRET = 'whsec_of_the_endpoint_at_stripe';
const OLD = 'whsec_that_is_being_replaced';
const PATH = '/v1/hooks/stripe';
const PLANS = { price_pro: { tier: 'standard', budget: 62_000_000n } };

/** Stripe's own library makes the header. */
const headerFor = (payload: string, timestamp: number, secret = SECRET) =>
  Stripe.webhooks.generateTestHeaderString({ payload, timestamp, secret });
const hex = (secret: string, seconds: number | string, body: string | Uint8Array) =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');

function setup(access: Partial<StripeAccess> = {}) {
  const kit = api(() => ({ stripe: { secrets: [SECRET], livemode: true, plans: PLANS, ...access } }));
  const seconds = () => Math.floor(kit.world.store.real / 1_000);
  const post = (raw: string, header: string | null = headerFor(raw, seconds())) =>
    kit.call('POST', PATH, { raw, headers: header === null ? {} : { 'stripe-signature': header } });
  const send = (event: AnEvent) => post(JSON.stringify(event));
  const budgetOf = async (key: string) =>
    (await kit.call('GET', '/v1/budget', { key })).json.subscription.budget_microdollars;
  return { ...kit, seconds, post, send, budgetOf };
}

const payment = (over: object = {}) => JSON.stringify(anEvent('checkout', aCheckout(over)));

describe('an event of Stripe', () => {
  it('that a checkout is paid tops up its user without the tax, and once however often it comes', async () => {
    const { send, user, budgetOf, call, world } = setup();
    const key = await user('ada');
    const event = anEvent('checkout', aCheckout({ amount_total: 2_499, total_details: { amount_tax: 399 } }));
    const first = await send(event);
    expect([first.status, first.json]).toEqual([
      200,
      { id: event.id, effect: 'counted', detail: 'The budget of the user ada is what Stripe has told by now.' },
    ]);
    world.store.real += 60_000;
    await Promise.all(Array.from({ length: 4 }, () => send(event)));
    await send({ ...event, id: 'evt_again' });
    expect(await budgetOf(key)).toBe(42_000_000);
    const { data } = (await call('GET', '/v1/budget/top-ups', { key })).json;
    expect(data).toMatchObject([{ source: 'payment', reference: 'cs_1', amount_microdollars: 21_000_000 }]);
  });

  it('cannot be forestalled by a top-up of the user under the same key', async () => {
    const { send, call, user, budgetOf } = setup();
    const key = await user('ada');
    for (const name of ['cs_1', 'payment cs_1', 'payment\\ncs_1']) {
      const body = { amount_microdollars: 1 };
      await call('POST', '/v1/budget/top-ups', { key, headers: { 'idempotency-key': name }, body });
    }
    await send(anEvent('checkout', aCheckout()));
    expect(await budgetOf(key)).toBe(42_000_003);
  });

  it('that an invoice is paid gives its user the tier and its budget until the period ends, and wakes sleepers', async () => {
    const { send, user, start, asleep, call, world } = setup();
    const key = await user('ada');
    const id = await start(key);
    await asleep(id);
    world.queue.sent.length = 0;
    const period = ['2026-11-10T07:00:00Z', '2026-12-10T07:00:00Z'] as const;
    expect((await send(anEvent('invoice', anInvoice(...period)))).json.effect).toBe('waiting');
    expect((await send(anEvent('subscription', aSubscription()))).json.effect).toBe('waiting');
    const checkout = aCheckout({ mode: 'subscription', payment_status: 'paid' });
    expect((await send(anEvent('checkout', checkout))).json.effect).toBe('counted');
    const { json } = await call('GET', '/v1/budget', { key });
    expect(json.subscription).toMatchObject({ budget_microdollars: 62_000_000, renewal_date: '2026-12-11' });
    expect(world.queue.sent).toMatchObject([{ sessionId: id }]);
  });

  it('waits for a user who is made later, and then counts in full', async () => {
    const { send, call } = setup();
    const metadata = { circadian_user_id: 'ada' };
    const period = ['2026-11-10T07:00:00Z', '2026-12-10T07:00:00Z'] as const;
    for (const event of [
      anEvent('checkout', aCheckout({ client_reference_id: null, metadata })),
      anEvent('subscription', aSubscription({ metadata })),
      anEvent('invoice', anInvoice(...period)),
    ]) {
      const { status, json } = await send(event);
      expect([status, json.effect, json.detail]).toEqual([
        200,
        'waiting',
        'It is kept. It counts once there is a user ada.',
      ]);
    }
    const put = () => call('PUT', '/v1/admin/users/ada', { key: ADMIN, body: { tier: 'economy' } });
    for (let n = 0; n < 2; n++) expect((await put()).json.subscription_budget_microdollars).toBe(62_000_000);
    expect((await put()).json).toMatchObject({ subscription_renewal_date: '2026-12-11' });
    const { key } = (await call('POST', '/v1/admin/users/ada/api-keys', { key: ADMIN, body: {} })).json;
    expect((await call('GET', '/v1/budget', { key })).json.subscription.budget_microdollars).toBe(83_000_000);
  });

  it.each([
    ['euros', { currency: 'eur' }],
    ['yen, which have no cents', { currency: 'jpy', amount_total: 210_000 }],
    ['no currency', { currency: null }],
  ])('of a payment in %s counts for nothing, and the operator is told', async (_, over) => {
    const { send, user, budgetOf, lines } = setup();
    const key = await user('ada');
    const event = anEvent('checkout', aCheckout(over as object));
    const { status, json } = await send(event);
    expect([status, json.effect]).toEqual([200, 'refused']);
    expect(json.detail).toContain('not in usd, so it adds nothing to a budget');
    expect(await budgetOf(key)).toBe(21_000_000);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'stripe event', event: event.id, effect: 'refused' }),
    );
  });

  it.each([
    ['negative', -1],
    ['fractional', 21.5],
    ['huge', 100_000_000],
    ['a text', '2100'],
    ['missing', null],
  ])('whose amount is %s is refused, moves no money, and is sent again by Stripe', async (_, amount_total) => {
    const { send, user, budgetOf } = setup();
    const key = await user('ada');
    const { status, json } = await send(anEvent('checkout', aCheckout({ amount_total: amount_total as number })));
    expect([status, json.code]).toEqual([422, 'invalid_request']);
    const more = { amount_total: 10, total_details: { amount_tax: 11 } };
    expect((await send(anEvent('checkout', aCheckout(more)))).status).toBe(422);
    expect(await budgetOf(key)).toBe(21_000_000);
  });

  it('that moves no money is ignored, whatever it holds', async () => {
    const { send, user, budgetOf, world } = setup();
    const key = await user('ada');
    const ignored = [
      anEvent('other', { id: 7, amount: -5 }),
      anEvent('checkout', aCheckout(), { type: 'checkout.session.expired' }),
      anEvent('checkout', aCheckout(), { type: 'charge.refunded' }),
      anEvent('checkout', aCheckout(), { account: 'acct_of_somebody_else' }),
      anEvent('invoice', { ...anInvoice('2026-11-10T07:00:00Z', '2026-12-10T07:00:00Z'), parent: null }),
    ];
    for (const event of ignored) {
      const { status, json } = await send(event);
      expect([status, json.effect], event.type).toEqual([200, 'ignored']);
    }
    expect(world.store.stripe.size).toBe(0);
    expect(await budgetOf(key)).toBe(21_000_000);
  });

  it('of a customer whom nobody has named moves nobody’s money', async () => {
    const { send, user, budgetOf } = setup();
    const key = await user('ada');
    const strange = { customer: 'cus_of_another_account', client_reference_id: null };
    expect((await send(anEvent('checkout', aCheckout(strange)))).json).toMatchObject({
      effect: 'waiting',
      detail: expect.stringContaining('once it is known whose it is (circadian_user_id)'),
    });
    for (const name of ['a\nb', '../ada', 'a'.repeat(200), ''])
      expect((await send(anEvent('checkout', aCheckout({ ...strange, client_reference_id: name })))).json.effect).toBe(
        'waiting',
      );
    expect(await budgetOf(key)).toBe(21_000_000);
  });

  it('of the other mode is refused, so that no test money is spent and no real money is lost', async () => {
    for (const livemode of [true, false]) {
      const { send, user, budgetOf } = setup({ livemode });
      const key = await user('ada');
      const { status, json } = await send(anEvent('checkout', aCheckout(), { livemode: !livemode }));
      expect([status, json.code]).toEqual([422, 'invalid_request']);
      expect(json.detail).toMatch(/STRIPE_MODE.*Nothing was counted/);
      expect(await budgetOf(key)).toBe(21_000_000);
      expect((await send(anEvent('checkout', aCheckout(), { livemode }))).json.effect).toBe('counted');
    }
  });
});

describe('the signature', () => {
  it('is one that Stripe’s own library makes and takes', async () => {
    const { post, user, seconds } = setup();
    await user('ada');
    const raw = payment({ metadata: { note: 'Käse' } });
    const now = Math.floor(Date.now() / 1_000);
    const ours = `t=${now},v1=${hex(SECRET, now, raw)}`;
    expect(Stripe.webhooks.constructEvent(raw, ours, SECRET).type).toBe('checkout.session.completed');
    expect(() => Stripe.webhooks.constructEvent(raw, ours, OLD)).toThrow();
    expect((await post(raw, headerFor(raw, seconds()))).status).toBe(200);
    expect((await post(raw, headerFor(raw, seconds(), OLD))).status).toBe(401);
  });

  it('stands in place of a key: without the secret the route takes nothing, and says why', async () => {
    for (const access of [undefined, { secrets: [], livemode: true, plans: {} }]) {
      const { call, user } = api(() => ({ stripe: access }));
      const key = await user('ada');
      const headers = { 'stripe-signature': `t=1,v1=${hex('', 1, payment())}` };
      for (const ask of [{ headers }, { key }, { key: ADMIN }]) {
        const { status, json } = await call('POST', PATH, { ...ask, raw: payment() });
        expect([status, json.code]).toEqual([404, 'not_found']);
        expect(json.detail).toContain('STRIPE_WEBHOOK_SECRET is not set');
      }
    }
  });

  it('is of the bytes: the same said otherwise is refused', async () => {
    const { post, user, budgetOf, seconds } = setup();
    const key = await user('ada');
    const raw = payment({ metadata: { note: 'ä' } });
    const header = headerFor(raw, seconds());
    const others = [
      JSON.stringify(JSON.parse(raw), null, 1),
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(raw)).reverse())),
      raw.replace('ä', '\\u00e4'),
      raw.replaceAll('2100', '9100'),
      `${raw}\n`,
      ` ${raw}`,
      '',
    ];
    for (const other of others) {
      const { status, json } = await post(other, header);
      expect([status, json.code], other).toEqual([401, 'bad_signature']);
      expect(json.detail).toContain('Nothing was counted');
    }
    expect(await budgetOf(key)).toBe(21_000_000);
    expect((await post(raw, header)).status).toBe(200);
  });

  it('is refused in any form but its own', async () => {
    const { post, user, budgetOf, seconds } = setup();
    const key = await user('ada');
    const raw = payment();
    const now = seconds();
    const good = hex(SECRET, now, raw);
    const bad = [
      null,
      '',
      'v1=',
      `v1=${good}`,
      `t=${now}`,
      `t=${now},v0=${good}`,
      `t=${now},v1=${good}00`,
      `t=${now},v1=${'0'.repeat(64)}`,
      `t=${now + 1},v1=${good}`,
      `t=${now},t=${now - 1},v1=${good}`,
      `t=0x${now.toString(16)},v1=${good}`,
      `t=${now}.0,v1=${good}`,
      `t=,v1=${hex(SECRET, '', raw)}`,
      `t=NaN,v1=${hex(SECRET, 'NaN', raw)}`,
      `t=${now},v1=${hex('another_secret_of_someone', now, raw)}`,
      `t=${now},v1=${createHmac('sha256', SECRET).update(raw).digest('hex')}`,
    ];
    for (const header of bad) expect((await post(raw, header)).json.code, String(header)).toBe('bad_signature');
    expect(await budgetOf(key)).toBe(21_000_000);
    const others = `t=${now},v1=${'0'.repeat(64)},v0=zz,v1=${good.toUpperCase()}, x=y`;
    expect((await post(raw, others)).status).toBe(200);
  });

  it('counts for five minutes by the real clock, not by the settable one', async () => {
    const { post, user, budgetOf, seconds, world } = setup();
    const key = await user('ada');
    const raw = payment();
    const now = seconds();
    for (const off of [-301, 301, -86_400, 86_400]) {
      const { status, json } = await post(raw, headerFor(raw, now + off));
      expect([status, json.code], String(off)).toEqual([401, 'bad_signature']);
      expect(json.detail).toMatch(/more than 5 minutes ago.*Nothing was counted/);
    }
    world.setNow(world.now() + 3 * 86_400_000);
    const settable = Math.floor(world.now() / 1_000);
    expect((await post(raw, headerFor(raw, settable))).status).toBe(401);
    expect(await budgetOf(key)).toBe(21_000_000);
    for (const off of [-300, 300]) expect((await post(raw, headerFor(raw, now + off))).status).toBe(200);
  });

  it('may be of either secret while one replaces the other', async () => {
    const { post, user, seconds } = setup({ secrets: [SECRET, OLD] });
    await user('ada');
    const raw = payment();
    for (const secret of [SECRET, OLD]) expect((await post(raw, headerFor(raw, seconds(), secret))).status).toBe(200);
    expect((await post(raw, headerFor(raw, seconds(), `${SECRET},${OLD}`))).status).toBe(401);
  });

  it('is asked for before the body is read as anything, and the body has an end', async () => {
    const { post } = setup();
    expect((await post('{"id":', null)).json.code).toBe('bad_signature');
    expect((await post('x'.repeat(262_145), null)).json.code).toBe('payload_too_large');
    expect((await post('{"id":')).json.code).toBe('invalid_json');
    expect((await post('{"id":"evt_1"}')).json.code).toBe('invalid_request');
  });

  it('covers bytes that are no text', () => {
    const body = Uint8Array.of(0xff, 0xfe, 0x00, 0x80);
    const header = `t=1000,v1=${hex(SECRET, 1_000, body)}`;
    expect(verify([SECRET], { header, body, now: 1_000_000 })).toBe('genuine');
    expect(verify([SECRET], { header, body: Uint8Array.of(0xff, 0xfd, 0x00, 0x80), now: 1_000_000 })).toBe('forged');
    expect(verify([], { header, body, now: 1_000_000 })).toBe('forged');
  });
});
