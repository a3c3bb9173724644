/**
 * The rig: real PostgreSQL and Redis, each behind a TCP proxy; the wire-compatible endpoints in front of them, each behind an HTTP proxy
 * that can lose replies; the queue, the scheduler, the provider and the sink. Everything it starts it ends.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { connect } from '../../../lib/adapters/postgres/connect.ts';
import { postgres as postgresPorts } from '../../../lib/adapters/postgres/index.ts';
import { rawTypes, startNeon } from '../../../lib/local/neon.ts';
import { startScheduler } from '../../../lib/local/scheduler.ts';
import { startSqs } from '../../../lib/local/sqs.ts';
import { startUpstash } from '../../../lib/local/upstash.ts';
import { migrateUp } from '../../../lib/ops/migrate.ts';
import { postgresFolder, startPostgres, startRedis } from '../../kit/daemons.ts';
import { applySql } from '../broken/apply.ts';
import { bundleWorker } from '../bundle.ts';
import { installRecorder } from '../checks/recorder.ts';
import { DATABASE_LOG, DEADLOCK } from '../checks/rules.ts';
import type { Variant } from '../evidence.ts';
import { quicken, scaledSource } from '../scale.ts';
import { type Clock, openClock } from './clock.ts';
import { COMPACTION, smallerContexts } from './context.ts';
import { type Asked, type Dependency, type Fate, startGate } from './gate.ts';
import { startTcpGate } from './tcp.ts';
import { startWitnesses } from './witnesses.ts';

export type Rig = Awaited<ReturnType<typeof buildRig>>;

type Options = {
  seed: number;
  variant: Variant | null;
  fate: (asked: Asked) => Fate;
  /** An alarm rang. */
  onAlarm: () => void;
  /** Its clock does not leap (scale.ts). */
  steady: boolean;
};

/** Whatever was started before a failure is stopped again. */
export async function startRig(options: Options): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const rig = await buildRig(options, stack);
  const running = stack.move();
  return { ...rig, close: () => running.disposeAsync() };
}

