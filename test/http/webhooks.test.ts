/** Webhooks over HTTP: what a user makes, what arrives there, and what never does. */
import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhook as adapter } from '../../lib/adapters/webhook.ts';
import type { EventType } from '../../lib/core/events.ts';
import type { StoredState } from '../../lib/core/session.ts';
import { wakeDue } from '../../lib/engine/wake.ts';
import type { WebhookRequest } from '../../lib/ports/index.ts';
import { receiver } from '../kit/receiver.ts';
import { api } from './kit.ts';

const URL = 'https://hooks.example/all';
const HOUR_MS = 3_600_000;
const WAITING = { state: 'waiting', question: 'Which moon?' } as const;
const ASKS: [EventType, object?][] = [['agent.waiting_for_input', { question: 'Which <moon> & why?' }]];
const TEXTS = ['Count the moons', 'Which', 'Ninety-five', 'My note', 'words of the provider'];

async function setup(more: object = {}) {
  const kit = api(() => more);
  const { world, call, user } = kit;
  const key = await user('ada');
  const log = () => {};
  const wake = (webhook: typeof world.webhook | ReturnType<typeof adapter> = world.webhook) =>
    wakeDue({ ...world, webhook, log }, { cron: 'schedule', now: world.now });
  const hook = async (body: object = {}) =>
    (await call('POST', '/v1/webhooks', { key, body: { url: URL, ...body } })).json;
  const asks = async () => {
    const id = await kit.start(key);
    await kit.rest(id, WAITING, ASKS);
    return id;
  };
  return { ...kit, key, wake, hook, asks };
}

const bodies = (posted: WebhookRequest[]) => posted.map(({ body }) => JSON.parse(body));

