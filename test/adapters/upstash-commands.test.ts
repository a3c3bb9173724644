/** What the adapters send to Upstash: scripts that lock their own keys alone, and no more commands than the costs reckon with. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Redis as Client } from '@upstash/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upstashAudit } from '../../lib/adapters/upstash/audit.ts';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { upstashLimiter } from '../../lib/adapters/upstash/rate-limiter.ts';
import { startRedis } from '../../lib/local/redis.ts';
import { startUpstash } from '../../lib/local/upstash.ts';
import { PER_ITERATION, PER_LOOK, PER_SWEEP, PER_WATCH } from '../capacity/scenario.ts';
import { liveView } from '../contract/live.ts';
import { hasRedis, realRedis } from '../kit/servers.ts';

const stack = new AsyncDisposableStack();
/** An Upstash on this Redis, and what it is sent. */
const start = async (url?: string) => {
  const redis = await startRedis(url ? { url } : undefined);
  stack.defer(() => redis.close());
  const upstash = await startUpstash({ redisUrl: redis.url });
  stack.defer(() => upstash.close());
  const sent: unknown[][] = [];
  const recorder = createServer(async (request, response) => {
    const body = await text(request);
    sent.push(JSON.parse(body));
    const headers = { authorization: request.headers.authorization ?? '' };
    const answer = await fetch(`${upstash.url}${request.url}`, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((listening) => recorder.listen(0, '127.0.0.1', listening));
  stack.defer(async () => {
    recorder.closeAllConnections();
    await new Promise((closed) => recorder.close(closed));
  });
  const { port } = recorder.address() as AddressInfo;
  const peek = new Redis(redis.url);
  stack.defer(() => peek.disconnect());
  return { options: { url: `http://127.0.0.1:${port}`, token: upstash.token }, sent, peek };
};
type Started = Awaited<ReturnType<typeof start>>;
afterAll(() => stack.disposeAsync());

const due = { due: 5_000 };

describe('every script', () => {
  let subject: Started;
  beforeAll(async () => {
    subject = await start();
  });

  it('locks the keys that it names, and not the database', async () => {
    const { options, sent } = subject;
    const live = upstashLive(options);
    await live.open('ses_1', 1_000, 'user-1');
    await live.mirror(liveView(due));
    await live.watch('ses_1');
    await live.nextDue(1, { at: 1, now: 1 });
    await live.idle(2);
    const { version } = await live.snapshot('user-1', null);
    const day = liveView().day;
    const money = { budget: 0n, carriedOver: 0n, toppedUpLeft: 0n, spent: 0n, remaining: 0n };
    const cycle = { cycleStart: '2031-03-01', daysLeft: 1, renewalDate: null, nextDue: null, alerts: [] };
    await live.keep('user-1', version, {
      budget: { now: day.resetsAt - 3_600_000, day, ...money, ...cycle },
      session: null,
      ageMs: 0,
    });
    await live.keepKey({ id: 'k', hash: 'h' }, 'user-1');
    await live.keyOwner({ id: 'k', hash: 'h' });
    const audit = upstashAudit(options);
    await audit.costs(['ses_1']);
    await audit.putCost('ses_1', { found: 1_000n, cost: 2_000n });
    const limiter = upstashLimiter({
      ...options,
      requestsPerMinute: 5,
      streamsPerUser: 2,
      failuresPerMinute: 5,
      timeoutMs: 2_000,
    });
    await limiter.request('key');
    await limiter.failure('place');
    await limiter.enter('user-1', 'stream');
    const scripts = sent.filter(([name]) => /^eval/i.test(String(name)));
    expect(scripts.length).toBeGreaterThanOrEqual(13);
    const first = scripts
      .filter(([name]) => /^eval$/i.test(String(name)))
      .map(([, script]) => String(script).split('\n')[0]);
    expect(first.length).toBeGreaterThanOrEqual(11);
    expect(new Set(first)).toEqual(new Set(['#!lua flags=allow-key-locking']));
  });

  it('may touch no other key, here as at Upstash', async () => {
    const redis = new Client({ ...subject.options, enableTelemetry: false });
    const run = (script: string) => redis.eval(`#!lua flags=allow-key-locking\n${script}`, ['named'], []);
    expect(await run(`redis.call('SET', KEYS[1], 'x') return redis.call('GET', 'named')`)).toBe('x');
    for (const script of [`return redis.call('GET', 'other')`, `return redis.call('MSET', KEYS[1], 'x', 'other', 'y')`])
      await expect(run(script)).rejects.toThrow(/Dynamic keys are not allowed: other/);
  });
});

describe.skipIf(!hasRedis)('commands that Upstash bills, a script and each that it runs', () => {
  let subject: Started;
  beforeAll(async () => {
    subject = await start((await realRedis())!);
    await subject.peek.flushdb();
    await upstashLive(subject.options).nextDue(null, { at: 0, now: 0 });
  });

  /** As the server counts them. */
  const commandsOf = async (does: () => Promise<unknown>): Promise<number> => {
    await subject.peek.config('RESETSTAT');
    await does();
    const stats = await subject.peek.info('commandstats');
    const counted = [...stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].filter(
      ([, name]) => !/config|info|client|hello/.test(name!),
    );
    return counted.reduce((sum, [, , calls]) => sum + Number(calls), 0);
  };

  it('are those of the cost tables', async () => {
    const live = upstashLive(subject.options);
    const iteration = async (at: number, wakeAt: number | null) => {
      await live.open('ses_1', at, 'user-1');
      await live.mirror(liveView({ seq: at, due: 10_000_000 - at, wakeAt }));
    };
    expect(await commandsOf(() => iteration(2_000_000, null))).toBe(PER_ITERATION.upstash);
    expect(await commandsOf(() => iteration(2_000_001, 1))).toBe(PER_ITERATION.upstash);
    expect(await commandsOf(() => live.idle(1))).toBe(PER_LOOK.upstash);
    expect(await commandsOf(() => live.nextDue(null, { at: 3_000_000, now: 3_000_000 }))).toBe(PER_SWEEP.upstash);
    expect(await commandsOf(() => live.watch('ses_1'))).toBe(PER_WATCH.upstash);
  });
});
