/** Live over the REST API: on the embedded engine, and on a real Redis where one is installed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RECOVERY } from '../../lib/adapters/upstash/keys.ts';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash, type UpstashRequest } from '../../lib/local/upstash.ts';
import { liveContract, liveView } from '../contract/live.ts';
import { snapshotsContract } from '../contract/snapshots.ts';
import { hasRedis, realRedis } from '../kit/servers.ts';

const engines = [
  { name: 'embedded', present: true, start: () => startRedis() },
  { name: 'real Redis', present: hasRedis, start: async () => startRedis({ url: (await realRedis())! }) },
];

for (const { name, present, start } of engines) {
  describe.skipIf(!present)(`upstash on ${name}`, () => {
    let redis: LocalRedis;
    let upstash: LocalUpstash;
    let peek: Redis;
    const requests: UpstashRequest[] = [];
    beforeAll(async () => {
      redis = await start();
      upstash = await startUpstash({ redisUrl: redis.url, onRequest: (request) => requests.push(request) });
      peek = new Redis(redis.url);
    });
    afterAll(async () => {
      peek.disconnect();
      await upstash.close();
      await redis.close();
    });
    const fresh = async () => {
      await peek.flushdb();
      requests.length = 0;
      return upstashLive(upstash);
    };

    const subject = async () => ({
      live: await fresh(),
      lose: async () => void (await peek.flushdb()),
      close: async () => {},
    });
    liveContract(`upstash on ${name}`, subject);
    snapshotsContract(`upstash on ${name}`, subject);

    it('keeps what a page reads when it reloads, for 25 hours', async () => {
      const live = await fresh();
      await live.mirror(liveView({ cost: 9_007_199_254_740_993n, wakeAt: Date.parse('2031-03-02T00:03:00Z') }));
      expect(await peek.get('circadian:session:ses_1:cost')).toBe('9007199254740993');
      expect(await peek.get('circadian:session:ses_1:budget_pct')).toBe('25');
      expect(await peek.get('circadian:session:ses_1:wake_at')).toBe('2031-03-02T00:03:00.000Z');
      for (const part of ['cost', 'budget_pct', 'wake_at', 'state']) {
        expect(await peek.ttl(`circadian:session:ses_1:${part}`)).toBeGreaterThan(89_990);
      }
      expect(await peek.ttl('circadian:user:user-1:version')).toBeGreaterThan(290);
      expect(await peek.keys('circadian:recovery*')).toEqual([]);
      await live.mirror(liveView({ seq: 2 }));
      expect(await peek.get('circadian:session:ses_1:wake_at')).toBeNull();
    });

    it('starts every key with its name', async () => {
      const live = await fresh();
      await live.open('ses_1', 1_000, 'user-1');
      await live.mirror(liveView({ wakeAt: 0 }));
      await live.draft('ses_1', { iteration: 1, text: 'x' });
      await live.watch('ses_1');
      await live.nextDue(1, { at: 1, now: 1 });
      const keys = await peek.keys('*');
      expect(keys.filter((key) => !key.startsWith('circadian:'))).toEqual([]);
      expect(keys).toHaveLength(7 + RECOVERY.length);
    });

    it('does not add anything when a write is repeated', async () => {
      const live = await fresh();
      for (let n = 0; n < 3; n++) await live.mirror(liveView({ cost: 500n }));
      await live.mirror(liveView({ cost: 600n }));
      expect(await peek.get('circadian:session:ses_1:cost')).toBe('500');
    });

    it('makes one request of one command of each call', async () => {
      const live = await fresh();
      await live.open('ses_1', 1_000, 'user-1');
      await live.mirror(liveView());
      await live.draft('ses_1', { iteration: 1, text: 'x' });
      await live.watch('ses_1');
      await live.idle(1_000);
      await live.nextDue(null, { at: 1, now: 1 });
      expect(requests.map((request) => request.path)).toEqual(['/', '/', '/', '/', '/', '/']);
    });

    it('asks Postgres when the marker is spoilt', async () => {
      const live = await fresh();
      await live.nextDue(null, { at: 0, now: 0 });
      await live.nextDue(null, { at: 2_000_000, now: 2_000_000 });
      expect(await live.idle(3_000_000)).toBe(true);
      const part = RECOVERY[3]!;
      const good = (await peek.get(part))!;
      for (const field of [0, 1, 2, 3]) {
        for (const spoilt of ['-', 'Aborted', 'NaN', '1e3', '9007199254740993', '1.5']) {
          await peek.set(part, good.split(' ').with(field, spoilt).join(' '));
          expect(await live.idle(3_000_000), `${field} = ${spoilt}`).toBeNull();
        }
      }
      for (const whole of ['', ' ', good.split(' ').slice(0, 3).join(' ')]) {
        await peek.set(part, whole);
        expect(await live.idle(3_000_000), JSON.stringify(whole)).toBeNull();
      }
      await peek.set(part, good);
      expect(await live.idle(3_000_000)).toBe(true);
    });

    it('asks Postgres when one part of the marker is lost, until a sweep has made it anew', async () => {
      const live = await fresh();
      await live.nextDue(null, { at: 0, now: 0 });
      await live.nextDue(null, { at: 2_000_000, now: 2_000_000 });
      await peek.del(RECOVERY[7]!);
      expect(await live.idle(3_000_000)).toBeNull();
      expect(await live.overdue(3_000_000)).toBe(0);
      await live.nextDue(null, { at: 3_000_000, now: 3_000_000 });
      expect(await live.idle(3_060_000)).toBe(false);
      await live.nextDue(null, { at: 5_000_000, now: 5_000_000 });
      expect(await live.idle(5_060_000)).toBe(true);
    });

    it('has no key that all sessions write, and none that a script did not name', async () => {
      const live = await fresh();
      const written = new Map<string, number>();
      for (let n = 0; n < 64; n++) {
        const [sessionId, userId] = [`ses_${n}`, `user-${n}`];
        await live.open(sessionId, 1_000, userId);
        await live.mirror(liveView({ sessionId, userId, due: 2_000 }));
        for (const key of await peek.keys('*')) written.set(key, (written.get(key) ?? 0) + 1);
        await peek.flushdb();
      }
      expect(Math.max(...written.values())).toBeLessThan(16);
      expect([...written.keys()].filter((key) => key.startsWith('circadian:recovery')).length).toBeGreaterThan(12);
    });

    it('mends a spoilt marker at the next sweep', async () => {
      const live = await fresh();
      await peek.set(RECOVERY[0]!, 'x y - z');
      await peek.hset(RECOVERY[1]!, { active_until: '1' });
      await live.nextDue(null, { at: 0, now: 0 });
      await live.nextDue(null, { at: 2_000_000, now: 2_000_000 });
      expect(await live.idle(3_000_000)).toBe(true);
    });

    it('refuses a wrong token, and is a service that is away to the recovery cron', async () => {
      const live = upstashLive({ url: upstash.url, token: 'wrong' });
      await expect(live.mirror(liveView())).rejects.toThrow(/WRONGPASS/);
      expect(await live.idle(1)).toBeNull();
    });
  });
}

describe('upstash when the service fails', () => {
  /** A service that takes every request and then behaves as told. */
  const badService = async (behave: 'silent' | 'hang up' | 'refuse') => {
    let received = 0;
    const server = createServer((request, response) => {
      received += 1;
      request.resume();
      if (behave === 'hang up') request.socket.destroy();
      if (behave === 'refuse') response.writeHead(400).end('{"error":"ERR out of memory"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { live: upstashLive({ url, token: 'x', timeoutMs: 100 }), received: () => received };
  };

  it.each(['silent', 'hang up', 'refuse'] as const)('throws once and sends once: %s', async (behave) => {
    const { live, received } = await badService(behave);
    await expect(live.open('ses_1', 1, 'user-1')).rejects.toThrow(/^upstash: /);
    expect(received()).toBe(1);
    expect(await live.idle(1)).toBeNull();
    await expect(live.watch('ses_1')).rejects.toThrow();
  });

  it('does not put what the agent writes into an error', async () => {
    const { live } = await badService('refuse');
    const failure = await live.draft('ses_1', { iteration: 1, text: 'a secret' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(JSON.stringify([String(failure), (failure as Error).cause ?? null])).not.toContain('secret');
  });
});
