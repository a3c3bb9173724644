/** What only servers beside the run's own rows can show: the live view in Redis, hints at the queue, deadlocks. */
import { writeFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ofSession, RECOVERY } from '../../lib/adapters/upstash/keys.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';
import { openLab } from './broken/lab.ts';
import { asleepTooLong } from './broken/scenarios/views.ts';
import { type Stage, setStage } from './broken/stage.ts';
import { violationsIn } from './checks/index.ts';
import { type Rows, type Run, runOf } from './checks/run.ts';

describe('the checkers, beside the rows', () => {
  let stage: Stage;
  let redis: Redis;
  let rows: Rows;

  beforeAll(async () => {
    stage = await setStage(hasPostgres ? await (await openLab((await realPostgres())!)).database([]) : null);
    await asleepTooLong(stage);
    redis = new Redis(stage.evidence.redisUrl);
    rows = async (text, ...values) => (await stage.pool.query(text, values)).rows;
  });
  afterAll(async () => {
    redis?.disconnect();
    await stage?.close();
  });

  const fired = async (more: Partial<Run> = {}): Promise<string[]> =>
    (await violationsIn({ ...runOf(stage.evidence, rows), ...more })).map(({ check, what }) => `${check} ${what}`);
  /** A field of a hash of Redis as it is not, for as long as the checkers look. */
  async function spoilt(key: string, field: string, value: string): Promise<string[]> {
    const kept = await redis.hgetall(key);
    await redis.hset(key, field, value);
    const found = await fired();
    await redis.del(key);
    await redis.hset(key, kept);
    return found;
  }

  const ids = () => ({ user: stage.evidence.settings.users[0]!.id, session: stage.evidence.settings.sessions[0]!.id });

  it('find nothing in a run that is as it should be', async () => {
    expect(await fired()).toEqual([]);
  });

  it('G2: a session whose live view is ahead of its journal', async () => {
    const found = await spoilt(ofSession(ids().session, 'state'), 'fence', '99');
    expect(found).toEqual([expect.stringMatching(/^G2 .* the live view is at 99\/\d+, the journal at 2\/\d+$/)]);
  });

  it('R10: a marker that lets Postgres sleep past a session that is due', async () => {
    const { session } = ids();
    const kept = await redis.mget(RECOVERY);
    await redis.mset(Object.fromEntries(RECOVERY.map((part) => [part, '1 2 0 never 0'])));
    const asleep: Rows = async (text, ...values) =>
      text.includes('order by due_at limit 1')
        ? [{ id: session, due_at: '2026-11-11', ms: '1794355200000' }]
        : rows(text, ...values);
    const found = await fired({ rows: asleep });
    await redis.mset(Object.fromEntries(RECOVERY.map((part, i) => [part, kept[i] ?? '-'])));
    expect(found).toEqual([
      expect.stringMatching(/^R10 the recovery cron lets Postgres sleep until never .* is due at 2026-11-11$/),
    ]);
  });

  describe('R10: a session that was swept twice', () => {
    const swept = async (...lines: { at: number; asked?: number }[]): Promise<string[]> => {
      const { session } = ids();
      writeFileSync(
        stage.evidence.hintsPath,
        lines.map((line) => `${JSON.stringify({ ...line, session, by: 'sweep' })}\n`).join(''),
      );
      const found = await fired();
      writeFileSync(stage.evidence.hintsPath, '');
      return found;
    };
    const at = Date.now() + 60_000;

    it('in a moment', async () => {
      expect(await swept({ at }, { at: at + 10 })).toEqual([`R10 ${ids().session} was swept twice within 10 ms`]);
    });
    it('not too soon, though the answer of the first came late', async () => {
      expect(await swept({ asked: at - 29_000, at }, { at: at + 1_000 })).toEqual([]);
    });
    it('since its user spoke in between', async () => {
      const { session } = ids();
      await rows('update agent_sessions set hint_at = clock_timestamp() where id = $1', session);
      const before = Date.now();
      await rows(`update agent_sessions set hint_at = '-infinity' where id = $1`, session);
      expect(await swept({ at: before }, { at: Date.now() + 10 })).toEqual([]);
    });
  });

  it('R3: a deadlock', async () => {
    const counted: Rows = async (text, ...values) =>
      text.includes('deadlocks') ? [{ deadlocks: '2' }] : rows(text, ...values);
    expect(await fired({ rows: counted })).toEqual(['R3 2 deadlocks: somebody took locks in another order']);
  });
});
