/** Budgets and statuses without Postgres: who asks it, when, and that users always see what they did. */
import { describe, expect, it } from 'vitest';
import type { Live } from '../../lib/ports/index.ts';
import { ADMIN, api, BUDGET } from './kit.ts';

/** What goes to Postgres is counted. */
const setUp = async (live: (live: Live) => Partial<Live> = () => ({})) => {
  const asked: string[] = [];
  const counting = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          asked.push(String(name));
          return method.apply(target, args);
        };
      },
    });
  const t = api((deps) => ({
    accounts: counting(deps.accounts),
    userSessions: counting(deps.userSessions),
    live: { ...deps.live, ...live(deps.live) },
  }));
  const key = await t.user('ada');
  const get = async (path: string, as = key) => {
    asked.length = 0;
    const answer = await t.call('GET', path, { key: as });
    return { ...answer, asked: [...asked] };
  };
  const budget = () => get('/v1/budget');
  return { ...t, key, get, budget };
};

describe('GET /v1/budget', () => {
  it('asks Postgres once, and then for a minute nobody but the view', async () => {
    const { budget, world } = await setUp();
    const first = await budget();
    expect(first.asked).toEqual(['whoIs', 'budget']);
    for (let n = 0; n < 20; n++) {
      const again = await budget();
      expect([again.status, again.asked]).toEqual([200, []]);
      expect(again.json).toEqual(first.json);
    }
    world.advance(60_000);
    expect((await budget()).asked).toEqual(['whoIs', 'budget']);
  });

  it('says when Postgres was asked', async () => {
    const { budget, world } = await setUp();
    const at = '2026-11-10T08:00:00.000Z';
    expect((await budget()).headers.get('as-of')).toBe(at);
    world.advance(59_000);
    const later = await budget();
    expect([later.asked, later.headers.get('as-of')]).toEqual([[], at]);
  });

  it('is asked of Postgres while a session works', async () => {
    const { budget, start, key } = await setUp();
    await start(key);
    await budget();
    expect((await budget()).asked).toEqual(['budget']);
  });

  it('shows what a user did to whoever reads next', async () => {
    const { budget, call, key } = await setUp();
    for (let n = 1; n <= 3; n++) {
      await budget();
      await budget();
      await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 7 } });
      const { json, asked } = await budget();
      expect(json.subscription.budget_microdollars).toBe(BUDGET + 7 * n);
      expect(asked).toEqual(['budget']);
      expect((await budget()).asked).toEqual([]);
    }
    const body = { subscription_budget_microdollars: 42_000_000 };
    await call('PUT', '/v1/admin/users/ada', { key: ADMIN, body });
    expect((await budget()).json.daily_budget_microdollars).toBe(2_000_001);
  });

  it('shows it also where the view could not be told before', async () => {
    const { budget, call, key } = await setUp(() => ({ open: () => Promise.reject(new Error('away')) }));
    await budget();
    await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 7 } });
    expect((await budget()).json.subscription.budget_microdollars).toBe(BUDGET + 7);
  });

  it('shows it also where the change failed, and nobody knows whether it was made', async () => {
    let replies = true;
    const t = await setUp();
    const { call } = api(() => ({
      ...t.deps,
      accounts: {
        ...t.deps.accounts,
        topUp: async (...args) => {
          const done = await t.deps.accounts.topUp(...args);
          if (!replies) throw new Error('the reply was lost');
          return done;
        },
      },
    }));
    await t.budget();
    replies = false;
    const told = await call('POST', '/v1/budget/top-ups', { key: t.key, body: { amount_microdollars: 7 } });
    expect(told.status).toBe(500);
    expect((await t.budget()).json.subscription.budget_microdollars).toBe(BUDGET + 7);
  });

  it('of yesterday is never shown as of today', async () => {
    const { budget, world } = await setUp();
    world.setNow(Date.parse('2026-11-10T23:59:50Z'));
    await budget();
    world.advance(7_000);
    expect((await budget()).asked).toEqual([]);
    world.advance(3_000);
    const { json, asked } = await budget();
    expect([json.date, asked]).toEqual(['2026-11-11', ['budget']]);
  });

  it('is asked of Postgres while the view is away, and where it cannot tell', async () => {
    const failing = () => Promise.reject(new Error('away'));
    for (const live of [
      { keyOwner: failing, keepKey: failing, snapshot: failing, keep: failing },
      { snapshot: failing },
      { keep: failing },
    ]) {
      const { budget } = await setUp(() => live);
      for (let n = 0; n < 2; n++) {
        const { status, json, asked } = await budget();
        expect([status, json.daily_budget_microdollars]).toEqual([200, 1_000_000]);
        expect(asked).toContain('budget');
      }
    }
  });

  it('asks whose key it is each time where that cannot be kept', async () => {
    const { budget } = await setUp(() => ({ keepKey: () => Promise.reject(new Error('away')) }));
    for (let n = 0; n < 2; n++) expect((await budget()).asked).toContain('whoIs');
  });

  it('does not wait twice for a view that does not answer', async () => {
    let waited = 0;
    const failing = () => {
      waited += 1;
      return Promise.reject(new Error('aborted'));
    };
    const { budget } = await setUp(() => ({ keyOwner: failing, keepKey: failing, snapshot: failing, keep: failing }));
    expect((await budget()).status).toBe(200);
    expect(waited).toBe(1);
  });
});

