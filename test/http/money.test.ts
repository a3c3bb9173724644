import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

describe('GET /v1/budget', () => {
  it('has the fields that the contract names', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const sessionId = await start(key);
    const model = 'claude-sonnet-5-5';
    const call1 = {
      userId: 'ada',
      sessionId,
      iteration: 1,
      model,
      usage: {} as never,
      cost: 250_000n,
      at: world.now(),
    };
    await world.purse.record(call1);
    expect((await call('GET', '/v1/budget', { key })).json).toEqual({
      date: '2026-11-10',
      daily_budget_microdollars: 1_000_000,
      spent_microdollars: 250_000,
      held_microdollars: 0,
      remaining_microdollars: 750_000,
      percentage: 25,
      graceful_threshold_microdollars: 900_000,
      hard_ceiling_microdollars: 1_100_000,
      resets_at: '2026-11-11T00:00:00.000Z',
      subscription: {
        budget_microdollars: 21_000_000,
        spent_microdollars: 250_000,
        remaining_microdollars: 20_750_000,
        carried_over_microdollars: 0,
        topped_up_left_microdollars: 0,
        days_left: 21,
        renewal_date: '2026-12-01',
      },
      alerts: [],
      // A third of the day has gone.
      forecast: {
        day_microdollars: 750_000,
        winds_down_at: null,
        cycle_microdollars: 15_750_000,
        unused_microdollars: 5_250_000,
      },
    });
  });

  it('of nothing is nothing', async () => {
    const { call, user } = api();
    const { status, json } = await call('GET', '/v1/budget', { key: await user('poor', 0) });
    expect([status, json.daily_budget_microdollars, json.remaining_microdollars]).toEqual([200, 0, 0]);
  });

  it('shows what is held, and never a remainder below 0', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const id = await start(key);
    const claim = await world.sessions.claim(id, 'inv');
    if ('claimed' in claim) throw new Error('not claimed');
    await world.sessions.reserve(id, claim.fence, {
      n: 1,
      least: 1n,
      wanted: 1_050_000n,
      model: 'claude-haiku-5-5',
      handOff: true,
      journal: [],
    });
    const { json } = await call('GET', '/v1/budget', { key });
    expect([json.held_microdollars, json.remaining_microdollars]).toEqual([1_050_000, 0]);
    expect((await call('GET', `/v1/sessions/${id}`, { key })).json.step).toBe('think');
  });
});

describe('POST /v1/budget/top-ups', () => {
  it('adds the money once per key, and refuses the key for another amount', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const headers = { 'idempotency-key': 'paid-7' };
    const topUp = (amount_microdollars: number) =>
      call('POST', '/v1/budget/top-ups', { key, headers, body: { amount_microdollars } });
    const first = await topUp(2_100_000);
    expect([first.status, first.json.daily_budget_microdollars]).toEqual([200, 1_100_000]);
    expect((await topUp(2_100_000)).json).toEqual(first.json);
    const other = await topUp(5);
    expect([other.status, other.json.code]).toEqual([409, 'idempotency_conflict']);
    expect((await call('GET', '/v1/budget', { key })).json.subscription.budget_microdollars).toBe(23_100_000);
  });

  it('shows what is carried over the renewal, and what of it is left', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 3_100_000 } });
    world.store.now = Date.parse('2026-12-01T06:00:00Z');
    const call1 = { userId: 'ada', sessionId: await start(key), iteration: 1, model: 'claude-sonnet-5-5' };
    await world.purse.record({ ...call1, usage: {} as never, cost: 250_000n, at: world.now() });
    const { json } = await call('GET', '/v1/budget', { key });
    expect(json.subscription).toMatchObject({
      budget_microdollars: 24_100_000,
      carried_over_microdollars: 3_100_000,
      topped_up_left_microdollars: 2_850_000,
    });
  });

  it('is refused where the sum could not be counted any more, in a sentence that names the amounts', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const most = Number.MAX_SAFE_INTEGER - 21_000_000;
    const top = (amount: number) => call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: amount } });
    const { status, json } = await top(most + 1);
    expect([status, json.code]).toEqual([422, 'invalid_request']);
    expect(json.detail).toContain(
      `has 21000000 already, so ${most + 1} more cannot be added, but at most ${most}. Nothing was changed`,
    );
    expect((await top(most)).json.subscription.budget_microdollars).toBe(Number.MAX_SAFE_INTEGER);
    const plan = await call('PUT', '/v1/admin/users/ada', {
      key: ADMIN,
      body: { subscription_budget_microdollars: 21_000_001 },
    });
    expect([plan.status, plan.json.errors[0].path]).toEqual([422, 'subscription_budget_microdollars']);
    expect(plan.json.detail).toContain(`has ${most} by top-ups, so 21000001 cannot be the plan, but at most 21000000.`);
  });

  it('for today counts today', async () => {
    const { call, user } = api();
    const body = { amount_microdollars: 500_000, spread: 'today' };
    const { json } = await call('POST', '/v1/budget/top-ups', { key: await user('ada'), body });
    expect(json.daily_budget_microdollars).toBe(1_500_000);
  });

  it('hints the sleepers that can use it', async () => {
    const { call, user, start, asleep, world } = api();
    const key = await user('ada');
    const ids = [await start(key), await start(key)];
    for (const id of ids) await asleep(id);
    world.queue.sent.length = 0;
    await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 5_000_000 } });
    expect(world.queue.sent.map(({ sessionId }) => sessionId).sort()).toEqual([...ids].sort());
  });
});

