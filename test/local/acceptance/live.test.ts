/**
 * Reading a budget or a session's standing as a user does, over HTTP, with every request to Postgres counted; and what is told, and spent,
 * while the live view is away, slow, empty, old or full of garbage.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { call, reply } from '../../../lib/local/model/answer.ts';
import { startRedis } from '../../../lib/local/redis.ts';
import { startUpstash } from '../../../lib/local/upstash.ts';
import { faults } from '../../money/kit.ts';
import { costing, type Json, PATIENCE, type Person, stage } from './stage.ts';

/** In front of Upstash: passes on, hangs up, or lets everybody wait for longer than an answer is worth. */
const mood = { now: 'well' as 'well' | 'away' | 'slow' };
const { port, ...served } = await (async () => {
  const redis = await startRedis();
  const upstash = await startUpstash({ redisUrl: redis.url });
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    if (mood.now === 'away') return request.socket.destroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (mood.now === 'slow') await new Promise((resolve) => setTimeout(resolve, 5_000).unref());
    const headers = { authorization: `Bearer ${upstash.token}` };
    const answer = await fetch(upstash.url + request.url, { method: 'POST', headers, body: Buffer.concat(chunks) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  };
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await upstash.close();
    await redis.close();
  };
  return { port: (server.address() as AddressInfo).port, token: upstash.token, redisUrl: redis.url, close };
})();

