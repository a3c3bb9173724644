/** The options of a local system. `npm start` reads them from the environment; tests and tools pass them. */
import type { Config } from '../agents/config.ts';
import { missingForSearch } from '../config/search.ts';
import { SETTINGS, type Setting } from '../config/settings.ts';
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
  /** Agents and tools; left out: circadian.config.ts. Others need an `iterateHandler` that has the same ones. */
  config?: Config;
  /** Has the values of the tools' secrets, as `TOOL_SECRET_…`; left out: this process's environment. */
  toolSecrets?: Record<string, string | undefined>;
  /** Added to the environment of all functions; see lib/config/settings.ts. */
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

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new StartError(`PORT is ${text}, which is no port: set it to a number from 0 (any free one) to 65535.`);
}

function instantOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isFinite(at) && /^\d{4}-\d\d-\d\d/.test(text)) return at;
  throw new StartError(
    `NOW is ${text}, which is no ISO 8601 instant: set it as in 2026-11-10T08:00:00Z, or not at all.`,
  );
}

/** The variables of `npm start` itself, for docs/configuration.md. Those without a default may be left out. */
export const START_OPTIONS = {
  PORT: { form: 'port; `0` is any free one', default: '3000', description: 'Where the API listens, on 127.0.0.1.' },
  DATA_DIR: {
    form: 'folder',
    default: '.circadian',
    description: 'Where all data is kept. `memory` keeps nothing.',
  },
  DATABASE_URL: { form: 'URL', description: 'A Postgres server to use instead of the embedded one.' },
  REDIS_URL: { form: 'URL', description: 'A Redis server to use instead of the embedded one.' },
  ANTHROPIC_API_KEY: {
    form: 'text',
    description: 'Lets Claude think, on your account. Without it, a local stand-in plays the model.',
    secret: true,
  },
  ANTHROPIC_BASE_URL: {
    form: 'URL',
    description: 'Address of the Messages API. Read together with `ANTHROPIC_API_KEY`.',
  },
  ADMIN_API_KEY: {
    form: 'at least 16 characters',
    description: "The operator's key. Without it, one is made and kept in the data directory.",
    secret: true,
  },
  NOW: {
    form: 'ISO 8601 instant, as in 2026-11-10T08:00:00Z',
    description: 'Where the clock of a new data directory starts. Without it, now.',
  },
  SAMPLE: { form: '`0` or `1`', default: '1', description: '`0` starts no sample session.' },
  LOG: { form: '`all`', description: 'Shows every log line of the functions. Without it, only warnings and errors.' },
} as const satisfies Record<string, { form: string; default?: string; description: string; secret?: true }>;

/**
 * Settings that differ on localhost unless the environment sets them. A program on the same machine may ask often: the usual limits are for
 * strangers.
 */
export const LOCAL_DEFAULTS = { WAKE_WINDOW_MS: '0', REQUESTS_PER_MINUTE: '6000', FAILED_KEYS_PER_MINUTE: '6000' };

/**
 * The stand-in's replies are short, and its sample lives on a few cents. With the usual limit, a crash in mid-call could cost a whole day's
 * allowance. The sample reads a page of this machine; the stand-in asks for nothing that its plan does not name.
 */
export const STAND_IN_DEFAULTS = { MAX_OUTPUT_TOKENS: '3000', TOOLS_LOOPBACK: '1' };

/** The settings that `npm start` passes to the functions. */
const PASSED = Object.entries<Setting>(SETTINGS).flatMap(([name, { passedBy }]) =>
  passedBy?.includes('start') ? [name] : [],
);

/** Throws `StartError` with a sentence on what is wrong. An empty variable counts as none. */
export function readOptions(variables: Record<string, string | undefined>): LocalOptions & { sample: boolean } {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value)) as Record<
    string,
    string | undefined
  >;
  const { PORT, DATA_DIR, NOW, ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL } = given;
  const dataDir = DATA_DIR ?? START_OPTIONS.DATA_DIR.default;
  return {
    port: portOf(PORT ?? START_OPTIONS.PORT.default),
    dataDir: dataDir === 'memory' ? null : dataDir,
    databaseUrl: given.DATABASE_URL,
    redisUrl: given.REDIS_URL,
    ...(ANTHROPIC_API_KEY && { model: { apiKey: ANTHROPIC_API_KEY, baseUrl: ANTHROPIC_BASE_URL } }),
    adminKey: given.ADMIN_API_KEY,
    ...(NOW && { startAt: instantOf(NOW) }),
    env: Object.fromEntries(PASSED.flatMap((name) => (given[name] ? [[name, given[name]]] : []))),
    sample: given.SAMPLE !== '0',
  };
}

/** Throws `StartError` for the first setting of the environment that no function could use, before anything is started. */
export function checkSettings(variables: Record<string, string | undefined>): void {
  for (const name of [...PASSED, 'ADMIN_API_KEY']) {
    const { schema, secret } = (SETTINGS as Record<string, Setting>)[name]!;
    const value = variables[name];
    const fault = value ? schema.safeParse(value).error?.issues[0]?.message : undefined;
    if (fault === undefined) continue;
    throw new StartError(
      `${name} is ${secret ? 'set to what' : `${value}, which`} cannot be used: ${fault}. Set it otherwise, or not at all. Nothing was started.`,
    );
  }
  if (variables.RUN_CODE === 'e2b' && !variables.E2B_API_KEY)
    throw new StartError(
      'RUN_CODE is e2b, and E2B_API_KEY is missing: set the key, or leave RUN_CODE out. Nothing was started.',
    );
  const missing = missingForSearch(variables, { runsTools: true });
  if (missing)
    throw new StartError(
      `SEARCH_SERVICE is ${variables.SEARCH_SERVICE}, which needs ${missing}: set it, or leave SEARCH_SERVICE out. Nothing was started.`,
    );
}

/** What `npm start -- --help` prints. */
export function help(): string {
  const rows = Object.entries(START_OPTIONS).map(([name, option]) => {
    const usual = 'default' in option ? ` (${option.default})` : '';
    return `  ${name.padEnd(19)}${option.description.replaceAll('`', '')}${usual}`;
  });
  return [
    'npm start runs the whole system on this machine until Ctrl-C. It takes no arguments, but these variables:',
    '',
    ...rows,
    '',
    'Every setting of docs/configuration.md that a deployment takes is read as well, and so are the secrets of your tools (TOOL_SECRET_…).',
  ].join('\n');
}

/** Throws `StartError` for arguments. True: help is asked for. */
export function asksForHelp(args: string[]): boolean {
  if (args.length === 0) return false;
  if (args.every((arg) => arg === '--help' || arg === '-h')) return true;
  throw new StartError(
    `npm start takes no arguments, and was given ${args.join(' ')}. \`npm start -- --help\` lists its variables.`,
  );
}