describe('PUT /v1/admin/users/{user_id}', () => {
  it('creates, changes only what is given, and shows the user', async () => {
    const { call } = api();
    const put = (body: object) => call('PUT', '/v1/admin/users/ada%40example.org', { key: ADMIN, body });
    const body = {
      tier: 'economy',
      subscription_budget_microdollars: 3_000_000,
      subscription_renewal_date: '2026-12-01',
      wake_policy: 'manual',
      max_daily_multiple: 2.5,
    };
    expect((await put(body)).json).toEqual({ id: 'ada@example.org', ...body, notify_url: null, warnings: [] });
    expect((await put({ wake_policy: 'auto' })).json).toEqual({
      id: 'ada@example.org',
      ...body,
      wake_policy: 'auto',
      ...{ notify_url: null, warnings: [] },
    });
    expect((await put({ subscription_renewal_date: null })).json.subscription_renewal_date).toBeNull();
    const { json } = await call('GET', '/v1/admin/users/ada%40example.org', { key: ADMIN });
    expect(json).toMatchObject({ tier: 'economy', subscription_budget_microdollars: 3_000_000 });
  });

  it('hints sleepers when the budget is raised, and nobody when it is not', async () => {
    const { call, user, start, asleep, world } = api();
    const key = await user('ada');
    const id = await start(key);
    const change = (body: object) => call('PUT', '/v1/admin/users/ada', { key: ADMIN, body });
    await asleep(id);
    world.queue.sent.length = 0;
    await change({ wake_policy: 'auto' });
    expect(world.queue.sent).toEqual([]);
    await change({ subscription_budget_microdollars: 42_000_000 });
    expect(world.queue.sent).toEqual([{ sessionId: id, userId: 'ada', delayMs: 0 }]);
  });

  it('stretches the late net under all sessions when the live view is away', async () => {
    const { call, user, start, asleep, world } = api(({ live }) => ({
      live: { ...live, open: () => Promise.reject(new Error('away')) },
    }));
    const id = await start(await user('ada'));
    await asleep(id);
    world.queue.sent.length = 0;
    await call('PUT', '/v1/admin/users/ada', { key: ADMIN, body: { subscription_budget_microdollars: 42_000_000 } });
    expect(world.queue.sent.map(({ delayMs }) => delayMs)).toEqual([60_000, 0]);
  });
});

describe('GET /v1/usage', () => {
  it('groups the ledger', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const sessionId = await start(key);
    const usage = { input_tokens: 100, output_tokens: 20 } as never;
    for (const [iteration, model] of ['claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-sonnet-5-5'].entries()) {
      await world.purse.record({ userId: 'ada', sessionId, iteration, model, usage, cost: 1_000n, at: world.now() });
    }
    const { json } = await call('GET', '/v1/usage?from=2026-11-10&to=2026-11-10&group_by=model', { key });
    const row = {
      ...{ unknown_microdollars: 0, cache_write_5m_tokens: 0, cache_write_1h_tokens: 0, cache_read_tokens: 0 },
    };
    expect(json).toEqual({
      data: [
        { key: 'claude-haiku-5-5', calls: 1, cost_microdollars: 1_000, ...row, input_tokens: 100, output_tokens: 20 },
        { key: 'claude-sonnet-5-5', calls: 2, cost_microdollars: 2_000, ...row, input_tokens: 200, output_tokens: 40 },
      ],
      next_cursor: null,
    });
    expect((await call('GET', '/v1/usage', { key })).json.data).toMatchObject([{ key: '2026-11-10', calls: 3 }]);
    expect((await call('GET', '/v1/usage?to=2026-11-09', { key })).json.data).toEqual([]);
  });
});