const asked: string[] = [];
const local = stage({
  concurrency: 4,
  env: {
    ...{ UPSTASH_REDIS_REST_URL: `http://127.0.0.1:${port}`, UPSTASH_REDIS_REST_TOKEN: served.token },
    ...{ MAX_OUTPUT_TOKENS: '16000', LEAST_OUTPUT_TOKENS: '1024' },
  },
  onRequest: ({ service, what }) => {
    // The recovery cron comes by once a minute, whatever is read.
    if (service === 'postgres' && !/^select (sweep\w*|purge|settle_notices)\(/.test(what)) asked.push(what);
  },
});

const finish = reply(call('finish', { result: 'Done.' }));
let steps = 0;
const narrate = () => reply(call('narrate', { phase_name: 'Work', text: `Step ${++steps}.` }));

let redis: Redis;
let user: Person;
beforeAll(() => {
  redis = new Redis(served.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await served.close();
});
beforeEach(async () => {
  mood.now = 'well';
  user = await local.person({ daily: 1_000_000 });
});

const keyOf = (name: string): string => `circadian:user:${user.id}:${name}`;
/** What Postgres says, since every snapshot was forgotten. */
const truth = async (path: string): Promise<Json> => {
  expect(await redis.exists(keyOf('budget')), 'a snapshot to forget').toBe(1);
  await redis.set(keyOf('version'), randomUUID(), 'EX', 300);
  asked.length = 0;
  const { json } = await user.call('GET', path);
  expect(asked.length).toBeGreaterThan(0);
  return json;
};
const bare = ({ as_of: _, forecast: __, ...rest }: Json): Json => rest;
const reads = async (path: string, times: number): Promise<Json> => {
  asked.length = 0;
  const began = performance.now();
  let last: Json;
  for (let n = 0; n < times; n++) {
    const { status, json } = await user.call('GET', path);
    expect(status, JSON.stringify(json)).toBe(200);
    last = json;
  }
  return { last, asked: [...asked], ms: (performance.now() - began) / times };
};
/** A hundred reads that ask Postgres nothing: tried again where a busy machine made the view miss its 300 ms once. */
const asksNothing = (path: string): Promise<Json> =>
  vi.waitFor(async () => {
    await reads(path, 2);
    const { last, asked } = await reads(path, 100);
    expect(asked).toEqual([]);
    return last;
  }, PATIENCE);
const worked = async (amount: number) => {
  const { id } = await user.start([costing(amount, finish)]);
  await user.until(id, { status: 'completed' });
  await local.system.invoker.drain();
  return id;
};

describe('a hundred reads', () => {
  it('of a budget ask Postgres nothing, once it was read', async () => {
    await worked(100_000);
    const last = await asksNothing('/budget');
    expect(last).toMatchObject({ spent_microdollars: 100_000, held_microdollars: 0, percentage: 10 });
    expect(last.subscription).toMatchObject({ spent_microdollars: 100_000, remaining_microdollars: 19_900_000 });
    expect(bare(last)).toEqual(bare(await truth('/budget')));
  });

  it('of a session ask Postgres nothing, be it asleep or ended', async () => {
    const asleep = await user.start([reply(call('sleep', { note: 'Later.' }))]);
    await user.until(asleep.id, { status: 'sleeping' });
    const ended = await worked(50_000);
    for (const [id, status, cost] of [
      [asleep.id, 'sleeping', (await user.get(asleep.id)).cost_microdollars],
      [ended, 'completed', 50_000],
    ]) {
      const last = await asksNothing(`/sessions/${id}/live`);
      expect(last).toMatchObject({ id, status, cost_microdollars: cost });
      expect(bare(last)).toEqual(bare(await truth(`/sessions/${id}/live`)));
    }
  });

  it('show what happened as soon as it did: commands, money, work', async () => {
    const asleep = await user.start([reply(call('sleep', { note: 'Later.' })), costing(70_000, finish)]);
    await user.until(asleep.id, { status: 'sleeping' });
    await local.system.invoker.drain();
    const before = (await reads('/budget', 3)).last;
    const standing = async () => (await reads(`/sessions/${asleep.id}/live`, 1)).last;
    expect((await standing()).status).toBe('sleeping');
    await user.wish(asleep.id, 'pause');
    expect((await standing()).status).toBe('paused');
    await user.call('POST', '/budget/top-ups', { amount_microdollars: 2_000_000 });
    expect((await user.budget()).subscription.budget_microdollars).toBe(22_000_000);
    await user.wish(asleep.id, 'resume');
    await user.call('POST', `/sessions/${asleep.id}/wake`);
    await vi.waitFor(async () => expect((await standing()).status).toBe('completed'), PATIENCE);
    expect((await user.budget()).spent_microdollars).toBe(before.spent_microdollars + 70_000);
    expect((await user.budget()).daily_budget_microdollars).toBe(1_100_000);
  });
});

describe('while the live view', () => {
  const rightAnswers = async () => {
    const { last } = await reads('/budget', 3);
    expect(last).toMatchObject({ daily_budget_microdollars: 1_000_000, spent_microdollars: 100_000 });
    return last;
  };

  it.each(['away', 'slow'] as const)('is %s, Postgres answers, soon enough', async (how) => {
    const id = await worked(100_000);
    await reads('/budget', 2);
    mood.now = how;
    await rightAnswers();
    expect((await user.call('GET', `/sessions/${id}/live`)).json.status).toBe('completed');
    const { ms } = await reads('/budget', 3);
    expect(ms).toBeLessThan(1_500);
    mood.now = 'well';
    await rightAnswers();
  });

  it('is empty, Postgres answers once, and then the view again', async () => {
    await worked(100_000);
    await reads('/budget', 2);
    await redis.flushdb();
    await rightAnswers();
    const marker = () => redis.get('circadian:recovery:0');
    await local.moveClock({ advance_ms: 1 });
    await vi.waitFor(async () => expect(await marker()).not.toBeNull(), PATIENCE);
    await reads('/budget', 2);
    expect((await reads('/budget', 20)).asked).toEqual([]);
  });

  it.each([
    ['as it was before the work', (key: string, before: string) => redis.set(key, before)],
    ['garbage', (key: string) => redis.set(key, 'Aborted')],
    ['half of itself', async (key: string) => redis.set(key, (await redis.get(key))!.slice(0, 100))],
    [
      'without its amounts',
      async (key: string) => redis.set(key, JSON.stringify({ ...JSON.parse((await redis.get(key))!), spent: 'x' })),
    ],
    ['of another type', async (key: string) => (await redis.del(key)) && redis.hset(key, { spent: '1' })],
  ])('is %s, Postgres answers, and then the view again', async (_, spoil) => {
    await user.budget();
    const before = (await redis.get(keyOf('budget')))!;
    expect(JSON.parse(before)).toMatchObject({ spent: '0' });
    await worked(100_000);
    await reads('/budget', 2);
    await spoil(keyOf('budget'), before);
    await rightAnswers();
    expect((await reads('/budget', 20)).asked).toEqual([]);
  });

  it('lies all the time, no ceiling is passed, and nothing is lost', async () => {
    const swarm = await local.person({ daily: 300_000 });
    let lying = true;
    const lies = (async () => {
      for (let n = 0; lying; n++) {
        const keys = await redis.keys('circadian:*');
        const lie = (kept: string) =>
          kept.replace(/"(spent|held|allowance|ceiling|cost)":"\d+"/g, `"$1":"${(n % 2) * 1e12}"`);
        for (const key of keys.filter((name) => /:(budget|session:[^:]+)$/.test(name))) {
          const kept = await redis.get(key).catch(() => null);
          if (kept !== null) await redis.set(key, lie(kept));
        }
        if (n % 7 === 0) await redis.flushdb();
        if (n % 5 === 0) for (const key of keys) await redis.set(key, 'not a snapshot');
        mood.now = n % 11 === 0 ? 'away' : 'well';
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      mood.now = 'well';
    })();
    const work = () => [costing(60_000, narrate()), costing(60_000, narrate()), costing(60_000, finish)];
    const sessions = await Promise.all(Array.from({ length: 8 }, () => swarm.start(work())));
    const rests = /^(completed|sleeping|budget_exceeded)$/;
    for (const { id } of sessions)
      await vi.waitFor(async () => expect((await swarm.get(id)).status).toMatch(rests), PATIENCE);
    lying = false;
    await lies;
    await local.system.invoker.drain();
    const [day] = await local.rows('select spent, held, ceiling from budget_days where user_id = $1', [swarm.id]);
    const billed = sessions.flatMap(({ bill }) => bill()).reduce((sum, line) => sum + line.cost_microdollars, 0);
    expect(billed).toBeGreaterThan(0);
    expect(billed).toBeLessThanOrEqual(Number(day.spent));
    expect(Number(day.spent) + Number(day.held)).toBeLessThanOrEqual(Number(day.ceiling));
    expect(await faults((text) => local.rows(text))).toEqual([]);
  });
});

/** The last, since it moves everybody's clock. */
describe('the budget of another day', () => {
  it('is at once another', async () => {
    await worked(100_000);
    const { date } = (await reads('/budget', 3)).last;
    for (const days of [1, 2]) {
      await local.moveClock({ advance_ms: 86_400_000 });
      const tomorrow = new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
      expect(await user.budget()).toMatchObject({ date: tomorrow, spent_microdollars: 0 });
      expect((await reads('/budget', 10)).last.date).toBe(tomorrow);
    }
  });
});