describe('a key', () => {
  const revoked = async (live: (live: Live) => Partial<Live> = () => ({})) => {
    const t = await setUp(live);
    const { json } = await t.call('POST', '/v1/admin/users/ada/api-keys', { key: ADMIN, body: {} });
    const read = () => t.get('/v1/budget', json.key);
    await read();
    expect((await read()).asked).toEqual([]);
    const revoke = () => t.call('DELETE', `/v1/admin/users/ada/api-keys/${json.id}`, { key: ADMIN });
    return { ...t, read, revoke, key: json.key as string };
  };

  it('that is revoked opens nothing from then on', async () => {
    const { read, revoke } = await revoked();
    expect((await revoke()).status).toBe(204);
    expect((await read()).status).toBe(401);
  });

  it('that is revoked while the view is away reads budgets for a minute, and nothing else', async () => {
    const { read, revoke, get, key, world } = await revoked(() => ({
      dropKey: () => Promise.reject(new Error('away')),
    }));
    expect((await revoke()).status).toBe(204);
    expect((await read()).status).toBe(200);
    expect((await get('/v1/sessions', key)).status).toBe(401);
    world.advance(60_000);
    expect((await read()).status).toBe(401);
  });

  it('with the id of another, or of nobody, is looked up and refused', async () => {
    const { get, key } = await revoked();
    const [prefix] = key.split(/_[0-9a-z]+$/);
    const forged = await get('/v1/budget', `${prefix}_${'0'.repeat(59)}`);
    expect(forged.status).toBe(401);
  });
});

describe('GET /v1/sessions/{id}/live', () => {
  it('stands as the session does, without Postgres', async () => {
    const { get, start, asleep, key } = await setUp();
    const id = await start(key);
    await asleep(id);
    const first = await get(`/v1/sessions/${id}/live`);
    expect(first.json).toEqual({
      ...{ id, status: 'sleeping', wake_at: '2026-11-11T00:00:00.000Z', cost_microdollars: 0, budget_pct: 0 },
      as_of: '2026-11-10T08:00:00.000Z',
    });
    expect(first.asked).toEqual(['whoIs', 'budget', 'get']);
    for (let n = 0; n < 20; n++) expect((await get(`/v1/sessions/${id}/live`)).asked).toEqual([]);
    expect((await get(`/v1/sessions/${id}/live`)).json).toEqual(first.json);
  });

  it('shows every command to whoever reads next, and every session that a top-up woke', async () => {
    const { get, start, asleep, call, key } = await setUp();
    const [id, other] = [await start(key), await start(key)];
    const status = async (of = id) => (await get(`/v1/sessions/${of}/live`)).json.status;
    for (const one of [id, other]) await asleep(one);
    for (const [verb, shown] of [
      ['pause', 'paused'],
      ['resume', 'working'],
    ]) {
      expect(await status()).toBe(await status());
      await call('POST', `/v1/sessions/${id}/${verb}`, { key });
      expect(await status()).toBe(shown);
    }
    expect([await status(other), await status(other)]).toEqual(['sleeping', 'sleeping']);
    await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 5_000_000 } });
    expect((await get('/v1/budget')).status).toBe(200);
    expect(await status(other)).toBe('working');
  });

  it('is gone when it was deleted, and nobody else has it', async () => {
    const { get, start, call, key, user } = await setUp();
    const id = await start(key);
    const bob = await user('bob');
    const seen = async (as: string) => {
      const { status, json } = await get(`/v1/sessions/${id}/live`, as);
      return [status, json.code];
    };
    expect([await seen(key), await seen(key)]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect([await seen(bob), await seen(bob)]).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
    await call('DELETE', `/v1/sessions/${id}`, { key });
    expect([await seen(key), await seen(key)]).toEqual([
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
  });
});
