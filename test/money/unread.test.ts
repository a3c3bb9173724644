/** A live view that is behind by what nobody has looked at since: reconciliation names the true cause, and writes it anew. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresBooks } from '../../lib/adapters/postgres/audit.ts';
import { upstashBooks } from '../../lib/adapters/upstash/audit.ts';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { type LocalRedis, startRedis } from '../../lib/local/redis.ts';
import { type LocalUpstash, startUpstash } from '../../lib/local/upstash.ts';
import { reconcile } from '../../lib/ops/reconcile.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { requests, START } from '../postgres/steps.ts';
import { KIND } from './kit.ts';

describe(`a view that nobody has looked at since (${KIND} Postgres)`, () => {
  let db: TestDatabase;
  let redis: LocalRedis;
  let upstash: LocalUpstash;
  let peek: Redis;
  let user: string;
  beforeAll(async () => {
    db = await testDatabase(KIND);
    redis = await startRedis();
    upstash = await startUpstash({ redisUrl: redis.url });
    peek = new Redis(redis.url);
  });
  afterAll(async () => {
    peek?.disconnect();
    await upstash?.close();
    await redis?.close();
    await db?.close();
  });
  beforeEach(async () => {
    await db.empty();
    await db.setNow(START);
    await peek.flushdb();
    user = await requests(db).user();
    await requests(db).today(user);
    await compared(true);
  });

  const compared = async (repair: boolean) => {
    const needs = { books: postgresBooks(db.database), liveBooks: upstashBooks(upstash), provider: null };
    return (await reconcile(needs, { repair, today: '2026-11-10' })).findings;
  };

  it.each([
    ['a top-up', () => db.database.call('top_up', user, '5000000', 'today', randomUUID(), 'f')],
    ['new terms', () => db.database.call('put_user', user, JSON.stringify({ budget: '42000000' }))],
  ])('is behind by %s, and no mirror is said to be lost', async (_, act) => {
    expect(await compared(false)).toEqual([]);
    const live = upstashLive(upstash);
    const mark = { userId: user, op: randomUUID() };
    await live.open(null, Date.now() + 60_000, mark);
    await act();
    await live.close(mark, true);
    expect(await compared(true)).toMatchObject([
      { kind: 'live_day', cause: expect.stringMatching(/nobody has asked for it since/), repaired: true },
    ]);
    expect(await compared(false)).toEqual([]);
    await peek.hset(`circadian:user:${user}:day`, 'spent', '9');
    expect(await compared(false)).toMatchObject([{ cause: expect.stringMatching(/a mirror was lost/) }]);
  });
});
