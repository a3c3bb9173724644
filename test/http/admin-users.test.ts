/** The operator's list of users, as requests and their answers. */
import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

async function setUp() {
  const t = api();
  const keys = { ada: await t.user('ada'), bob: await t.user('bob', 0), cy: await t.user('cy@x.org', 2_100_000) };
  const sessionId = await t.start(keys.ada);
  const spent = { userId: 'ada', sessionId, iteration: 1, model: 'claude-haiku-5-5', usage: {} as never };
  await t.world.purse.record({ ...spent, cost: 333_333n, at: 0 });
  const get = (query = '', key: string | null = ADMIN) => t.call('GET', `/v1/admin/users${query}`, { key });
  const ids = async (query: string) => (await get(query)).json.data.map(({ id }: { id: string }) => id);
  return { ...t, keys, get, ids };
}

describe('GET /v1/admin/users', () => {
  it('tells the terms of each, how it stands, and its money of today', async () => {
    const { get } = await setUp();
    const { status, json, headers } = await get('?limit=1');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(json).toEqual({
      data: [
        {
          ...{ id: 'ada', tier: 'standard', subscription_budget_microdollars: 21_000_000, status: 'active' },
          ...{ subscription_renewal_date: '2026-12-01', wake_policy: 'auto', max_daily_multiple: null },
          created_at: '2026-11-10T08:00:00.000Z',
          today: {
            ...{ date: '2026-11-10', daily_budget_microdollars: 1_000_000, spent_microdollars: 333_333 },
            ...{ held_microdollars: 0, remaining_microdollars: 666_667, percentage: 33.33 },
          },
          ...{ subscription_left_microdollars: 20_666_667, days_left: 21 },
        },
      ],
      next_cursor: expect.any(String),
    });
  });

  it('comes in pages, and narrows by tier, status and how the id begins', async () => {
    const { get, ids, call } = await setUp();
    const first = (await get('?limit=2')).json;
    const second = (await get(`?limit=2&cursor=${first.next_cursor}`)).json;
    const found = [...first.data, ...second.data].map(({ id }) => id);
    expect([found, second.next_cursor]).toEqual([['ada', 'bob', 'cy@x.org'], null]);
    await call('PUT', '/v1/admin/users/bob', { key: ADMIN, body: { tier: 'economy' } });
    expect(await ids('?tier=economy')).toEqual(['bob']);
    expect(await ids('?status=active')).toEqual(['ada']);
    expect(await ids('?status=no_budget')).toEqual(['bob']);
    expect(await ids('?status=idle&tier=standard')).toEqual(['cy@x.org']);
    expect(await ids('?id_prefix=cy@')).toEqual(['cy@x.org']);
    expect(await ids('?id_prefix=y')).toEqual([]);
  });

  it('is for the operator alone, and refuses what it does not know', async () => {
    const { get, keys } = await setUp();
    expect((await get('', null)).status).toBe(401);
    const users = await get('?status=active', keys.ada);
    expect([users.status, users.json.code, users.text.includes('cy@')]).toEqual([403, 'forbidden', false]);
    for (const query of [
      'status=working',
      'tier=',
      'id_prefix=%00',
      'limit=101',
      'cursor=nonsense',
      'q=ada',
      'id=ada',
    ]) {
      const { status, json } = await get(`?${query}`);
      expect([status, json.code, json.errors[0].path], query).toEqual([422, 'invalid_request', query.split('=')[0]]);
    }
  });
});
