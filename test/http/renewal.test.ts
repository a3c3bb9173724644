/** The renewal date of a user: a UTC date or an instant, and a word where it is nearer than the budget deserves. */
import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

const BUDGET = 50_000_000;

/** It is 2026-11-10, 08:00 UTC. */
function setUp() {
  const { call, world } = api();
  const put = async (body: object) => (await call('PUT', '/v1/admin/users/ada', { key: ADMIN, body })).json;
  return { call, world, put };
}

describe('a renewal date', () => {
  it.each([
    ['2026-12-01', '2026-12-01'],
    ['2026-12-01T00:00:00Z', '2026-12-01'],
    ['2026-12-01T23:59:59.999Z', '2026-12-01'],
    ['2026-12-01T01:00:00+02:00', '2026-11-30'],
    ['2026-11-30T23:30:00-01:00', '2026-12-01'],
  ])('of %s is the UTC day %s', async (asked, date) => {
    const { call, put } = setUp();
    const user = await put({ subscription_budget_microdollars: BUDGET, subscription_renewal_date: asked });
    expect(user).toMatchObject({ subscription_renewal_date: date, warnings: [] });
    const { key } = (await call('POST', '/v1/admin/users/ada/api-keys', { key: ADMIN, body: {} })).json;
    const { subscription } = (await call('GET', '/v1/budget', { key })).json;
    expect(subscription).toMatchObject({ renewal_date: date, days_left: date === '2026-12-01' ? 21 : 20 });
    expect((await call('GET', '/v1/admin/users/ada', { key: ADMIN })).json.subscription_renewal_date).toBe(date);
  });

  it('that is no such thing is refused with what would be taken', async () => {
    const { errors } = await setUp().put({ subscription_renewal_date: '2026-12-01T00:00:00' });
    expect(errors).toEqual([
      {
        path: 'subscription_renewal_date',
        message: 'Must be a UTC date such as 2026-12-01, or an instant with its zone, between 1970 and 9999',
      },
    ]);
  });
});

describe('a warning', () => {
  const near = (date: string | null, more = {}) => ({
    ...{ subscription_budget_microdollars: BUDGET, subscription_renewal_date: date },
    ...more,
  });

  it('says that all of it may be spent today, or how much', async () => {
    const { put } = setUp();
    const month = 'Over a whole month it would be $1.66 a day; name a later renewal date if that is meant.';
    expect((await put(near('2026-11-11'))).warnings).toEqual([
      `$50.00 until tomorrow, 2026-11-11: all of it may be spent today. ${month}`,
    ]);
    expect((await put(near('2026-11-14T12:00:00Z'))).warnings).toEqual([
      `$50.00 until 2026-11-14, in 4 days: $12.50 of it may be spent today. ${month}`,
    ]);
    expect((await put({ wake_policy: 'manual' })).warnings).toHaveLength(1);
  });

  it('is not given where the date deserves none', async () => {
    const { put } = setUp();
    for (const date of ['2026-11-17', '2026-12-10', null])
      expect((await put(near(date))).warnings, `${date}`).toEqual([]);
    expect((await put({ ...near('2026-11-11'), subscription_budget_microdollars: 0 })).warnings).toEqual([]);
  });

  it('is not given at the end of a cycle of which no day gets much, by its daily multiple', async () => {
    const { put, world } = setUp();
    await put(near('2026-12-10', { max_daily_multiple: 1 }));
    world.setNow(Date.parse('2026-12-08T08:00:00Z'));
    expect((await put({ wake_policy: 'manual' })).warnings).toEqual([]);
    expect((await put({ max_daily_multiple: null })).warnings).toEqual([
      expect.stringMatching(/^\$50\.00 until 2026-12-10, in 2 days: \$25\.00 of it may be spent today\./),
    ]);
  });

  it('says which date is taken for one that has come', async () => {
    const { put } = setUp();
    const user = await put(near('2026-10-31'));
    expect(user).toMatchObject({
      subscription_renewal_date: '2026-11-30',
      warnings: ['2026-10-31 has come already, so the budget renews on 2026-11-30, the next monthly return.'],
    });
    expect((await put(near('2026-11-10'))).subscription_renewal_date).toBe('2026-12-10');
  });
});