describe('a webhook', () => {
  it('is made with a secret that is shown once, and told of what happens under an id that stays', async () => {
    const { call, key, wake, hook, asks, world } = await setup();
    const { secret, ...made } = await hook({ description: 'Of the team' });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made).toMatchObject({ url: URL, events: null, format: 'standard', include_text: false, managed_by: 'user' });
    expect((await call('GET', '/v1/webhooks', { key })).json).toEqual({ data: [made], next_cursor: null });
    expect((await call('GET', `/v1/webhooks/${made.id}`, { key })).json).toEqual(made);
    const session = await asks();
    await wake();
    const [posted, ...others] = world.webhook.posted;
    expect(others).toEqual([]);
    expect(posted).toMatchObject({ url: URL, secrets: [secret], id: expect.stringMatching(/^evt_[0-9a-f]{32}$/) });
    expect(JSON.parse(posted!.body)).toEqual({
      type: 'session.question',
      timestamp: '2026-11-10T08:00:00.000Z',
      data: {
        ...{ user_id: 'ada', session_id: session, agent: 'assistant', seq: expect.any(Number) },
        kind: 'question',
        message: `Session ${session} (assistant) asks a question. It waits for the answer, which costs nothing meanwhile.`,
      },
    });
    const path = `/v1/webhooks/${made.id}/deliveries`;
    const { data } = (await call('GET', path, { key })).json;
    expect(data).toMatchObject([{ event_id: posted!.id, status: 'delivered', status_code: 200, session_id: session }]);
    const again = await call('POST', `${path}/${posted!.id}/redeliver`, { key });
    expect([again.status, again.json.event_id, again.json.status]).toEqual([202, posted!.id, 'pending']);
    await wake();
    expect(world.webhook.posted.map(({ id, body }) => [id, body])).toEqual(Array(2).fill([posted!.id, posted!.body]));
  });

  const ENDS: [Exclude<StoredState, { state: 'ready' }>, [EventType, object?][]][] = [
    [WAITING, ASKS],
    [
      { state: 'ended', outcome: 'completed', result: 'Ninety-five', error: null },
      [['agent.completed', { result: 'Ninety-five' }]],
    ],
    [
      { state: 'ended', outcome: 'failed', result: null, error: { code: 'failed', message: 'words of the provider' } },
      [['agent.failed', { outcome: 'failed', error: { code: 'failed', message: 'words of the provider' } }]],
    ],
    [
      { state: 'paused', error: { code: 'unknown_model', message: 'words of the provider' } },
      [['agent.paused', { error: { code: 'unknown_model', message: 'words of the provider' } }]],
    ],
    [
      { state: 'sleeping', until: Date.parse('2026-11-11T00:00:00Z'), reason: 'agent' },
      [['agent.sleeping', { reason: 'agent', wake_at: '2026-11-11T00:00:00.000Z', note: 'My note' }]],
    ],
  ];

  it.each(['standard', 'slack'])('says no text unless it is asked to, in the format %s', async (format) => {
    const { wake, hook, start, rest, key, world } = await setup();
    await hook({ format });
    await hook({ format, include_text: true, url: `${URL}/texts` });
    for (const [to, journal] of ENDS) await rest(await start(key), to, journal);
    for (let n = 0; n < 5; n++) await wake();
    const sent = Map.groupBy(world.webhook.posted, ({ url }) => url);
    expect([sent.get(URL)?.length, sent.get(`${URL}/texts`)?.length]).toEqual([5, 5]);
    for (const { body } of sent.get(URL)!) for (const text of TEXTS) expect(body).not.toContain(text);
    const all = sent
      .get(`${URL}/texts`)!
      .map(({ body }) => body)
      .join('\n');
    for (const text of TEXTS.slice(format === 'slack' ? 1 : 0)) expect(all).toContain(text);
    expect(all).toContain(format === 'slack' ? '\\n> Which &lt;moon&gt; &amp; why?' : 'Which <moon> & why?');
    for (const body of bodies(world.webhook.posted)) {
      if (format === 'slack') expect(Object.keys(body)).toEqual(['text', 'blocks']);
      else expect(Object.keys(body)).toEqual(['type', 'timestamp', 'data']);
    }
  });

  it('hears only what it wants, and tests whatever it wants', async () => {
    const { call, key, wake, hook, asks, complete, start, world } = await setup();
    const { id } = await hook({ events: ['session.completed'] });
    await asks();
    await complete(await start(key));
    const test = await call('POST', `/v1/webhooks/${id}/test`, { key });
    expect([test.status, test.json.type, test.json.status]).toEqual([202, 'webhook.test', 'pending']);
    await wake();
    expect(
      bodies(world.webhook.posted)
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['session.completed', 'webhook.test']);
  });

  it('is made, and given another secret, once under a key, which shows the secret to the first request alone', async () => {
    const { call, key, hook } = await setup();
    const { id } = await hook();
    const once = (path: string, body: object) =>
      call('POST', path, { key, body, headers: { 'idempotency-key': 'one' } });
    for (const path of ['/v1/webhooks', `/v1/webhooks/${id}/rotate-secret`]) {
      const [first, again] = [await once(path, { url: URL }), await once(path, { url: URL })];
      expect(again.json).toEqual({ ...first.json, secret: undefined });
      expect(first.json.secret).toMatch(/^whsec_/);
    }
    expect((await once('/v1/webhooks', { url: `${URL}/other` })).json.code).toBe('idempotency_conflict');
    expect((await call('GET', '/v1/webhooks', { key })).json.data).toHaveLength(2);
  });

  it('is changed, disabled, given another secret and removed by its user', async () => {
    const { call, key, wake, hook, asks, world } = await setup();
    const { id, secret } = await hook();
    const path = `/v1/webhooks/${id}`;
    const rotated = await call('POST', `${path}/rotate-secret`, { key });
    expect([rotated.status, rotated.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const off = await call('PATCH', path, { key, body: { enabled: false, events: ['session.question'] } });
    expect(off.json).toMatchObject({ enabled: false, disabled_reason: null, events: ['session.question'] });
    expect((await call('POST', `${path}/test`, { key })).json.code).toBe('webhook_disabled');
    await asks();
    await call('PATCH', path, { key, body: { enabled: true } });
    await asks();
    await wake();
    expect(world.webhook.posted.map(({ secrets }) => secrets)).toEqual([[rotated.json.secret, secret]]);
    expect((await call('DELETE', path, { key })).status).toBe(204);
    expect((await call('GET', path, { key })).json.code).toBe('not_found');
  });

  it.each([
    ['http://hooks.example/', 'https'],
    ['https://user:password@hooks.example/', 'password'],
    ['https://hooks.example:8080/', '443'],
    ['https://2130706433/', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'public'],
    ['https://169.254.169.254/latest/meta-data', 'public'],
    ['http://127.0.0.1:3000/', 'https'],
  ])('may not be at %s', async (url, why) => {
    const { call, key, hook } = await setup();
    const { id } = await hook();
    for (const [method, path] of [['POST', '/v1/webhooks'] as const, ['PATCH', `/v1/webhooks/${id}`] as const]) {
      const { status, json } = await call(method, path, { key, body: { url } });
      expect([status, json.code, json.errors[0].path]).toEqual([422, 'invalid_request', 'url']);
      expect(json.detail).toContain(why);
    }
  });

  it('is bounded in number, strict in its settings, and nobody else has it', async () => {
    const { call, key, user, hook, asks, wake } = await setup();
    const { id } = await hook();
    await asks();
    for (let n = 1; n < 10; n++) await hook();
    expect((await call('POST', '/v1/webhooks', { key, body: { url: URL } })).json.code).toBe('too_many_webhooks');
    for (const body of [
      {},
      { url: URL, event: ['session.failed'] },
      { url: URL, events: ['session.born'] },
      { url: URL, events: [] },
    ])
      expect((await call('POST', '/v1/webhooks', { key, body })).status).toBe(422);
    await wake();
    const bob = await user('bob');
    const path = `/v1/webhooks/${id}`;
    const [{ event_id }] = (await call('GET', `${path}/deliveries`, { key })).json.data;
    for (const [method, at] of [
      ...[
        ['GET', path] as const,
        ['PATCH', path] as const,
        ['DELETE', path] as const,
        ['GET', `${path}/deliveries`] as const,
      ],
      ...[['POST', `${path}/test`] as const, ['POST', `${path}/rotate-secret`] as const],
      ['POST', `${path}/deliveries/${event_id}/redeliver`] as const,
    ]) {
      const body = method === 'PATCH' ? { enabled: false } : undefined;
      expect((await call(method, at, { key: bob, body })).json?.code, `${method} ${at}`).toBe('not_found');
    }
    expect((await call('GET', '/v1/webhooks', { key: bob })).json.data).toEqual([]);
    expect((await call('GET', path, { key })).json.enabled).toBe(true);
  });
});

describe('a receiver', () => {
  it('that is down for two days loses nothing, and slows nobody', async () => {
    const { call, key, user, wake, hook, asks, start, complete, world } = await setup({ notifyLoopback: true });
    const [down, up] = [await receiver(), await receiver()];
    const sender = adapter({ loopback: true });
    const { id, secret } = await hook({ url: down.url });
    const bob = await user('bob');
    const other = await call('POST', '/v1/webhooks', { key: bob, body: { url: up.url } });
    down.answer(503);
    let sessions = 0;
    for (let hour = 0; hour < 48; hour += 4) {
      await asks();
      await complete(await start(bob));
      sessions += 1;
      await wake(sender);
      expect(up.got).toHaveLength(sessions);
      world.advance(4 * HOUR_MS);
    }
    expect((await call('GET', `/v1/webhooks/${id}`, { key })).json).toMatchObject({
      ...{ enabled: true, failing_since: '2026-11-10T08:00:00.000Z' },
    });
    down.answer(200);
    const refused = down.got.splice(0);
    for (let hour = 0; hour < 6; hour += 1) {
      await wake(sender);
      world.advance(HOUR_MS);
    }
    expect(down.got).toHaveLength(sessions);
    const names = new Set(down.got.map(({ headers }) => headers['webhook-id']));
    expect(names.size).toBe(sessions);
    for (const { headers } of refused) expect(names).toContain(headers['webhook-id']);
    for (const { body, headers } of [...refused, ...down.got]) {
      const said = new Verifier(secret).verify(body, headers as Record<string, string>);
      expect(said).toMatchObject({ type: 'session.question' });
    }
    expect(() => new Verifier(other.json.secret).verify(down.got[0]!.body, down.got[0]!.headers as never)).toThrow();
    const { data } = (await call('GET', `/v1/webhooks/${id}/deliveries?limit=100`, { key })).json;
    expect(data.every(({ status }: { status: string }) => status === 'delivered')).toBe(true);
  });

  it('is not followed to another address', async () => {
    const { wake, hook, asks, call, key } = await setup({ notifyLoopback: true });
    const [from, to] = [await receiver(), await receiver()];
    from.answer(302, { location: to.url });
    const { id } = await hook({ url: from.url });
    await asks();
    await wake(adapter({ loopback: true }));
    expect([from.got.length, to.got.length]).toEqual([1, 0]);
    const { data } = (await call('GET', `/v1/webhooks/${id}/deliveries`, { key })).json;
    expect(data).toMatchObject([
      { status: 'pending', status_code: 302, error: 'HTTP 302: redirects are not followed' },
    ]);
  });
});
