/** What the API does when somebody asks too much, and when it cannot count. */
import { describe, expect, it } from 'vitest';
import { mintKey } from '../../lib/http/auth/api-keys.ts';
import type { Deps } from '../../lib/http/deps.ts';
import type { Limiter, RateVerdict } from '../../lib/ports/rate-limiter.ts';
import { Problem } from '../../lib/problem.ts';
import { ADMIN, api, framesOf } from '../http/kit.ts';
import { free, limiterOf } from './limiter.ts';

const full = async (): Promise<RateVerdict> => ({ allowed: false, retryAfterMs: 1_500 });
const away = () => Promise.reject(new Error('redis away'));

describe('requests', () => {
  it('are refused with the time to wait, per key: another key of the same user goes on', async () => {
    const asked: string[] = [];
    const request = async (caller: string) => {
      asked.push(caller);
      return asked.filter((one) => one === caller).length > 2 ? full() : free();
    };
    const { call, user } = api(() => ({ limiter: limiterOf({ request }) }));
    const [one, two] = [await user('ada'), await user('ada')];
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await call('GET', '/v1/budget', { key: one }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    const refused = answers[2]!;
    expect([refused.json.code, refused.headers.get('retry-after')]).toEqual(['rate_limited', '2']);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect((await call('GET', '/v1/budget', { key: two })).status).toBe(200);
    for (const caller of asked) {
      expect(caller).toMatch(/^ck_[0-9a-z]{26}$/);
      expect(one.startsWith(caller) || two.startsWith(caller)).toBe(true);
    }
  });

  it('that are refused do nothing', async () => {
    const { call, user, world } = api(() => ({ limiter: limiterOf({ request: full }) }));
    const key = await user('ada');
    const body = { goal: 'Count the moons.' };
    expect((await call('POST', '/v1/sessions', { key, body })).status).toBe(429);
    expect((await call('POST', '/v1/budget/top-ups', { key, body: { amount_microdollars: 5 } })).status).toBe(429);
    expect(world.store.sessions.size).toBe(0);
    expect(world.store.topUps.size).toBe(0);
  });

  it('are let through when nobody can count, and the log says so', async () => {
    const { call, user, lines } = api(() => ({ limiter: limiterOf({ request: away }) }));
    expect((await call('GET', '/v1/budget', { key: await user('ada') })).status).toBe(200);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'rate limiter away' }));
  });

  it('of nobody are not counted, so that invented keys fill no counter', async () => {
    const asked: string[] = [];
    const request = (caller: string) => {
      asked.push(caller);
      return free();
    };
    const { call } = api(() => ({ limiter: limiterOf({ request }) }));
    expect((await call('GET', '/v1/budget', { key: mintKey().key })).status).toBe(401);
    await call('GET', '/v1/budget', { key: 'ck_nonsense' });
    await call('GET', '/v1/budget');
    expect(asked).toEqual([]);
  });
});

