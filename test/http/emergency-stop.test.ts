/** The operator's emergency stop over HTTP. */
import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

const PATH = '/v1/admin/emergency-stop';

describe('the emergency stop', () => {
  it('holds every session until it ends, says why, and is the operator’s alone', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const id = await start(key);
    expect((await call('PUT', PATH, { key, body: { reason: 'Mine.' } })).status).toBe(403);
    const reason = 'A price is wrong.';
    for (const _ of [1, 2])
      expect(await call('PUT', PATH, { key: ADMIN, body: { reason } })).toMatchObject({
        ...{ status: 200, json: { stopped: true, reason } },
      });
    expect((await call('GET', PATH, { key: ADMIN })).json).toEqual({ stopped: true, reason });
    expect((await world.sweeper.sweep(10)).due).toEqual([]);
    for (const _ of [1, 2])
      expect((await call('DELETE', PATH, { key: ADMIN })).json).toEqual({ stopped: false, reason: null });
    expect((await world.sweeper.sweep(10)).due.map((one) => one.id)).toEqual([id]);
  });

  it.each([
    {},
    { reason: '' },
    { reason: '  ' },
    { reason: 7 },
    { reason: 'x'.repeat(501) },
    { reason: 'x', now: true },
  ])('is refused without a reason that can be told, and holds nobody: %j', async (body) => {
    const { call } = api();
    expect((await call('PUT', PATH, { key: ADMIN, body })).status).toBe(422);
    expect((await call('GET', PATH, { key: ADMIN })).json.stopped).toBe(false);
  });
});
