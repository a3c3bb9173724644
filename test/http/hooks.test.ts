/** A payment comes in: once, from those who have the secret, and by its bytes as they were signed. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verify } from '../../lib/http/auth/webhook-signature.ts';
import { ADMIN, api } from './kit.ts';

const SECRET = 'whsec_of_the_payments_service';
const OLD = 'whsec_that_is_being_replaced';
const PATH = '/v1/hooks/payments';

const hex = (secret: string, seconds: number | string, body: string | Uint8Array) =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
const headerFor = (body: string | Uint8Array, seconds: number, secret = SECRET) =>
  `t=${seconds},v1=${hex(secret, seconds, body)}`;

function setup(paymentSecrets: string[] = [SECRET]) {
  const kit = api(() => ({ paymentSecrets }));
  const seconds = () => Math.floor(kit.world.store.real / 1_000);
  const post = (raw: string, header: string | null = headerFor(raw, seconds())) =>
    kit.call('POST', PATH, { raw, headers: header === null ? {} : { 'stripe-signature': header } });
  const budgetOf = async (key: string) =>
    (await kit.call('GET', '/v1/budget', { key })).json.subscription.budget_microdollars;
  return { ...kit, seconds, post, budgetOf };
}

const payment = (over: object = {}) =>
  JSON.stringify({
    ...{ id: 'evt_1', type: 'payment.succeeded', user_id: 'ada', amount_microdollars: 2_100_000 },
    ...over,
  });

describe('a payment', () => {
  it('credits the user, and once however often it is delivered', async () => {
    const { post, user, budgetOf, seconds, world } = setup();
    const key = await user('ada');
    const first = await post(payment());
    expect([first.status, first.json]).toEqual([200, { id: 'evt_1', credited_microdollars: 2_100_000 }]);
    expect(await budgetOf(key)).toBe(23_100_000);
    world.store.real += 60_000;
    // Sent again it has another signature, and may be written otherwise.
    const again = `{"amount_microdollars": 2100000, "user_id": "ada", "type": "payment.succeeded", "id": "evt_1", "try": 2}`;
    for (const raw of [payment(), again]) expect((await post(raw, headerFor(raw, seconds()))).json).toEqual(first.json);
    expect(await budgetOf(key)).toBe(23_100_000);
    await post(payment({ id: 'evt_2' }));
    expect(await budgetOf(key)).toBe(25_200_000);
  });

  it('credits once when many copies arrive together', async () => {
    const { post, user, budgetOf } = setup();
    const key = await user('ada');
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(payment())));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await budgetOf(key)).toBe(23_100_000);
  });

  it('wakes the sleepers that can use it', async () => {
    const { post, user, start, asleep, world } = setup();
    const id = await start(await user('ada'));
    await asleep(id);
    world.queue.sent.length = 0;
    await post(payment({ amount_microdollars: 5_000_000, spread: 'today' }));
    expect(world.queue.sent).toMatchObject([{ sessionId: id }]);
  });

  it('is refused with the amounts where it could not be counted, and taken when there is room', async () => {
    const { post, user, budgetOf } = setup();
    const key = await user('ada');
    const large = payment({ amount_microdollars: Number.MAX_SAFE_INTEGER });
    const refused = await post(large);
    expect([refused.status, refused.json.code]).toEqual([422, 'invalid_request']);
    expect(refused.json.detail).toContain('This user has 21000000 already');
    expect(await budgetOf(key)).toBe(21_000_000);
    expect((await post(payment())).status).toBe(200);
  });

  it('cannot be forestalled by a top-up of the user under the same key', async () => {
    const { post, call, user, budgetOf } = setup();
    const key = await user('ada');
    for (const name of ['evt_1', 'payment evt_1', 'payment\\nevt_1']) {
      const body = { amount_microdollars: 1 };
      await call('POST', '/v1/budget/top-ups', { key, headers: { 'idempotency-key': name }, body });
    }
    expect((await post(payment())).status).toBe(200);
    expect(await budgetOf(key)).toBe(23_100_003);
  });

  it('with the id of another one is a conflict, and credits nothing', async () => {
    const { post, user, budgetOf } = setup();
    const key = await user('ada');
    await post(payment());
    for (const over of [{ amount_microdollars: 9 }, { spread: 'today' }]) {
      const { status, json } = await post(payment(over));
      expect([status, json.code]).toEqual([409, 'idempotency_conflict']);
      expect(json.detail).toContain('Nothing was credited');
    }
    expect(await budgetOf(key)).toBe(23_100_000);
  });

  it('for nobody, or not as it should be, credits nothing and says what is wrong', async () => {
    const { post, user, budgetOf } = setup();
    const key = await user('ada');
    const refused = async (raw: string) => {
      const { status, json } = await post(raw);
      return [status, json.code, json.errors?.[0]?.path];
    };
    expect(await refused(payment({ user_id: 'bob' }))).toEqual([404, 'not_found', undefined]);
    for (const amount_microdollars of [0, -5, 1.5, '2100000', null, 2 ** 60]) {
      expect(await refused(payment({ amount_microdollars }))).toEqual([422, 'invalid_request', 'amount_microdollars']);
    }
    expect(await refused(payment({ spread: 'ever' }))).toEqual([422, 'invalid_request', 'spread']);
    expect(await refused(payment({ id: 'a\nb' }))).toEqual([422, 'invalid_request', 'id']);
    expect(await refused(payment({ id: undefined }))).toEqual([422, 'invalid_request', 'id']);
    expect(await refused('{"id":')).toEqual([400, 'invalid_json', undefined]);
    expect(await budgetOf(key)).toBe(21_000_000);
  });

  it('of another type is taken and left', async () => {
    const { post, user, budgetOf } = setup();
    const key = await user('ada');
    const { status, json } = await post(payment({ type: 'payment.refunded', user_id: 7 }));
    expect([status, json]).toEqual([202, { id: 'evt_1', credited_microdollars: 0 }]);
    expect(await budgetOf(key)).toBe(21_000_000);
  });
});

describe('the signature', () => {
  it('stands in place of a key: without the secret the route is not there', async () => {
    for (const deps of [{}, { paymentSecrets: [] }]) {
      const { call, user } = api(() => deps);
      const key = await user('ada');
      const headers = { 'stripe-signature': headerFor(payment(), 1, '') };
      for (const ask of [{ headers }, { key }, { key: ADMIN }]) {
        const { status, json } = await call('POST', PATH, { ...ask, raw: payment() });
        expect([status, json.code]).toEqual([404, 'not_found']);
      }
    }
  });

  it('is of the bytes: the same said otherwise is refused', async () => {
    const { post, user, budgetOf, seconds } = setup();
    const key = await user('ada');
    const raw = payment({ note: 'ä', amount_microdollars: 2_100_000 });
    const header = headerFor(raw, seconds());
    const others = [
      JSON.stringify(JSON.parse(raw), null, 1),
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(raw)).reverse())),
      raw.replace('ä', '\\u00e4'),
      raw.replace('2100000', '2.1e6'),
      raw.replace('2100000', '9100000'),
      `${raw}\n`,
      ` ${raw}`,
      `\ufeff${raw}`,
      '',
    ];
    for (const other of others) {
      const { status, json } = await post(other, header);
      expect([status, json.code], other).toEqual([401, 'bad_signature']);
      expect(json.detail).toContain('Nothing was credited');
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
      `t=${now},v1=${good.slice(1)}`,
      `t=${now},v1=${good}00`,
      `t=${now},v1=${'0'.repeat(64)}`,
      `t=${now + 1},v1=${good}`,
      `t=${now},t=${now - 1},v1=${good}`,
      `t=0x${now.toString(16)},v1=${good}`,
      `t=${now}.0,v1=${good}`,
      `t=-${now},v1=${good}`,
      `t=,v1=${hex(SECRET, '', raw)}`,
      `t=NaN,v1=${hex(SECRET, 'NaN', raw)}`,
      `t=${now},v1=${hex('another_secret_of_someone', now, raw)}`,
      `t=${now},v1=${hex('', now, raw)}`,
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
      expect(json.detail).toMatch(/more than 5 minutes ago.*Nothing was credited/);
    }
    world.setNow(world.now() + 30 * 86_400_000);
    const settable = Math.floor(world.now() / 1_000);
    expect((await post(raw, headerFor(raw, settable))).status).toBe(401);
    expect(await budgetOf(key)).toBe(21_000_000);
    for (const off of [-300, 300]) expect((await post(raw, headerFor(raw, now + off))).status).toBe(200);
  });

  it('may be of either secret while one replaces the other', async () => {
    const { post, user, seconds } = setup([SECRET, OLD]);
    await user('ada');
    for (const [n, secret] of [SECRET, OLD].entries()) {
      const raw = payment({ id: `evt_${n}` });
      expect((await post(raw, headerFor(raw, seconds(), secret))).status).toBe(200);
    }
    const raw = payment({ id: 'evt_9' });
    expect((await post(raw, headerFor(raw, seconds(), `${SECRET},${OLD}`))).status).toBe(401);
  });

  it('is asked for before the body is read as anything, and the body has an end', async () => {
    const { post } = setup();
    expect((await post('{"id":', null)).json.code).toBe('bad_signature');
    expect((await post('x'.repeat(65_537), null)).json.code).toBe('payload_too_large');
  });

  it('covers bytes that are no text', () => {
    const body = Uint8Array.of(0xff, 0xfe, 0x00, 0x80);
    const header = headerFor(body, 1_000);
    expect(verify([SECRET], { header, body, now: 1_000_000 })).toBe('genuine');
    expect(verify([SECRET], { header, body: Uint8Array.of(0xff, 0xfd, 0x00, 0x80), now: 1_000_000 })).toBe('forged');
    expect(verify([], { header, body, now: 1_000_000 })).toBe('forged');
  });
});
