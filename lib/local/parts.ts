/** The moving parts of a local system, put together in the order in which they need each other. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../agents/config.ts';
import type { Log } from '../ports/index.ts';
import type { Deployment } from '../world.ts';
import { startApi } from './api.ts';
import { type LocalClock, openClock } from './clock.ts';
import type { Cloud } from './cloud.ts';
import type { DataDir } from './data-dir.ts';
import { BURY_TIMEOUT_MS, functionsOf, ITERATE_TIMEOUT_MS } from './functions.ts';
import type { LambdaFunction } from './lambda/function.ts';
import { type Invoker, startInvoker } from './lambda/invoker.ts';
import type { StreamingHandler } from './lambda/streaming.ts';
import { lineCutter } from './lines.ts';
import { player } from './model/player/player.ts';
import { type ModelServer, startModelServer } from './model/server.ts';
import { LOCAL_DEFAULTS, type LocalOptions } from './options.ts';
import { type Poller, startPoller } from './poller.ts';
import type { SqsEvent } from './poller-event.ts';
import { startScheduler } from './scheduler.ts';
import { startTime, type Time } from './time.ts';
import { timed } from './timed.ts';

export type Parts = {
  world: Deployment;
  handler: StreamingHandler;
  clock: LocalClock;
  invoker: Invoker;
  model: ModelServer | null;
  time: Time;
};

/** `config` has been checked; `toolSecrets`: the variables of its tools' secrets. */
export type Definitions = { config: Config; toolSecrets: Record<string, string> };

type Given = { options: LocalOptions; definitions: Definitions } & {
  dataDir: DataDir;
  cloud: Cloud;
  adminKey: string;
  log: Log;
};

const CONCURRENCY = 4;
/** What iterations under way are given to come to their end when the system stops. */
const GRACE_MS = 2_000;
const ROLE_ARN = 'arn:aws:iam::000000000000:role/circadian-scheduler';
const WAKE_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:wake';

export async function startParts(given: Given, stack: AsyncDisposableStack): Promise<Parts> {
  const { options, definitions, dataDir, cloud, adminKey, log } = given;
  const database = cloud.pool;
  // The clock is in the database, which a function migrates, whose environment names what tells the time by the clock.
  let clock: LocalClock | null = null;
  const now = () => clock?.now() ?? Date.now();

  const model = options.model ? null : await startModel(given, now);
  stack.defer(() => model?.close());
  const scheduler = await startScheduler({
    now,
    onRequest: (what) => options.onRequest?.({ service: 'scheduler', what }),
    deliver: async ({ Input }) => void (await invoker.invoke('wake', JSON.parse(Input ?? '{}'))),
  });
  stack.defer(() => scheduler.close());
  const env = { ...cloud.env, ...ownEnv(scheduler.endpoint, adminKey), ...modelEnv(options, model), ...options.env };
  const functions = await functionsOf({
    ...{ env, toolSecrets: definitions.toolSecrets, iterateHandler: options.iterateHandler },
    concurrency: options.concurrency ?? CONCURRENCY,
  });
  const invoker = startFunctions(options, functions);
  stack.defer(() => invoker.close());

  await invoker.invoke('migrate', {});
  await database.query('select void_leases()');
  clock = await openClock({ database, dataDir: dataDir.path, startAt: options.startAt ?? null });
  const { world, handler } = startApi(env, definitions.config, log);
  const pollers = startPollers(cloud, invoker, options);
  const time = startTime({
    clock,
    database,
    invoker,
    pollers,
    fireDue: scheduler.fireDue,
    forget: forgetting(database, world.live),
  });
  stack.defer(async () => {
    time.close();
    await Promise.race([Promise.all([invoker.pause(), ...pollers.map((poller) => poller.pause())]), delay(GRACE_MS)]);
    await Promise.all([invoker.close(), ...pollers.map((poller) => poller.close())]);
  });
  return { world, handler, clock, invoker, model, time };
}

/** The live view has no list of users: the database has. */
const forgetting = (database: Cloud['pool'], live: Deployment['live']) => async () => {
  const { rows } = await database.query('select user_id from user_settings');
  await Promise.all(rows.map(({ user_id }) => live.forget(String(user_id)).catch(() => {})));
};

const startModel = ({ options, dataDir }: Given, now: () => number): Promise<ModelServer> =>
  startModelServer({
    player,
    now,
    billPath: dataDir.path && join(dataDir.path, 'bill.jsonl'),
    delayMs: options.modelDelayMs ?? 0,
  });

const ownEnv = (schedulerEndpoint: string, adminKey: string) => ({
  AWS_ENDPOINT_URL_SCHEDULER: schedulerEndpoint,
  SCHEDULE_GROUP: 'circadian',
  SCHEDULE_ROLE_ARN: ROLE_ARN,
  WAKE_FUNCTION_ARN: WAKE_ARN,
  ...LOCAL_DEFAULTS,
  ADMIN_API_KEY: adminKey,
});

function modelEnv({ model }: LocalOptions, server: ModelServer | null): Record<string, string> {
  const baseUrl = server?.url ?? model?.baseUrl;
  return { ANTHROPIC_API_KEY: model?.apiKey ?? 'local', ...(baseUrl && { ANTHROPIC_BASE_URL: baseUrl }) };
}

function startFunctions({ onLog = () => {} }: LocalOptions, functions: LambdaFunction[]): Invoker {
  const cutters = new Map<string, (text: string) => void>();
  return startInvoker({
    functions,
    retryDelaysMs: [1_000, 5_000],
    onOutput: (name, text) => {
      const cut = cutters.get(name) ?? lineCutter(onLog);
      cutters.set(name, cut);
      cut(text);
    },
    onFailure: (name, error) =>
      onLog(
        JSON.stringify({ level: 'error', message: `${name} failed`, error: error.errorType, cause: error.message }),
      ),
  });
}

function startPollers({ sqs }: Cloud, invoker: Invoker, options: LocalOptions): Poller[] {
  const { endpoint, region } = sqs;
  const { concurrency = CONCURRENCY, onInvocation } = options;
  const deliverTo = (name: string) => async (event: SqsEvent) => {
    const answer = await invoker.invoke(name, event);
    return answer.type === 'buffered' ? answer.payload : null;
  };
  const iterate = deliverTo('iterate');
  const work = { queueUrl: sqs.queueUrl, queueArn: sqs.queueArn, timeoutMs: ITERATE_TIMEOUT_MS };
  const dead = { queueUrl: sqs.deadLetterUrl, queueArn: sqs.deadLetterArn, timeoutMs: BURY_TIMEOUT_MS };
  return [
    startPoller({
      endpoint,
      region,
      ...work,
      maxConcurrency: concurrency,
      deliver: onInvocation ? timed(iterate, onInvocation) : iterate,
    }),
    startPoller({ endpoint, region, ...dead, maxConcurrency: 1, deliver: deliverTo('deadLetter') }),
  ];
}
