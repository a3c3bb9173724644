/** Outages: PostgreSQL and Redis are cut off, fall silent, crash, forget, or remember what is long past. */
import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick } from './random.ts';
import type { Stage } from './stage.ts';

type Saved = { key: string; bytes: Buffer; ttl: number }[];

const note = ({ record }: Stage, mode: string, took = true) =>
  record.fault({ mode, step: null, session: null, worker: null, took });

/** Every 5 to 10 s for 0 to 2 s: cut off, silent, or crashed (a backend is killed, so that the whole server recovers from its log). */
export async function postgresMonkey(stage: Stage, on: () => boolean): Promise<void> {
  const { random, rig } = stage;
  while (on()) {
    await resting(between(random, 5_000, 10_000), on);
    if (!on()) return;
    const how = pick(random, ['shut', 'shut', 'freeze', 'crash'] as const);
    if (how === 'crash') await crash(stage);
    else await outage(stage, how, between(random, 0, 2_000));
  }
  rig.postgresGate.open();
}

export async function outage(stage: Stage, how: 'shut' | 'freeze', ms: number): Promise<void> {
  const { postgresGate } = stage.rig;
  postgresGate[how]();
  note(stage, how === 'shut' ? 'postgres_stopped' : 'postgres_silent');
  await sleep(ms);
  postgresGate.open();
}

/** As after an out-of-memory kill. The server ends all sessions, replays its log and goes on. */
async function crash(stage: Stage): Promise<void> {
  const { admin } = stage.rig;
  const { rows } = await admin.query<{ pid: string }>('select pg_backend_pid() as pid');
  process.kill(Number(rows[0]!.pid), 'SIGKILL');
  note(stage, 'postgres_crashed');
  for (let tries = 0; tries < 100; tries++) {
    await sleep(100);
    const up = await admin.query('select 1').then(
      () => true,
      () => false,
    );
    if (up) return;
  }
  throw new Error('PostgreSQL did not come back');
}

/** Every 5 to 10 s: Redis cut off for 0 to 2 s, flushed, or put back to what it was a while ago. */
export async function redisMonkey(stage: Stage, on: () => boolean): Promise<void> {
  const { random, rig } = stage;
  let past: Saved = [];
  while (on()) {
    await resting(between(random, 5_000, 10_000), on);
    if (!on()) return;
    const how = pick(random, ['stop', 'flush', 'stale'] as const);
    if (how === 'flush') {
      await rig.redis.flushdb();
      note(stage, 'redis_flushed');
    } else if (how === 'stale') {
      const now = await picture(stage);
      await putBack(stage, past);
      note(stage, 'redis_stale', past.length > 0);
      past = now;
    } else {
      rig.redisGate.shut();
      note(stage, 'redis_stopped');
      await sleep(between(random, 0, 2_000));
      rig.redisGate.open();
    }
  }
}

async function picture({ rig: { redis } }: Stage): Promise<Saved> {
  const keys = await redis.keys('circadian:*');
  const found = await Promise.all(
    keys.map(async (key) => ({ key, bytes: await redis.dumpBuffer(key), ttl: Math.max(0, await redis.pttl(key)) })),
  );
  return found.flatMap(({ key, bytes, ttl }) => (bytes ? [{ key, bytes, ttl }] : []));
}

async function putBack({ rig: { redis } }: Stage, past: Saved): Promise<void> {
  await redis.flushdb();
  await Promise.all(past.map(({ key, bytes, ttl }) => redis.restore(key, ttl, bytes, 'REPLACE')));
}

async function resting(ms: number, on: () => boolean): Promise<void> {
  for (const until = Date.now() + ms; on() && Date.now() < until; ) await sleep(50);
}
