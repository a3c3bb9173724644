/** The live view's answers when what is stored is garbled, of the wrong type, or slow to come. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash } from '../../lib/local/upstash.ts';
import type { BudgetView, SessionView } from '../../lib/ports/index.ts';
import { liveView } from '../contract/live.ts';
import { hasRedis, realRedis } from '../kit/servers.ts';

const NOW = Date.parse('2031-03-01T12:00:00Z');
const DAY = 'circadian:user:user-1:day';
const STATE = 'circadian:session:ses_1:state';
const BUDGET: BudgetView = {
  ...{
    now: NOW,
    day: liveView().day,
    cycleStart: '2031-02-15',
    budget: 9n,
    carriedOver: 2n,
    toppedUpLeft: 0n,
    spent: 250_007n,
    remaining: 0n,
  },
  ...{ daysLeft: 14, renewalDate: '2031-03-15', notices: [{ threshold: 'graceful' as const, at: NOW }] },
};
const SLEEPER = {
  ...{ id: 'ses_1', userId: 'user-1', cost: 1_000n, status: 'sleeping', wakeAt: NOW + 3_600_000 },
} as SessionView;
const GARBAGE = ['', 'Aborted', 'NaN', '1e3', '-1', '1.5', '99999999999999999999', '[object Object]', '\u0000', 'nil'];

const engines = [
  { name: 'embedded', present: true, start: () => startRedis() },
  { name: 'real Redis', present: hasRedis, start: async () => startRedis({ url: (await realRedis())! }) },
];

for (const { name, present, start } of engines) {
  describe.skipIf(!present)(`a live view on ${name} that lies`, () => {
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
    const look = () => live().read('user-1', 'ses_1', NOW);
    const fill = async () =>
      live().put('user-1', await look(), { budget: BUDGET, session: { id: 'ses_1', view: SLEEPER } });
    beforeEach(async () => {
      await peek.flushdb();
      await live().nextDue(null, { at: NOW, now: NOW });
      await fill();
      expect(await look()).toMatchObject({ budget: { asOf: NOW }, session: { status: 'sleeping' } });
    });

    const spoils = async (key: string, field: string, part: 'budget' | 'session', spare: string[]) => {
      const good = (await peek.hget(key, field))!;
      for (const spoilt of GARBAGE.filter((text) => !spare.includes(text))) {
        await peek.hset(key, field, spoilt);
        expect((await look())[part], `${field} = ${spoilt}`).toBeNull();
      }
      await peek.hdel(key, field);
      expect((await look())[part], `${field} is missing`).toBeNull();
      await peek.hset(key, field, good);
      expect((await look())[part], field).not.toBeNull();
    };

    it('in any field of the budget, has no budget', async () => {
      const numbers = ['revision', 'allowance', 'ceiling', 'spent', 'held', 'budget', 'before'];
      for (const field of [...numbers, 'date', 'resets_at', 'at', 'cycle_start', 'notices'])
        await spoils(DAY, field, 'budget', []);
      await spoils(DAY, 'renewal_date', 'budget', ['']);
      await spoils('circadian:recovery', 'ahead', 'budget', ['-1']);
    });

    it('in any field of a session, has no session', async () => {
      for (const field of ['status', 'cost', 'at', 'user', 'generation']) await spoils(STATE, field, 'session', []);
      for (const field of ['wake_at', 'due']) await spoils(STATE, field, 'session', ['']);
    });

    it('about who is at work, has neither, and is written anew', async () => {
      for (const until of GARBAGE) {
        await peek.hset(DAY, 'busy:x', until);
        expect(await look(), until).toMatchObject({ budget: null, session: null, busy: false });
      }
      await fill();
      expect((await look()).session).toMatchObject({ status: 'sleeping' });
      expect(await peek.hkeys(DAY)).not.toContain('busy:x');
    });

    it('with keys of another type, has neither, and is written anew', async () => {
      for (const key of [DAY, STATE]) await peek.set(key, 'not a hash');
      expect(await look()).toMatchObject({ budget: null, session: null });
      for (const key of [DAY, STATE]) await peek.set(key, 'not a hash');
      await fill();
      expect((await look()).session).toMatchObject({ status: 'sleeping' });
      const mark = { userId: 'user-1', op: 'a' };
      for (const write of [
        () => live().open('ses_1', NOW + 1, mark),
        () => live().mirror(liveView(), { op: 'a', at: NOW, onlyToday: true }),
        () => live().close(mark, true),
      ]) {
        for (const key of [DAY, STATE]) await peek.set(key, 'not a hash');
        await write();
        expect(await peek.type(DAY)).toBe('hash');
      }
    });

    it('about what is newest, is right again after Postgres was asked', async () => {
      await peek.hset(DAY, 'revision', '999999999999', 'date', '9999-12-31');
      expect((await look()).budget).toBeNull();
      await live().mirror(liveView(), { op: 'a', at: NOW, onlyToday: true });
      expect((await look()).budget).toBeNull();
      await fill();
      expect((await look()).budget?.view.day).toEqual(BUDGET.day);
      await peek.hset(STATE, 'fence', '999999999999', 'status', 'completed');
      await live().mirror(liveView({ fence: 3 }), { op: 'b', at: NOW, onlyToday: true });
      expect(await look()).toMatchObject({ budget: null, session: null });
      await fill();
      expect((await look()).session?.status).toBe('sleeping');
    });

    it('keeps all of it for 25 hours, a key for a minute, and a revocation for a quarter of an hour', async () => {
      for (const key of [DAY, STATE]) expect(await peek.ttl(key)).toBeGreaterThan(89_990);
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

it('an answer is waited for 300 ms at most', async () => {
  const server = createServer((request) => request.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const live = upstashLive({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'x' });
  const began = performance.now();
  await expect(live.read('u', null, NOW)).rejects.toThrow(/^upstash: /);
  await expect(live.keyOwner({ id: 'k', hash: 'h' })).rejects.toThrow(/^upstash: /);
  await expect(live.close({ userId: 'u', op: 'o' }, true)).rejects.toThrow(/^upstash: /);
  expect(performance.now() - began).toBeLessThan(1_500);
});
