/**
 * Real servers for tests: a new and empty PostgreSQL database, a new and empty Redis database. Without the programs on this machine
 * `hasPostgres` / `hasRedis` are false: guard with `describe.skipIf(!hasPostgres)`, and the reporter says what was skipped and why.
 * The variables DATABASE_URL and REDIS_URL are never used here, so no test can reach a database that somebody needs.
 */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { inject } from 'vitest';

export const hasPostgres: boolean = inject('servers').postgres;
export const hasRedis: boolean = inject('servers').redis;

/** The URL of a database of its own for the caller, or null where PostgreSQL is not installed. Superuser; gone when the run ends. */
export async function realPostgres(): Promise<string | null> {
  if (!hasPostgres) return null;
  const url = await ask('/postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return url.replace(/postgres$/, name);
}

/** The URL of a numbered database of its own for the caller, or null where Redis is not installed. `flushdb` is safe, `flushall` is not. */
export async function realRedis(): Promise<string | null> {
  if (!hasRedis) return null;
  const url = await ask('/redis');
  const client = new Redis(url);
  try {
    return `${url}/${await client.incr('test databases')}`;
  } finally {
    client.disconnect();
  }
}

/** For `startLocal`: the servers that this machine has. Half of the time of a local system is else the embedded database's. */
export async function installedServers(): Promise<{ databaseUrl?: string; redisUrl?: string }> {
  const [databaseUrl, redisUrl] = await Promise.all([realPostgres(), realRedis()]);
  return { ...(databaseUrl && { databaseUrl }), ...(redisUrl && { redisUrl }) };
}

async function ask(path: '/postgres' | '/redis'): Promise<string> {
  const response = await fetch(inject('servers').control + path);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