describe('keys that nobody knows', () => {
  /** An API that lets so many of them come from an address, and counts what reaches the accounts. */
  async function guarded(failure?: Limiter['failure'], change: Partial<Deps> = {}) {
    const known = new Set<string>();
    const seen = { looked: 0, counted: [] as string[] };
    const counting = async (address: string): Promise<RateVerdict> => {
      seen.counted.push(address);
      const times = seen.counted.filter((one) => one === address).length;
      return times > 3 ? { allowed: false, retryAfterMs: 30_000 } : { allowed: true };
    };
    const made = api(({ accounts }) => ({
      limiter: limiterOf({ failure: failure ?? counting }, known),
      ...change,
      accounts: {
        ...accounts,
        whoIs: (hash) => {
          seen.looked += 1;
          return accounts.whoIs(hash);
        },
      },
    }));
    const key = await made.user('ada');
    const ask = async (as: string, sourceIp: string, headers: Record<string, string> = {}, path = '/v1/sessions') => {
      const init = { headers: { authorization: `Bearer ${as}`, ...headers } };
      const answer = await made.hono.request(path, init, { requestContext: { http: { sourceIp } } });
      return { status: answer.status, json: (await answer.json()) as { code: string }, headers: answer.headers };
    };
    const invented = (sourceIp: string, headers?: Record<string, string>) => ask(mintKey().key, sourceIp, headers);
    seen.looked = 0;
    const times = async (n: number, one: () => Promise<{ status: number }>) => {
      const statuses = [];
      for (let i = 0; i < n; i++) statuses.push((await one()).status);
      return statuses;
    };
    return { ...made, ...{ key, ask, invented, seen, known, times } };
  }

  it('are refused without asking Postgres once an address sent too many, until the time is over', async () => {
    const { invented, seen, state } = await guarded();
    const statuses = [];
    for (let i = 0; i < 10; i++) statuses.push((await invented('192.0.2.1')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429, 429, 429, 429]);
    expect([seen.looked, seen.counted.length]).toEqual([4, 4]);
    const { json, headers } = await invented('192.0.2.1');
    expect([json.code, headers.get('retry-after')]).toEqual(['rate_limited', '30']);
    state.elapsed += 30_000;
    expect((await invented('192.0.2.1')).status).toBe(401);
  });

  it('are told apart by the address that Lambda saw, and by no header', async () => {
    const { invented, ask, key, seen } = await guarded();
    for (let i = 0; i < 6; i++) await invented('192.0.2.1', { 'x-forwarded-for': `198.51.100.${i}` });
    expect((await invented('192.0.2.1', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(429);
    expect((await ask(key, '192.0.2.2', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(200);
    expect(new Set(seen.counted)).toEqual(new Set(['key 192.0.2.1']));
  });

  it('cost who has a key nothing: it is not counted, and the operator’s goes on', async () => {
    const { invented, ask, key, seen, hono } = await guarded();
    for (let i = 0; i < 10; i++) expect((await ask(key, '192.0.2.1')).status).toBe(200);
    expect(seen.counted).toEqual([]);
    for (let i = 0; i < 6; i++) await invented('192.0.2.1');
    const init = { headers: { authorization: `Bearer ${ADMIN}` } };
    const env = { requestContext: { http: { sourceIp: '192.0.2.1' } } };
    expect((await hono.request('/v1/admin/users/ada', init, env)).status).toBe(200);
  });

  it('do not lock out who is known at their address, in this process or in another', async () => {
    const { invented, ask, key, known, state, times } = await guarded();
    // What another process has let in.
    const elsewhere = await guarded();
    for (const who of known) elsewhere.known.add(who);
    expect(await times(6, () => invented('192.0.2.1'))).toEqual([401, 401, 401, 401, 429, 429]);
    expect((await ask(key, '192.0.2.1')).status).toBe(200);
    // Nobody has ever seen this one: it waits like any that is made up, and then is let in.
    known.clear();
    const { key: fresh } = await guarded();
    expect((await ask(fresh, '192.0.2.1')).status).toBe(429);
    state.elapsed += 30_000;
    expect((await ask(fresh, '192.0.2.1')).status).toBe(401);
  });

  it('that were good once are looked up once more, and then wait', async () => {
    const { invented, ask, call, key, seen, times } = await guarded();
    await ask(key, '192.0.2.1');
    await times(6, () => invented('192.0.2.1'));
    const id = `key_${key.split('_')[1]}`;
    expect((await call('DELETE', `/v1/admin/users/ada/api-keys/${id}`, { key: ADMIN })).status).toBe(204);
    seen.looked = 0;
    expect(await times(5, () => ask(key, '192.0.2.1'))).toEqual(Array(5).fill(429));
    expect(seen.looked).toBe(1);
  });

  it('are slowed whatever they are meant for: the operator’s key, in any form and on any route', async () => {
    const guesses = ['hunter2', `${ADMIN}x`, ADMIN.slice(0, -1), `${mintKey().key}x`];
    for (const path of ['/v1/admin/users/ada', '/v1/sessions', '/v1/budget']) {
      const { ask, times } = await guarded();
      let i = 0;
      const guess = () => ask(guesses[i++ % 4]!, '192.0.2.1', {}, path);
      expect(await times(7, guess), path).toEqual([401, 401, 401, 401, 429, 429, 429]);
      // Whoever guesses right now learns nothing of it.
      expect((await ask(ADMIN, '192.0.2.1', {}, path)).status, path).toBe(429);
      expect((await ask(ADMIN, '192.0.2.2', {}, '/v1/admin/users/ada')).status).toBe(200);
    }
  });

  it('leave the operator alone where the operator’s key was used before, and users where it is guessed', async () => {
    const { ask, key, times, state } = await guarded();
    const operator = () => ask(ADMIN, '192.0.2.1', {}, '/v1/admin/users/ada');
    expect((await operator()).status).toBe(200);
    expect((await times(6, () => ask('hunter2', '192.0.2.1'))).at(-1)).toBe(429);
    expect((await operator()).status).toBe(200);
    expect((await ask(key, '192.0.2.1')).status).toBe(200);
    state.elapsed += 30_000;
    expect((await ask('hunter2', '192.0.2.1')).status).toBe(401);
  });

  it('are slowed as tokens, too, and one that is good goes on', async () => {
    const jwt = async (token: string) => {
      if (token === 'a.good.one') return 'ada';
      throw new Problem('unauthorized', 'The token is not valid here.');
    };
    const { ask, seen, times } = await guarded(undefined, { jwt });
    expect((await ask('a.good.one', '192.0.2.1')).status).toBe(200);
    expect(await times(7, () => ask('a.bad.one', '192.0.2.1'))).toEqual([401, 401, 401, 401, 429, 429, 429]);
    expect((await ask('a.good.one', '192.0.2.1')).status).toBe(200);
    expect(seen.counted).toEqual(Array(4).fill('key 192.0.2.1'));
  });

  it('are those of one customer from all addresses of an IPv6 network', async () => {
    const { invented, seen, times } = await guarded();
    let i = 0;
    expect(await times(6, () => invented(`2001:db8:0:7::${(++i).toString(16)}`))).toEqual([
      ...[401, 401, 401, 401],
      ...[429, 429],
    ]);
    expect((await invented('2001:0db8:0000:0007:ffff:1:2:3')).status).toBe(429);
    expect((await invented('2001:db8:0:8::1')).status).toBe(401);
    expect((await invented('::1')).status).toBe(401);
    expect(new Set(seen.counted)).toEqual(new Set(['key 2001:db8:0:7::', 'key 2001:db8:0:8::', 'key 0:0:0:0::']));
  });

  it('are looked up when nobody can count', async () => {
    const { invented, seen, lines } = await guarded(away);
    for (let i = 0; i < 10; i++) expect((await invented('192.0.2.1')).status).toBe(401);
    expect(seen.looked).toBe(10);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'rate limiter away' }));
  });
});

describe('streams', () => {
  it('beyond the limit of a user are refused, and a place is free again when one ends', async () => {
    const open = new Set<string>();
    const limiter = limiterOf({
      enter: async (userId, id) => {
        if (!open.has(`${userId} ${id}`) && open.size >= 1) return full();
        open.add(`${userId} ${id}`);
        return free();
      },
      leave: async (userId, id) => void open.delete(`${userId} ${id}`),
    });
    const { user, start, complete, hono, state } = api(() => ({ limiter }));
    const key = await user('ada');
    const [one, two] = [await start(key), await start(key)];
    const watch = (id: string) =>
      hono.request(`/v1/sessions/${id}/events/stream`, { headers: { authorization: `Bearer ${key}` } });
    let meanwhile: Response | undefined;
    state.onSleep = async () => {
      meanwhile ??= await watch(two);
      await complete(one);
    };
    const first = await watch(one);
    expect(framesOf(await first.text()).at(-2)?.event).toBe('agent.completed');
    const { code } = (await meanwhile!.json()) as { code: string };
    expect([meanwhile?.status, code]).toEqual([429, 'rate_limited']);
    expect(open.size).toBe(0);
    state.onSleep = () => complete(two);
    expect((await watch(two)).status).toBe(200);
  });

  it('keep their place while they live', async () => {
    const entered: number[] = [];
    const { user, start, complete, hono, state } = api(() => ({
      limiter: limiterOf({
        enter: () => {
          entered.push(state.elapsed);
          return free();
        },
      }),
    }));
    const key = await user('ada');
    const id = await start(key);
    state.onSleep = (elapsed) => (elapsed > 120_000 ? complete(id) : undefined);
    const answer = await hono.request(`/v1/sessions/${id}/events/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    await answer.text();
    const gaps = entered.slice(1).map((at, i) => at - entered[i]!);
    expect(gaps.length).toBeGreaterThanOrEqual(3);
    // Well within the minute after which a place is given to another.
    expect(Math.max(...gaps)).toBeLessThan(45_000);
  });

  it('are let through when nobody can count', async () => {
    const { user, start, complete, hono } = api(() => ({ limiter: limiterOf({ enter: away, leave: away }) }));
    const key = await user('ada');
    const id = await start(key);
    await complete(id);
    const answer = await hono.request(`/v1/sessions/${id}/events/stream`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect([answer.status, framesOf(await answer.text()).length > 1]).toEqual([200, true]);
  });
});
