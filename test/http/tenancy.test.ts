import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';
import { routesOf } from './routes.ts';

/** G10, over HTTP: two users, each route, each other's ids. */
/** By method: one that the routes of a session take. */
const BODIES: Record<string, object> = { POST: { content: 'Hello' }, PATCH: { metadata: { team: 'red' } } };

describe('another user', () => {
  it('gets 404 for each route of a session that is not theirs, as for one that never was, and changes nothing', async () => {
    const { call, user, start, asleep, hono, world } = api();
    const keys = { ada: await user('ada'), bob: await user('bob') };
    const ids = { ada: await start(keys.ada), bob: await start(keys.bob) };
    for (const id of Object.values(ids)) await asleep(id);
    const before = structuredClone(world.store.sessions);
    const routes = (await routesOf(hono)).filter(({ template }) => template.includes('/sessions/{id}'));
    expect(routes).toHaveLength(21);
    const crossed = [
      [keys.ada, ids.bob],
      [keys.bob, ids.ada],
      [keys.ada, 'ses_00000000000000000000000000'],
    ] as const;
    for (const [key, id] of crossed) {
      for (const { method, template } of routes) {
        const path = template.replace('{id}', id).replace('{path}', 'notes/a%20b.md');
        const body = BODIES[method];
        const answer = await call(method, path, { key, body });
        expect([answer.status, answer.json?.code], `${method} ${path}`).toEqual([404, 'not_found']);
        expect(answer.text).not.toContain('moons');
      }
    }
    expect(world.store.sessions).toEqual(before);
    for (const name of ['ada', 'bob'] as const) {
      const { json } = await call('GET', '/v1/sessions', { key: keys[name] });
      expect(json.data.map(({ id }: { id: string }) => id)).toEqual([ids[name]]);
    }
  });

  it('pays from their own budget and sees their own usage', async () => {
    const { call, user, start, world } = api();
    const keys = { ada: await user('ada'), bob: await user('bob', 2_100_000) };
    const sessionId = await start(keys.ada);
    const at = world.now();
    const model = 'claude-sonnet-5-5';
    await world.purse.record({ userId: 'ada', sessionId, iteration: 1, model, usage: {} as never, cost: 500_000n, at });
    await call('POST', '/v1/budget/top-ups', { key: keys.ada, body: { amount_microdollars: 21 } });
    const bob = await call('GET', '/v1/budget', { key: keys.bob });
    expect(bob.json).toMatchObject({ daily_budget_microdollars: 100_000, spent_microdollars: 0 });
    expect((await call('GET', '/v1/usage', { key: keys.bob })).json.data).toEqual([]);
    expect((await call('GET', '/v1/usage', { key: keys.ada })).json.data).toHaveLength(1);
  });
});
