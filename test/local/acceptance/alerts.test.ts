/** Alerts and payments through the whole system: found by the wake function's process, sent to a real receiver, signed over real HTTP. */
import { createHmac } from 'node:crypto';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, reply } from '../../../lib/local/model/answer.ts';
import { aCheckout, anEvent, anInvoice, aSubscription } from '../../kit/stripe.ts';
import { costing, type Json, stage } from './stage.ts';

const SECRET = 'whsec_of_the_endpoint_at_stripe';
const local = stage({
  env: {
    ...{ NOTIFY_LOOPBACK: '1', STRIPE_WEBHOOK_SECRET: SECRET, STRIPE_MODE: 'test' },
    ...{ TIER_BUDGETS: 'premium=62000000', TIER_STRIPE_PRICES: 'premium=price_pro' },
  },
});

const finish = reply(call('finish', { result: 'Done.' }));
const daily = 1_000_000;
/** A bill of so much, today. */
const spend = (userId: string, cost: bigint) =>
  local.system.world.purse.record({
    ...{ userId, sessionId: 'ses_before', iteration: 1, model: 'claude-sonnet-5-5', usage: {}, cost },
    at: local.system.clock.now(),
  });

type Got = { headers: IncomingHttpHeaders; body: string };
const got: Got[] = [];
const answers: number[] = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  got.push({ headers: request.headers, body });
  response.writeHead(answers.shift() ?? 204).end();
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
const receiver = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;

const forUser = (id: string) => got.filter(({ body }) => JSON.parse(body).data.user_id === id);
const signatureOf = ({ headers, body }: Got, secret: string) => {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
};
/** The cron comes by, after so long. */
const later = (advance_ms: number) => local.moveClock({ advance_ms });

describe('a user with an address', () => {
  it('hears once that most of the day is spent, from a message that can be checked', async () => {
    const person = await local.person({ daily });
    const { notify_secret: secret } = await person.put({ notify_url: receiver() });
    await spend(person.id, 920_000n);
    await later(1_000);
    await later(1_000);
    const [message, ...others] = forUser(person.id);
    expect(others).toEqual([]);
    expect(message!.headers['webhook-signature']).toBe(signatureOf(message!, secret));
    expect(Math.abs(Number(message!.headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(120);
    const { type, data } = JSON.parse(message!.body);
    expect([type, data.spent_microdollars, data.daily_budget_microdollars]).toEqual([
      'budget.graceful',
      920_000,
      daily,
    ]);
    expect((await person.budget()).alerts).toEqual([{ threshold: 'graceful', at: data.at }]);
    const { json } = await person.call('GET', '/budget/alerts');
    const { user_id: _, ...same } = data;
    expect(json.data).toEqual([{ ...same, delivery: expect.objectContaining({ status: 'delivered', attempts: 1 }) }]);
  });

  it('hears it again, under the same name, when the receiver had failed', async () => {
    const person = await local.person({ daily });
    await person.put({ notify_url: receiver() });
    await spend(person.id, 910_000n);
    answers.push(503);
    await later(1_000);
    expect(forUser(person.id)).toHaveLength(1);
    const shown = async (): Promise<Json> => (await person.call('GET', '/budget/alerts')).json.data[0].delivery;
    expect(await shown()).toMatchObject({ status: 'pending', attempts: 1, error: 'HTTP 503' });
    await later(61_000);
    const [first, second] = forUser(person.id);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    expect(await shown()).toMatchObject({ status: 'delivered', attempts: 2, error: null });
  });
});

describe('a user with a webhook', () => {
  it('hears that a session has ended, without a word of it, and can have it sent again', async () => {
    const person = await local.person({ daily });
    const { json: hook } = await person.call('POST', '/webhooks', { url: receiver() });
    const session = await person.start([finish]);
    await person.until(session.id, { status: 'completed' });
    await later(1_000);
    const [message, ...others] = forUser(person.id);
    expect(others).toEqual([]);
    expect(message!.headers['webhook-signature']).toBe(signatureOf(message!, hook.secret));
    expect(JSON.parse(message!.body)).toMatchObject({ type: 'session.completed', data: { session_id: session.id } });
    expect(message!.body).not.toContain('Done.');
    const id = message!.headers['webhook-id'];
    await person.call('POST', `/webhooks/${hook.id}/deliveries/${id}/redeliver`);
    await later(1_000);
    expect(forUser(person.id).map(({ headers, body }) => [headers['webhook-id'], body])).toEqual(
      Array(2).fill([id, message!.body]),
    );
  });
});

describe('a payment', () => {
  const pay = (event: object, change: (raw: string) => string = (raw) => raw) => {
    const payload = JSON.stringify(event);
    const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET });
    const headers = { 'stripe-signature': signature, 'content-type': 'application/json' };
    return local.ask('POST', '/v1/hooks/stripe', { raw: change(payload), headers });
  };
  const ofTest = { livemode: false };

  it('wakes who slept for want of it, once however often it is told, and only as it was signed', async () => {
    const person = await local.person({ daily });
    await spend(person.id, 950_000n);
    const session = await person.start([costing(10_000, finish)]);
    await person.until(session.id, { status: 'sleeping', sleep_reason: 'allowance' });
    const checkout = aCheckout({ client_reference_id: person.id, amount_total: 5_000, metadata: { note: 'Käse' } });
    const event = anEvent('checkout', checkout, ofTest);
    const before = (await person.budget()).subscription.budget_microdollars;
    const altered = await pay(event, (raw) => JSON.stringify(JSON.parse(raw), null, 1));
    expect([altered.status, altered.json.code]).toEqual([401, 'bad_signature']);
    expect((await person.budget()).subscription.budget_microdollars).toBe(before);
    for (let n = 0; n < 3; n++) expect((await pay(event)).json).toMatchObject({ id: event.id, effect: 'counted' });
    expect((await person.budget()).subscription.budget_microdollars).toBe(before + 50_000_000);
    await person.until(session.id, { status: 'completed' });
  });

  it('of a subscription gives its tier for the paid period, and the real time signs, whatever the settable clock says', async () => {
    const person = await local.person();
    const today = local.system.clock.now();
    const metadata = { circadian_user_id: person.id };
    const ids = { customer: `cus_${person.id}`, id: `sub_${person.id}` };
    const [start, end] = [today, today + 30 * 86_400_000].map((at) => new Date(at).toISOString()) as [string, string];
    const { customer } = ids;
    const invoice = await pay(anEvent('invoice', anInvoice(start, end, { of: ids.id, customer }), ofTest));
    expect(invoice.json).toMatchObject({ effect: 'waiting' });
    await later(3 * 86_400_000);
    const answer = await pay(anEvent('subscription', aSubscription({ ...ids, metadata }), ofTest));
    expect(answer.json).toMatchObject({ effect: 'counted' });
    const { subscription } = await person.budget();
    expect(subscription.budget_microdollars).toBe(62_000_000);
  });
});
