/** What the API does when somebody asks too much, and when it cannot count. */
import { describe, expect, it } from 'vitest';
import type { Limiter, Verdict } from '../../lib/ports/limiter.ts';
import { api, framesOf } from '../http/kit.ts';

const full = async (): Promise<Verdict> => ({ allowed: false, retryAfterMs: 1_500 });
const free = async (): Promise<Verdict> => ({ allowed: true });
const away = () => Promise.reject(new Error('redis away'));
const limiterOf = (over: Partial<Limiter>): Limiter => ({ request: free, enter: free, leave: async () => {}, ...over });
const STREAM = { accept: 'text/event-stream' };

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
    await call('GET', '/v1/budget', { key: 'ck_nonsense' });
    await call('GET', '/v1/budget');
    expect(asked).toEqual([]);
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
      hono.request(`/v1/sessions/${id}/events`, { headers: { ...STREAM, authorization: `Bearer ${key}` } });
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
    const answer = await hono.request(`/v1/sessions/${id}/events`, {
      headers: { ...STREAM, authorization: `Bearer ${key}` },
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
    const answer = await hono.request(`/v1/sessions/${id}/events`, {
      headers: { ...STREAM, authorization: `Bearer ${key}` },
    });
    expect([answer.status, framesOf(await answer.text()).length > 1]).toEqual([200, true]);
  });
});
