/**
 * The whole system on localhost: the cloud's services on loopback, the functions as child processes, the API in this process. The parts
 * of production know nothing of it: they get an environment that leads here.
 */
import type { Log } from '../ports/index.ts';
import type { Deployment } from '../world.ts';
import { adminKeyOf, DEVELOPER, developerKey } from './account.ts';
import type { Database, LocalClock } from './clock.ts';
import { clockRoute } from './clock-route.ts';
import { CREDENTIALS, startCloud } from './cloud.ts';
import { openDataDir } from './data-dir.ts';
import { checkedSecrets, loadDefinitions } from './definitions.ts';
import { DIARY_PATH, diaryRoute } from './diary.ts';
import './disposable.ts';
import { type Front, type LocalRoute, startFront } from './front.ts';
import type { Invoker } from './lambda/invoker.ts';
import type { ModelServer } from './model/server.ts';
import type { LocalOptions } from './options.ts';
import { startParts } from './parts.ts';
import { StartError } from './start-error.ts';

export type LocalSystem = {
  url: string;
  adminKey: string;
  /** Of the user `userId`, who has a budget. */
  apiKey: string;
  userId: string;
  clock: LocalClock;
  /** As `POST /local/clock` does. */
  moveClock(at: number): Promise<number>;
  world: Deployment;
  /** The database by its wire protocol, every value as text. */
  database: Database;
  invoker: Invoker;
  /** Null where `options.model` names another. */
  model: ModelServer | null;
  /** Stops everything and every process; what is under way goes on at the next start. */
  close(): Promise<void>;
};

/** Thirty days of a dollar; with the stand-in, whose calls cost nothing real, so little that the sample (21 cents) meets its allowance. */
const DEVELOPER_DAYS = 30;
const DEVELOPER_BUDGET = 30_000_000n;
const STAND_IN_BUDGET = 6_000_000n;

/** Throws `StartError` with a sentence for what a user can mend. Whatever was started before a failure is stopped again. */
export async function startLocal(options: LocalOptions = {}): Promise<LocalSystem> {
  const config = options.config ?? (await loadDefinitions());
  const toolSecrets = checkedSecrets(config, options.toolSecrets ?? process.env, options.env?.PRICES);
  await using stack = new AsyncDisposableStack();
  const dataDir = openDataDir(options.dataDir ?? null);
  stack.defer(() => dataDir.close());
  const adminKey = adminKeyOf(dataDir, options.adminKey);

  // The port first: that it is taken should be known before anything is begun. Requests wait until all is there.
  const ready = Promise.withResolvers<Served>();
  ready.promise.catch(() => undefined);
  const log = logOf(options.onLog);
  const front = await openFront(options.port ?? 0, ready.promise, log);
  stack.defer(() => front.close());
  stack.defer(() => ready.reject(new StartError('Circadian is stopping.')));

  const cloud = await startCloud({ ...options, dataDir: dataDir.path }, stack);
  // For the API in this process, whose SDK asks the environment. Its queue is named by a URL that leads to the right system anyway.
  Object.assign(process.env, CREDENTIALS, { AWS_ENDPOINT_URL_SQS: cloud.sqs.endpoint });
  const { world, clock, time, handler, ...parts } = await startParts(
    { options, definitions: { config, toolSecrets }, dataDir, cloud, adminKey, log },
    stack,
  );
  const budget = options.model ? DEVELOPER_BUDGET : STAND_IN_BUDGET;
  const start = { now: clock.now(), budget, days: DEVELOPER_DAYS };
  const apiKey = await developerKey(world.accounts, dataDir, start);
  const ofUser = { CIRCADIAN_URL: front.url, CIRCADIAN_API_KEY: apiKey, CIRCADIAN_ADMIN_KEY: adminKey };
  dataDir.keep('env', variablesOf({ ...cloud.env, ...ofUser }));
  const ofClock = clockRoute({ now: clock.now, move: time.move });
  const local: LocalRoute = (method, path, body) => (path === DIARY_PATH ? diaryRoute : ofClock)(method, path, body);
  ready.resolve({ handler, local });
  // Once more, and so first of all: nobody is served any more while the parts stop.
  stack.defer(() => front.close());

  const running = stack.move();
  const moveClock = async (at: number) => {
    const body = Buffer.from(JSON.stringify({ now: new Date(at).toISOString() }));
    const { now } = (await local('POST', '/local/clock', body)) as { now: string };
    return Date.parse(now);
  };
  return {
    ...{ url: front.url, adminKey, apiKey, userId: DEVELOPER, clock, moveClock, world },
    ...{ database: cloud.pool, ...parts },
    close: () => running.disposeAsync(),
  };
}

/** For programs beside it, which look at its data or ask its API, in the form of an `.env` file; valid for as long as it runs. */
const variablesOf = (env: Record<string, string>): string =>
  [
    ...['DATABASE_URL', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN', 'QUEUE_URL'],
    ...['AWS_ENDPOINT_URL_SQS', ...Object.keys(CREDENTIALS)],
    ...['CIRCADIAN_URL', 'CIRCADIAN_API_KEY', 'CIRCADIAN_ADMIN_KEY'],
  ]
    .map((name) => `${name}='${env[name]}'\n`)
    .join('');

type Served = Pick<Parameters<typeof startFront>[0], 'handler' | 'local'>;

async function openFront(port: number, served: Promise<Served>, log: Log): Promise<Front> {
  try {
    return await startFront({
      port,
      handler: async (...call) => (await served).handler(...call),
      local: async (...call) => (await served).local(...call),
      onError: (error) => log({ level: 'error', message: 'request failed', error: String(error) }),
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new StartError(`Port ${port} is in use. Stop what listens there, or set PORT to another (0: any free one).`);
  }
}

const logOf =
  (onLog: LocalOptions['onLog']): Log =>
  (line) =>
    onLog?.(
      JSON.stringify({ ...line, function: 'api' }, (_key, value) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    );
