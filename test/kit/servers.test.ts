import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { hasPostgres, hasRedis, realPostgres, realRedis } from './servers.ts';

describe.skipIf(!hasPostgres)('real PostgreSQL', () => {
  const query = async (url: string, sql: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  it('gives every caller an empty database of its own', async () => {
    const [one, two] = await Promise.all([realPostgres(), realPostgres()]);
    await query(one!, 'create table mine (n int)');
    const tables = `select count(*)::int as n from information_schema.tables where table_schema = 'public'`;
    expect(await query(one!, tables)).toEqual([{ n: 1 }]);
    expect(await query(two!, tables)).toEqual([{ n: 0 }]);
  });
});

describe.skipIf(!hasRedis)('real Redis', () => {
  it('gives every caller an empty database of its own', async () => {
    const clients = (await Promise.all([realRedis(), realRedis()])).map((url) => new Redis(url!));
    try {
      await clients[0]!.set('mine', '1');
      expect(await clients[0]!.dbsize()).toBe(1);
      expect(await clients[1]!.dbsize()).toBe(0);
    } finally {
      for (const client of clients) client.disconnect();
    }
  });
});

it('names nothing that the machine lacks', async () => {
  expect((await realPostgres()) === null).toBe(!hasPostgres);
  expect((await realRedis()) === null).toBe(!hasRedis);
});
