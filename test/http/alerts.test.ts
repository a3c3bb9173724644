import { describe, expect, it } from 'vitest';
import { operatorId } from '../../lib/testing/memory/alerts.ts';
import { ADMIN, api } from './kit.ts';

const LOOK = { days: 100, limit: 100, busy: [] };
const URL = 'https://hooks.example/circadian';

function setup(more: object = {}) {
  const kit = api(() => more);
  let n = 0;
  const spend = (userId: string, cost: bigint) => {
    n += 1;
    const call = { userId, sessionId: 'ses_any', iteration: n, model: 'claude-haiku-5-5', usage: {}, cost, at: 0 };
    return kit.world.purse.record(call);
  };
  const put = (body: object) => kit.call('PUT', '/v1/admin/users/ada', { key: ADMIN, body });
  const alertsOf = async (key: string, query = '') =>
    (await kit.call('GET', `/v1/budget/alerts${query}`, { key })).json;
  const target = () => kit.world.store.webhooks.get(operatorId('ada'));
  return { ...kit, spend, put, alertsOf, target };
}

describe('alerts', () => {
  it('are shown with the budget, also where the live view had kept it', async () => {
    const { call, user, spend, world } = setup();
    const key = await user('ada');
    const shown = async () => (await call('GET', '/v1/budget', { key })).json.alerts;
    await spend('ada', 950_000n);
    expect(await shown()).toEqual([]);
    expect(await shown()).toEqual([]);
    const { raised } = await world.outbox.sweep(LOOK);
    // What the wake function does for users it noticed something of.
    for (const userId of raised) await world.live.forget(userId);
    const today = [{ threshold: 'graceful', at: '2026-11-10T08:00:00.000Z' }];
    expect(await shown()).toEqual(today);
    expect(await shown()).toEqual(today);
  });

  it('are listed whole, in pages, with what became of them', async () => {
    const { user, spend, world, alertsOf } = setup();
    const key = await user('ada');
    await spend('ada', 1_000_000n);
    await world.outbox.sweep(LOOK);
    const { data, next_cursor } = await alertsOf(key);
    expect(next_cursor).toBeNull();
    expect(data.map(({ threshold }: { threshold: string }) => threshold)).toEqual(['ceiling', 'graceful']);
    expect(data[0]).toEqual({
      ...{ id: expect.stringMatching(/^alr_[0-9a-f]{32}$/), date: '2026-11-10', threshold: 'ceiling', reason: 'spent' },
      ...{ at: '2026-11-10T08:00:00.000Z', daily_budget_microdollars: 1_000_000, spent_microdollars: 1_000_000 },
      ...{ held_microdollars: 0, hard_ceiling_microdollars: 1_100_000 },
      message: expect.stringContaining("The day's $1.00 are spent"),
      delivery: { status: 'none', attempts: 0, next_attempt_at: null, delivered_at: null, error: null },
    });
    const first = await alertsOf(key, '?limit=1');
    expect(first.data).toEqual([data[0]]);
    const second = await alertsOf(key, `?limit=1&cursor=${first.next_cursor}`);
    expect([second.data, second.next_cursor]).toEqual([[data[1]], null]);
  });

  it('are of their own user alone', async () => {
    const { user, spend, world, alertsOf, call } = setup();
    const keys = { ada: await user('ada'), bob: await user('bob') };
    await spend('ada', 1_000_000n);
    await world.outbox.sweep(LOOK);
    expect((await alertsOf(keys.bob)).data).toEqual([]);
    const { next_cursor } = await alertsOf(keys.ada, '?limit=1');
    expect((await alertsOf(keys.bob, `?cursor=${next_cursor}`)).data).toEqual([]);
    expect((await call('GET', '/v1/budget', { key: keys.bob })).json.alerts).toEqual([]);
    expect((await call('GET', '/v1/budget/alerts?limit=0', { key: keys.ada })).status).toBe(422);
    expect((await call('GET', '/v1/budget/alerts?cursor=%00', { key: keys.ada })).status).toBe(422);
  });
});

describe('the address of alerts', () => {
  it('comes with a secret, which is shown once', async () => {
    const { put, call, target } = setup();
    const first = (await put({ notify_url: URL })).json;
    expect(first).toMatchObject({ id: 'ada', notify_url: URL });
    expect(first.notify_secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(target()).toMatchObject({ url: URL, secret: first.notify_secret });
    for (const body of [
      {},
      { notify_url: URL },
      { notify_url: `${URL}/2` },
      { wake_policy: 'auto' },
      { notify_url: null },
    ]) {
      expect((await put(body)).json).not.toHaveProperty('notify_secret');
    }
    const { json } = await call('GET', '/v1/admin/users/ada', { key: ADMIN });
    expect(json).toMatchObject({ notify_url: null });
    expect(json).not.toHaveProperty('notify_secret');
    expect(target()?.secret).toBe(first.notify_secret);
  });

  it('has the secret that is given, or another one when it is asked for', async () => {
    const { put, target } = setup();
    const given = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    expect((await put({ notify_url: URL, notify_secret: given })).json).not.toHaveProperty('notify_secret');
    expect(target()?.secret).toBe(given);
    const { headers, json } = await put({ notify_secret: null });
    expect(json.notify_url).toBe(URL);
    expect(json.notify_secret).not.toBe(given);
    expect(target()?.secret).toBe(json.notify_secret);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('leaves no secret behind that nobody has seen', async () => {
    const { put, target } = setup();
    expect((await put({ notify_url: null })).json).toMatchObject({ notify_url: null });
    expect(target()).toBeUndefined();
    expect((await put({ notify_url: URL })).json).toHaveProperty('notify_secret');
  });

  it.each([
    ['http://hooks.example/', 'https'],
    ['https://user:password@hooks.example/', 'password'],
    ['https://hooks.example:8080/', '443'],
    ['https://127.0.0.1/', 'public'],
    ['https://2130706433/', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'public'],
    ['https://169.254.169.254/latest/meta-data', 'public'],
    ['https://localhost/', 'public'],
    ['http://127.0.0.1:3000/', 'https'],
    ['circadian', 'https'],
  ])('may not be %s, and nothing is changed then', async (notify_url, why) => {
    const { put, world } = setup();
    const { status, json } = await put({ notify_url, subscription_budget_microdollars: 5 });
    expect([status, json.code, json.errors[0].path]).toEqual([422, 'invalid_request', 'notify_url']);
    expect(json.detail).toContain(why);
    expect(world.store.users.has('ada')).toBe(false);
  });

  it('may be this machine where that is set', async () => {
    const { put } = setup({ notifyLoopback: true });
    expect((await put({ notify_url: 'http://127.0.0.1:3000/hook' })).status).toBe(200);
    expect((await put({ notify_url: 'http://10.0.0.1:3000/hook' })).status).toBe(422);
  });

  it.each(['short', 'whsec_', 'whsec_AAAA', `whsec_${'A'.repeat(100)}`, 'whsec_not base64 at all, but long enough'])(
    'takes no secret like %j',
    async (notify_secret) => {
      const { put } = setup();
      expect((await put({ notify_url: URL, notify_secret })).json.errors[0].path).toBe('notify_secret');
    },
  );
});