async function buildRig({ seed, variant, steady, fate, onAlarm }: Options, stack: AsyncDisposableStack) {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-faults-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const logDir = join(folder, 'logs');
  mkdirSync(logDir);
  const claimsPath = join(folder, 'claims.jsonl');
  writeFileSync(claimsPath, '');

  const bin = postgresFolder();
  if (!bin) throw new Error('PostgreSQL is not installed');
  const serverLog = join(logDir, DATABASE_LOG);
  const postgres = await startPostgres(bin, false, (line) => {
    if (line.includes(DEADLOCK)) appendFileSync(serverLog, `${line}\n`);
  });
  stack.defer(() => postgres.stop());
  const redis = await startRedis();
  stack.defer(() => redis.stop());
  const postgresGate = await startTcpGate(Number(new URL(postgres.url).port));
  stack.defer(() => postgresGate.close());
  const redisGate = await startTcpGate(Number(new URL(redis.url).port));
  stack.defer(() => redisGate.close());

  const admin = await migrated(postgres.url, variant, steady);
  stack.defer(() => admin.end());
  const direct = new Redis(redis.url);
  stack.defer(() => direct.disconnect());

  const through = postgres.url.replace(/:\d+\//, `:${postgresGate.port}/`);
  const pool = new pg.Pool({ connectionString: through, max: 40, types: rawTypes } as pg.PoolConfig);
  pool.on('error', () => {});
  stack.defer(() => pool.end());
  const neon = await startNeon({ pool });
  stack.defer(() => neon.close());
  const upstash = await startUpstash({ redisUrl: `redis://127.0.0.1:${redisGate.port}` });
  stack.defer(() => upstash.close());
  const sqs = await startSqs({ visibilitySeconds: 10 });
  stack.defer(() => sqs.close());
  let clock: Clock | null = null;
  const scheduler = await startScheduler({ now: () => clock?.now() ?? Date.now(), deliver: async () => onAlarm() });
  stack.defer(() => scheduler.close());
  clock = await openClock(admin, () => void scheduler.fireDue().catch(() => {}));
  const witnesses = await startWitnesses(folder, seed);
  stack.defer(() => witnesses.close());

  const gate = async (dependency: Dependency, target: string, headers = {}) => {
    const opened = await startGate({ dependency, target, fate, headers });
    stack.defer(() => opened.close());
    return opened.url;
  };
  const urls = {
    postgres: await gate('postgres', neon.url.replace('postgresql:', 'http:')),
    upstash: await gate('upstash', upstash.url, { authorization: `Bearer ${upstash.token}` }),
    sqs: await gate('sqs', sqs.endpoint),
    scheduler: await gate('scheduler', scheduler.endpoint),
    model: await gate('model', witnesses.modelUrl),
    sink: await gate('sink', witnesses.sinkUrl),
  };
  const worker = await bundleWorker(folder, [...scaledSource(), ...smallerContexts(), ...(variant?.source ?? [])]);

  /** What a worker of this name gets for lib/config/env.ts and the SDKs: every client leads through the proxies, and says who it is. */
  const environmentOf = (name: string): Record<string, string> => {
    const database = new URL(neon.url);
    database.port = new URL(urls.postgres).port;
    database.searchParams.set('application_name', name);
    return {
      ...{ DATABASE_URL: database.href, UPSTASH_REDIS_REST_URL: urls.upstash, UPSTASH_REDIS_REST_TOKEN: name },
      ...{ QUEUE_URL: urls.sqs + new URL(sqs.queueUrl).pathname, AWS_ENDPOINT_URL_SQS: urls.sqs },
      ...{ AWS_ENDPOINT_URL_SCHEDULER: urls.scheduler, AWS_REGION: 'us-east-1' },
      ...{ AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: 'local' },
      ...{ SCHEDULE_GROUP: 'wake', SCHEDULE_ROLE_ARN: 'arn:aws:iam::000000000000:role/wake' },
      WAKE_FUNCTION_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:wake',
      ...{ ANTHROPIC_BASE_URL: `${urls.model}/${name}`, ANTHROPIC_API_KEY: CANARIES[0]!, ADMIN_API_KEY: CANARIES[1]! },
      ...{ MAX_OUTPUT_TOKENS: '1200', LEAST_OUTPUT_TOKENS: '400', WAKE_WINDOW_MS: '60000', ...COMPACTION },
      ...{ SINK_URL: urls.sink, WORKER: name, TZ: 'UTC', NODE_COMPILE_CACHE: join(folder, 'compiled') },
    };
  };
  return {
    ...{
      folder,
      logDir,
      claimsPath,
      worker,
      environmentOf,
      witnesses,
      clock,
      admin,
      redis: direct,
      sqs,
      postgresGate,
      redisGate,
    },
    /** Past every proxy, for the harness itself. */
    ...{
      ports: postgresPorts(neon.url),
      database: connect(neon.url),
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      upstash,
    },
    close: async () => {},
  };
}

/** Values that must never show up in events, logs or checkpoints. */
export const CANARIES = ['sk-ant-canary-4b1d0f8c6e', 'admin-canary-93ab5172fd'];

async function migrated(url: string, variant: Variant | null, steady: boolean): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: 4, types: rawTypes } as pg.PoolConfig);
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  const neon = await startNeon({ pool });
  await migrateUp(connect(neon.url).sql, sqlRoot());
  await neon.close();
  const query = (text: string, values?: unknown[]) => pool.query(text, values);
  await installRecorder(query);
  await applySql(query, variant?.sql ?? []);
  await quicken(pool, { steady });
  return pool;
}

const sqlRoot = (): string | undefined => {
  const folder = process.env.SQL_ROOT;
  return folder && existsSync(folder) ? folder : undefined;
};
