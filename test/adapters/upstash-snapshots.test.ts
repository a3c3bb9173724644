/** Snapshots in Redis: how long they are kept, and what is shown when what is stored is garbled, or slow to come. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash } from '../../lib/local/upstash.ts';
import { budgetView, sleeper } from '../contract/snapshots.ts';
import { hasRedis, realRedis } from '../kit/servers.ts';

const BUDGET = 'circadian:user:user-1:budget';
const SESSION = 'circadian:user:user-1:session:ses_1';
const VERSION = 'circadian:user:user-1:version';
const GARBAGE = ['', 'Aborted', '{', '[]', 'null', '1e3', '{"version":1}', '"x"'];
/** What no field of a snapshot may be; `'1.5'` and `-1` are no microdollars, and no date. */
const WRONG = [undefined, {}, 'Aborted', '1.5', '-1', -0.5, '', true];

const engines = [
  { name: 'embedded', present: true, start: () => startRedis() },
  { name: 'real Redis', present: hasRedis, start: async () => startRedis({ url: (await realRedis())! }) },
];

for (const { name, present, start } of engines) {
  describe.skipIf(!present)(`snapshots on ${name}`, () => {
    let redis: LocalRedis;
    let upstash: LocalUpstash;
    let peek: Redis;
    beforeAll(async () => {
      redis = await start();
      upstash = await startUpstash({ redisUrl: redis.url });
      peek = new Redis(redis.url);
    });
    afterAll(async () => {
      peek.disconnect();
      await upstash.close();
      await redis.close();
    });
    const live = () => upstashLive(upstash);
    const look = () => live().snapshot('user-1', 'ses_1');
    const keep = async (change: Parameters<typeof budgetView>[0] = {}) =>
      live().keep('user-1', (await look()).version, { budget: budgetView(change), session: sleeper(), ageMs: 0 });
    beforeEach(async () => {
      await peek.flushdb();
      await keep();
      expect(await look()).toMatchObject({ budget: budgetView(), session: { status: 'sleeping' } });
    });

    it('are kept for a minute at most, and until a session or the next day is due', async () => {
      const kept = async () => [await peek.pttl(BUDGET), await peek.pttl(SESSION)];
      for (const ms of await kept()) expect([ms > 50_000, ms <= 60_000]).toEqual([true, true]);
      const { now, day } = budgetView();
      for (const change of [{ nextDue: now + 32_000 }, { now: day.resetsAt - 32_000 }]) {
        await peek.del(BUDGET, SESSION);
        await keep(change);
        for (const ms of await kept()) expect([ms > 20_000, ms <= 30_000]).toEqual([true, true]);
      }
    });

    it('are none where the version is lost: it is shorter lived than no snapshot', async () => {
      expect(await peek.pttl(VERSION)).toBeGreaterThan(await peek.pttl(BUDGET));
      await peek.del(VERSION);
      expect(await look()).toMatchObject({ budget: null, session: null });
      expect(await look()).toMatchObject({ version: (await peek.get(VERSION))! });
    });

    it.each([
      ['budget', BUDGET],
      ['session', SESSION],
    ] as const)('whose %s is garbled have none', async (part, key) => {
      const good = (await peek.get(key))!;
      const spoil = async (text: string) => {
        await peek.set(key, text);
        expect((await look())[part], text).toBeNull();
      };
      for (const text of [...GARBAGE, good.slice(0, -1)]) await spoil(text);
      const fields = JSON.parse(good) as Record<string, unknown>;
      for (const field of Object.keys(fields))
        for (const wrong of WRONG) await spoil(JSON.stringify({ ...fields, [field]: wrong }));
      await peek.set(key, good);
      expect((await look())[part]).not.toBeNull();
    });

    it('of which a key is of another type are an error, which Postgres answers; a change mends the version', async () => {
      await peek.del(VERSION);
      await peek.hset(VERSION, 'a', 'b');
      await expect(look()).rejects.toThrow(/WRONGTYPE/);
      await live().forget('user-1');
      expect(await look()).toMatchObject({ budget: null, session: null });
    });

    it('of keys are kept for a minute, and a revocation for a quarter of an hour', async () => {
      const key = { id: 'key_1', hash: 'a'.repeat(64) };
      await live().keepKey(key, 'ada');
      expect(await peek.ttl('circadian:key:key_1')).toBeLessThanOrEqual(60);
      await live().dropKey('key_1');
      expect(await peek.ttl('circadian:key:key_1')).toBeGreaterThan(890);
      await peek.set('circadian:key:key_1', 'ada');
      expect(await live().keyOwner(key)).toBeNull();
    });
  });
}

it('a snapshot is waited for 300 ms at most', async () => {
  const server = createServer((request) => request.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const live = upstashLive({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'x' });
  const began = performance.now();
  await expect(live.snapshot('u', null)).rejects.toThrow(/^upstash: /);
  await expect(live.keyOwner({ id: 'k', hash: 'h' })).rejects.toThrow(/^upstash: /);
  expect(performance.now() - began).toBeLessThan(1_500);
});
