/** What a local system can be told. `npm start` reads it from the environment; tests and tools pass it. */
import { StartError } from './start-error.ts';

/** `what`: the SQL statements, the Redis commands, the action of SQS, the method and path of the scheduler; each as it was sent. */
export type CloudRequest = { service: 'postgres' | 'upstash' | 'sqs' | 'scheduler'; what: string };

/**
 * `waitedMs`: from the message's sending to its delivery. `from`: when it was delivered, by the process's own clock; `ms`: until the function
 * had answered.
 */
export type Invocation = { sessionId: string; waitedMs: number; from: number; ms: number; failed: boolean };

export type LocalOptions = {
  /** 3000; 0 is any free one. */
  port?: number;
  /** Null keeps nothing. */
  dataDir?: string | null;
  /** Real servers instead of the embedded ones. */
  databaseUrl?: string;
  redisUrl?: string;
  /** Where the model is; left out, a model server is started that plays an agent. */
  model?: { apiKey: string; baseUrl?: string };
  /** Left out: generated, and kept in the data directory. */
  adminKey?: string;
  /** Where the clock of a new data directory starts, milliseconds. */
  startAt?: number;
  /** Most iterations at a time. */
  concurrency?: number;
  /** Another iterate function than functions/iterate, for tools that play other agents: `path/module.export`. */
  iterateHandler?: string;
  /** Added to the environment of all functions; see lib/env.ts. */
  env?: Record<string, string>;
  /** One line of a function's log, or whatever else it printed. */
  onLog?: (line: string) => void;
  /** Every request to the services of the local cloud, as it comes in; for those who count. */
  onRequest?: (request: CloudRequest) => void;
  /** Every iteration's invocation when it is over, for those who measure. */
  onInvocation?: (invocation: Invocation) => void;
  /** Pause between the model server's events, milliseconds, for people who watch. */
  modelDelayMs?: number;
};

const portOf = (text: string): number => {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new StartError(`PORT is ${text}, which is no port: set it to a number from 0 (any free one) to 65535.`);
};

const instantOf = (text: string): number => {
  const at = Date.parse(text);
  if (Number.isFinite(at) && /^\d{4}-\d\d-\d\d/.test(text)) return at;
  throw new StartError(
    `NOW is ${text}, which is no ISO 8601 instant: set it as in 2026-11-10T08:00:00Z, or not at all.`,
  );
};

/** Deployment settings that are handed to the functions as they are. */
const PASSED = [
  ...[
    'TIER_MODELS',
    'TIER_BUDGETS',
    'TIER_SESSIONS',
    'TIER_EFFORT',
    'INFERENCE_GEO',
    'MAX_OUTPUT_TOKENS',
    'LEAST_OUTPUT_TOKENS',
    'COMPACT_AT_TOKENS',
    'COMPACTION',
    'REPETITION_GUARD',
  ],
  ...[
    'COUNT_TOKENS',
    'WAKE_WINDOW_MS',
    'KEEP_ENDED_DAYS',
    'PRICES',
    'REQUESTS_PER_MINUTE',
    'STREAMS_PER_USER',
    'FAILED_KEYS_PER_MINUTE',
  ],
  ...['PAYMENTS_WEBHOOK_SECRET', 'NOTIFY_LOOPBACK'],
  ...['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALGORITHMS', 'JWT_USER_CLAIM', 'JWT_CLOCK_TOLERANCE'],
];

/** Throws `StartError` with a sentence on what is wrong. An empty variable counts as none. */
export const readOptions = (variables: Record<string, string | undefined>): LocalOptions & { sample: boolean } => {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value)) as Record<
    string,
    string | undefined
  >;
  const { PORT, DATA_DIR = '.circadian', NOW, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } = given;
  return {
    port: portOf(PORT ?? '3000'),
    dataDir: DATA_DIR === 'memory' ? null : DATA_DIR,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
    ...(ANTHROPIC_API_KEY && { model: { apiKey: ANTHROPIC_API_KEY, baseUrl: ANTHROPIC_BASE_URL } }),
    adminKey: given.ADMIN_API_KEY,
    ...(NOW && { startAt: instantOf(NOW) }),
    env: Object.fromEntries(PASSED.flatMap((name) => (given[name] ? [[name, given[name]]] : []))),
    sample: given.SAMPLE !== '0',
  };
};
