/** The counters in Redis, over the embedded engine and a real one, and when there is none. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { upstashLimiter } from '../../lib/adapters/upstash/rate-limiter.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash } from '../../lib/local/upstash.ts';
import { PLACE_MS } from '../../lib/ports/rate-limiter.ts';
import { hasRedis, realRedis } from '../kit/servers.ts';

const engines = [
  { name: 'the embedded engine', present: true, start: () => startRedis() },
  { name: 'a real Redis', present: hasRedis, start: async () => startRedis({ url: (await realRedis())! }) },
];

for (const { name, present, start } of engines) {
  describe.skipIf(!present)(`limits in ${name}`, () => {
    let redis: LocalRedis;
    let upstash: LocalUpstash;
    let commands = 0;
    beforeAll(async () => {
      redis = await start();
      upstash = await startUpstash({ redisUrl: redis.url, onRequest: () => (commands += 1) });
    });
    afterAll(async () => {
      await upstash.close();
      await redis.close();
    });
    const limiter = (
      over: {
        requestsPerMinute?: number;
        streamsPerUser?: number;
        failuresPerMinute?: number;
        now?: () => number;
      } = {},
    ) =>
      // Patient, since the machine may be busy: what happens without an answer is tried below.
      upstashLimiter({ ...upstash, requestsPerMinute: 5, streamsPerUser: 2, timeoutMs: 5_000, ...over });
    const allowed = async (asked: Promise<{ allowed: boolean }>) => (await asked).allowed;

    it('let so many requests of a caller through, and count for all functions together', async () => {
      const limiters = [limiter(), limiter(), limiter()];
      const verdicts = [];
      for (let i = 0; i < 12; i++) verdicts.push(await limiters[i % 3]!.request('ck_ada'));
      const passed = verdicts.filter((one) => one.allowed).length;
      // Ten where a minute ended in between.
      expect([5, 10]).toContain(passed);
      const refused = verdicts.at(-1)!;
      if (!refused.allowed) expect(refused.retryAfterMs).toSatisfy((ms: number) => ms > 0 && ms <= 60_000);
      expect(await allowed(limiter().request('ck_bob'))).toBe(true);
    });

    it('say how many are left, and when there are more', async () => {
      const counted = limiter({ requestsPerMinute: 3 });
      const windows = [];
      for (let i = 0; i < 8; i++) windows.push((await counted.request('ck_dan')).window!);
      const left = windows.map(({ remaining }) => remaining);
      expect([left[0], left.at(-1)]).toEqual([2, 0]);
      for (const { quota, windowMs, resetMs } of windows) {
        expect([quota, windowMs]).toEqual([3, 60_000]);
        expect(resetMs).toSatisfy((ms: number) => ms > 0 && ms <= 60_000);
      }
    });

    it('let so many unknown keys come from an address, apart from what callers ask', async () => {
      const counted = limiter({ failuresPerMinute: 3 });
      const verdicts = [];
      for (let i = 0; i < 8; i++) verdicts.push(await allowed(counted.failure('192.0.2.1')));
      // Six where a minute ended in between.
      expect([3, 6]).toContain(verdicts.filter(Boolean).length);
      expect(await allowed(counted.failure('192.0.2.2'))).toBe(true);
      expect(await allowed(counted.request('192.0.2.1'))).toBe(true);
      expect(await allowed(limiter().failure('192.0.2.1'))).toBe(true);
    });

    it('know for all functions together who was let in, until that is forgotten', async () => {
      const [one, two] = [limiter({ failuresPerMinute: 3 }), limiter({ failuresPerMinute: 3 })];
      expect(await one.knows('ada')).toBe(false);
      await one.remember('ada');
      expect([await two.knows('ada'), await two.knows('bob')]).toEqual([true, false]);
      await two.forget('ada');
      expect(await one.knows('ada')).toBe(false);
    });

    it('cost one command each', async () => {
      const counted = limiter();
      await counted.request('ck_warm');
      commands = 0;
      await counted.request('ck_eve');
      await counted.enter('eve', 'str_1');
      await counted.leave('eve', 'str_1');
      expect(commands).toBe(3);
    });

    it('give a user so many streams, and a place back when it is left or forgotten', async () => {
      let now = 1_000_000;
      const counted = limiter({ now: () => now });
      const enter = (id: string) => allowed(counted.enter('ada', id));
      expect([await enter('1'), await enter('2'), await enter('3')]).toEqual([true, true, false]);
      expect(await allowed(counted.enter('bob', '3'))).toBe(true);
      await counted.leave('ada', '1');
      expect(await enter('3')).toBe(true);
      now += PLACE_MS - 1;
      expect([await enter('3'), await enter('4')]).toEqual([true, false]);
      now += 2;
      expect([await enter('3'), await enter('4'), await enter('5')]).toEqual([true, true, false]);
    });

    it('of 0 are none', async () => {
      const free = limiter({ requestsPerMinute: 0, streamsPerUser: 0 });
      commands = 0;
      for (let i = 0; i < 10; i++)
        expect((await allowed(free.request('x'))) && (await allowed(free.enter('x', `${i}`)))).toBe(true);
      expect(commands).toBe(0);
    });
  });
}

describe('without a Redis', () => {
  /** A server that takes requests and never answers. */
  async function silent() {
    let asked = 0;
    const server = createServer(() => (asked += 1)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
  }

  it('the first who asks waits a moment, nobody else for five seconds, and nobody is refused, also later', async () => {
    const { url, asked } = await silent();
    let now = 1_000_000;
    const limiter = upstashLimiter({
      ...{ url, token: 'x', requestsPerMinute: 1, streamsPerUser: 1, timeoutMs: 60 },
      now: () => now,
    });
    await expect(limiter.request('ck_ada')).rejects.toThrow();
    for (let i = 0; i < 200; i++) {
      expect(await limiter.request('ck_ada')).toEqual({ allowed: true });
      expect(await limiter.enter('ada', `${i}`)).toEqual({ allowed: true });
    }
    // Of all these the server has seen the first at most.
    expect(asked()).toBeLessThanOrEqual(1);
    now += 5_001;
    await expect(limiter.request('ck_ada')).rejects.toThrow();
  });

  it('one that refuses connections lets everybody through as well', async () => {
    const limiter = upstashLimiter({ url: 'http://127.0.0.1:9', token: 'x', requestsPerMinute: 1, streamsPerUser: 1 });
    await expect(limiter.request('ck_ada')).rejects.toThrow();
    expect(await limiter.request('ck_ada')).toEqual({ allowed: true });
  });
});
