/** What was added to a budget, and what became of each of its days: as requests and their answers. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../contract/harness.ts';
import { aCheckout, anEvent } from '../kit/stripe.ts';
import { type Api, api } from './kit.ts';

const SECRET = 'whsec_of_the_endpoint_at_stripe';

async function refusals({ call }: Api, key: string, path: string): Promise<void> {
  for (const query of ['cursor=nonsense', 'cursor=%20', 'limit=0', 'limit=101', 'after=1', 'status=paid']) {
    const { status, json } = await call('GET', `${path}?${query}`, { key });
    expect([status, json.code, json.errors[0].path], query).toEqual([422, 'invalid_request', query.split('=')[0]]);
  }
  expect((await call('GET', path)).status).toBe(401);
}

describe('GET /v1/budget/top-ups', () => {
  it('tells requests and payments, the newest first, each once, in pages', async () => {
    const { call, user, world } = api(() => ({ stripe: { secrets: [SECRET], livemode: true, plans: {} } }));
    const key = await user('ada');
    const topUp = (body: object, headers = {}) => call('POST', '/v1/budget/top-ups', { key, body, headers });
    for (let twice = 0; twice < 2; twice++)
      await topUp({ amount_microdollars: 2_100_000 }, { 'idempotency-key': 'tip 1' });
    world.setNow(world.now() + DAY_MS);
    const raw = JSON.stringify(anEvent('checkout', aCheckout({ amount_total: 7 })));
    const seconds = Math.floor(world.store.real / 1_000);
    const signed = createHmac('sha256', SECRET).update(`${seconds}.${raw}`).digest('hex');
    await call('POST', '/v1/hooks/stripe', { raw, headers: { 'stripe-signature': `t=${seconds},v1=${signed}` } });
    world.setNow(world.now() + 1);
    await topUp({ amount_microdollars: 5, spread: 'today' });
    const first = (await call('GET', '/v1/budget/top-ups?limit=2', { key })).json;
    const rest = (await call('GET', `/v1/budget/top-ups?limit=2&cursor=${first.next_cursor}`, { key })).json;
    expect([...first.data, ...rest.data]).toEqual([
      {
        ...{ id: expect.stringMatching(/^tup_[0-9a-f]{32}$/), date: '2026-11-11', amount_microdollars: 5 },
        ...{ spread: 'today', source: 'request', reference: expect.stringMatching(/^op_/) },
        created_at: '2026-11-11T08:00:00.001Z',
      },
      {
        ...{ id: expect.any(String), date: '2026-11-11', amount_microdollars: 70_000, spread: 'cycle' },
        ...{ source: 'payment', reference: 'cs_1', created_at: '2026-11-11T08:00:00.000Z' },
      },
      {
        ...{ id: expect.any(String), date: '2026-11-10', amount_microdollars: 2_100_000, spread: 'cycle' },
        ...{ source: 'request', reference: 'tip 1', created_at: '2026-11-10T08:00:00.000Z' },
      },
    ]);
    expect(rest.next_cursor).toBeNull();
    const whole = (await call('GET', '/v1/budget/top-ups', { key })).json;
    expect(whole).toEqual({ data: [...first.data, ...rest.data], next_cursor: null });
    expect(new Set(whole.data.map(({ id }: { id: string }) => id)).size).toBe(3);
  });

  it('is of the user of the key, and refuses what it does not know', async () => {
    const t = api();
    const [ada, bob] = [await t.user('ada'), await t.user('bob')];
    const headers = { 'idempotency-key': 'same' };
    for (const [key, amount_microdollars] of [
      [ada, 1],
      [bob, 2],
    ] as const)
      await t.call('POST', '/v1/budget/top-ups', { key, headers, body: { amount_microdollars } });
    const of = async (key: string) => (await t.call('GET', '/v1/budget/top-ups', { key })).json.data;
    expect([await of(ada), await of(bob)]).toMatchObject([[{ amount_microdollars: 1 }], [{ amount_microdollars: 2 }]]);
    expect((await of(ada))[0].id).not.toBe((await of(bob))[0].id);
    await refusals(t, ada, '/v1/budget/top-ups');
  });
});

describe('GET /v1/budget/days', () => {
  it('draws a month: each day against its allowance, and the sums are those of the cycle', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const sessionId = await start(key);
    const model = 'claude-haiku-5-5';
    const costs = Array.from({ length: 20 }, (_, i) => BigInt(i === 12 ? 2_900_000 : i * 77_777));
    for (const [i, cost] of costs.entries()) {
      if (i === 7) await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 3_000_000 } });
      await world.purse.record({ userId: 'ada', sessionId, iteration: i, model, usage: {} as never, cost, at: 0 });
      world.setNow(world.now() + DAY_MS);
    }
    const { data, next_cursor } = (await call('GET', '/v1/budget/days?from=2026-11-10', { key })).json;
    expect(next_cursor).toBeNull();
    const days = data.toReversed();
    expect(days).toHaveLength(21);
    expect(days[0]).toEqual({
      ...{ date: '2026-11-10', daily_budget_microdollars: 1_000_000, hard_ceiling_microdollars: 1_100_000 },
      ...{ spent_microdollars: 0, held_microdollars: 0, handed_off_microdollars: 0, percentage: 0 },
      ...{ remaining_microdollars: 1_000_000, topped_up_microdollars: 0 },
      ...{ carried_in_microdollars: 21_000_000, carried_out_microdollars: 21_000_000 },
    });
    for (const [i, day] of days.slice(1).entries())
      expect(day.carried_in_microdollars, day.date).toBe(days[i].carried_out_microdollars);
    const sum = (field: string) => days.reduce((total: number, day: Record<string, number>) => total + day[field]!, 0);
    const { subscription } = (await call('GET', '/v1/budget', { key })).json;
    expect(sum('spent_microdollars')).toBe(subscription.spent_microdollars);
    expect(days.at(-1).carried_out_microdollars).toBe(subscription.remaining_microdollars);
    expect(sum('topped_up_microdollars')).toBe(3_000_000);
    const usage = (await call('GET', '/v1/usage?group_by=day', { key })).json.data;
    expect(usage.map(({ cost_microdollars }: { cost_microdollars: number }) => cost_microdollars)).toEqual(
      days.slice(0, 20).map(({ spent_microdollars }: { spent_microdollars: number }) => spent_microdollars),
    );
    const last = days[19];
    expect(last.percentage).toBe(Math.round((10_000 * last.spent_microdollars) / last.daily_budget_microdollars) / 100);
    const over = days.find((day: Record<string, number>) => day.spent_microdollars! > day.daily_budget_microdollars!);
    expect(over.remaining_microdollars).toBe(0);
  });

  it('comes in pages of a range, and refuses what it does not know', async () => {
    const t = api();
    const key = await t.user('ada');
    for (let i = 0; i < 3; i++) {
      await t.call('GET', '/v1/budget/days', { key });
      t.world.setNow(t.world.now() + DAY_MS);
    }
    const dates = (json: { data: { date: string }[] }) => json.data.map(({ date }) => date);
    const first = (await t.call('GET', '/v1/budget/days?to=2026-11-12&limit=2', { key })).json;
    expect(dates(first)).toEqual(['2026-11-12', '2026-11-11']);
    const second = (await t.call('GET', `/v1/budget/days?to=2026-11-12&limit=2&cursor=${first.next_cursor}`, { key }))
      .json;
    expect([dates(second), second.next_cursor]).toEqual([['2026-11-10'], null]);
    for (const query of ['from=2026-11-31', 'to=soon', 'from=2026-11-12&to=2026-11-11']) {
      const { status, json } = await t.call('GET', `/v1/budget/days?${query}`, { key });
      expect([status, json.code, json.errors[0].path], query).toEqual([422, 'invalid_request', query.split('=')[0]]);
    }
    await refusals(t, key, '/v1/budget/days');
  });
});
