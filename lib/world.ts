/**
 * The composition root: the only place that reads configuration and knows which adapter stands behind which port. Nothing happens on
 * import; the first invocation of a process builds its world, and warm ones use it again.
 */
import { createHash } from 'node:crypto';
import { anthropicCosts } from './adapters/anthropic/cost-report.ts';
import { anthropic } from './adapters/anthropic/index.ts';
import { anthropicUsage } from './adapters/anthropic/usage-report.ts';
import { sqsLetters } from './adapters/aws/dead-letters.ts';
import { sqsQueue } from './adapters/aws/queue.ts';
import { schedulerAlarm } from './adapters/aws/scheduler.ts';
import { postgresAudit } from './adapters/postgres/audit.ts';
import { connect, type Sql } from './adapters/postgres/connect.ts';
import { postgresEvidence } from './adapters/postgres/evidence.ts';
import { postgres } from './adapters/postgres/index.ts';
import { postgresRedriver } from './adapters/postgres/redriver.ts';
import { upstashAudit } from './adapters/upstash/audit.ts';
import { upstashLive } from './adapters/upstash/live.ts';
import { upstashLimiter } from './adapters/upstash/rate-limiter.ts';
import { webhook } from './adapters/webhook.ts';
import { approvalsOf } from './agents/approvals.ts';
import { type Catalog, catalogOf } from './agents/catalog.ts';
import { defaultsOf, firstStepCost } from './agents/choices.ts';
import { type Config, secretNames } from './agents/config.ts';
import { specFor } from './agents/define.ts';
import { isKnownModel, knownModels, MODEL_COST_WEIGHTS, usePrices } from './budget/index.ts';
import { type Env, readEnv, readToolSecrets, secretValues } from './config/env.ts';
import { stripeOf } from './config/stripe.ts';
import { served, tiersOf } from './config/tiers.ts';
import type { ScheduleDeps } from './engine/schedules.ts';
import { described, facilitiesOf, mcpOf } from './facilities.ts';
import { jwtVerifier } from './http/auth/jwt.ts';
import type { AgentChoice, Ordering, SessionDefaults, StripeAccess } from './http/deps.ts';
import { jsonLog } from './observe/log.ts';
import { discreetLive, discreetLog, discreetSessions, type Redact, redactor } from './observe/redact.ts';
import { accountOf, policyOf } from './policy.ts';
import type {
  Audit,
  Evidence,
  Live,
  LiveAudit,
  Log,
  NewSession,
  Operator,
  Payments,
  ProviderCosts,
  ProviderUsage,
  Schedules,
  Triggers,
  World,
} from './ports/index.ts';
import type { Limiter } from './ports/rate-limiter.ts';
import { tools } from './tools/index.ts';
import { tracingOf } from './tracing.ts';

/** What the HTTP API needs besides the ports. `adminKeyHash`: SHA-256 in hexadecimal. */
export type ApiSettings = {
  adminKeyHash: string;
  agents: AgentChoice[];
  defaultsOf: (agent: string, tier: string) => SessionDefaults;
  isKnownModel: (model: string) => boolean;
  knownModels: string[];
  tierModels: Record<string, string>;
  tierBudgets: Record<string, bigint>;
  tierSessions: Record<string, number>;
  firstStepCost: (userId: string, session: NewSession) => { possible: bigint; enough: bigint };
  credentials: readonly string[];
  mcpServers: readonly string[];
  limiter: Limiter;
  jwt: ((token: string) => Promise<string>) | undefined;
  corsOrigins: readonly string[] | undefined;
  notifyLoopback: boolean;
  stripe: StripeAccess | undefined;
  frontSecret: string | undefined;
};

export type Reconciling = { audit: Audit; liveAudit: LiveAudit; provider: ProviderCosts | null; log: Log } & {
  evidence: Evidence;
  usage: ProviderUsage | null;
  live: Live;
};

/** Everything, for a process that is all functions at once. */
export type Deployment = Wide & { api: ApiSettings };
type Wide = World & Schedules & { triggers: Triggers; operator: Operator; payments: Payments };

const built = new Map<string, unknown>();

/** What warm invocations use again. */
function once<T>(name: string, build: () => T): T {
  if (!built.has(name)) built.set(name, build());
  return built.get(name) as T;
}

// The world of each function, from its environment: what it has no need of, it neither builds nor asks for (lib/config/). Each throws one
// sentence that names what is missing.

export const iterateWorld = (config: Config): World =>
  once('iterate', () =>
    build(readEnv(process.env, 'iterate'), config, readToolSecrets(process.env, secretNames(config))),
  );

export const apiWorld = (config: Config) =>
  once('api', () => {
    const env = readEnv(process.env, 'api');
    inForce(env);
    const catalog = catalogOf(config, { isKnownModel, secret: null }, described(env));
    const ports = postgres(env.DATABASE_URL, env.USER_DATABASE_URL);
    return { ...ports, queue: queue(env), live: live(env), log: log(env), ...apiSettings(env, config, catalog) };
  });

/** `templates`: what resolves the templates of schedules; loaded here, it would weigh on the cold start of every function. */
export const wakeWorld = (config: Config, templates: Templates) =>
  once('wake', () => {
    const env = readEnv(process.env, 'wake');
    const ports = postgres(env.DATABASE_URL, undefined, env.KEEP_ENDED_DAYS);
    const { sweeper, outbox, schedules, accounts } = ports;
    const order = ordering(templates, () => {
      inForce(env);
      return {
        accounts,
        ...orderSettings(env, config, catalogOf(config, { isKnownModel, secret: null }, described(env))),
      };
    });
    const sending = { outbox, webhook: receivers(env), queue: queue(env), live: live(env), log: log(env) };
    return { sweeper, schedules, order, ...sending, tracing: tracingOf(env, ports.traces) };
  });

type Templates = () => Promise<Pick<typeof import('./http/templates.ts'), 'orderRun'>>;

/** What a run of a schedule starts. What it takes is loaded and made with the first one: most sweeps have none. */
function ordering(templates: Templates, made: () => Ordering): ScheduleDeps['order'] {
  let deps: Ordering | null = null;
  return async (schedule, dueAt) => {
    const { orderRun } = await templates();
    deps ??= made();
    return orderRun(deps, schedule, dueAt);
  };
}

export const deadLetterWorld = () =>
  once('deadLetter', () => {
    const env = readEnv(process.env, 'deadLetter');
    return { sweeper: postgres(env.DATABASE_URL).sweeper, log: log(env) };
  });

/**
 * The bare driver, for migrations: they come before all that a world could do. Wrong settings and definitions of the other functions are
 * refused here, too. So a deployment fails at its first step and not when the API is asked.
 */
export function migrationSql(config: Config, variables = process.env): Sql {
  const env = readEnv(variables, 'migrate');
  inForce(env);
  catalogOf(config, { isKnownModel, secret: null }, described(env));
  served(tiersOf(env, config).tierModels, config);
  policyOf(env, config);
  return connect(env.DATABASE_URL).sql;
}

/** What `npm run redrive` needs. `variables`: the environment, where it is not this process's. */
export function redriving(variables = process.env) {
  const env = readEnv(variables, 'redrive');
  return {
    redriver: postgresRedriver(connect(env.DATABASE_URL)),
    letters: sqsLetters({ queueUrl: env.QUEUE_URL }),
    queue: queue(env),
  };
}

/** `variables`: the environment, where it is not this process's. */
export function reconciling(variables = process.env): Reconciling {
  const env = readEnv(variables, 'reconcile');
  const { ANTHROPIC_ADMIN_KEY: adminKey, ANTHROPIC_WORKSPACE_ID: workspaceId, ANTHROPIC_BASE_URL: baseURL } = env;
  inForce(env);
  const database = connect(env.DATABASE_URL);
  return {
    audit: postgresAudit(database),
    evidence: postgresEvidence(database),
    live: live(env),
    usage: adminKey ? anthropicUsage({ adminKey, workspaceId, baseURL }) : null,
    liveAudit: upstashAudit({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN }),
    provider: adminKey ? anthropicCosts({ adminKey, workspaceId, baseURL }) : null,
    log: log(env),
  };
}

/** The whole world. `secrets`: of the tools, by name; null: this process runs none. */
export function worldFrom(env: Env, config: Config = {}, secrets: ToolSecrets | null = null): Deployment {
  const world = build(env, config, secrets);
  const catalog = catalogOf(config, { isKnownModel, secret: null }, described(env));
  const deployment = { ...world, api: apiSettings(env, config, catalog) };
  served(deployment.api.tierModels, config);
  return deployment;
}

type ToolSecrets = ReadonlyMap<string, string>;

/** Before anything of this process can be priced. */
const inForce = (env: Env<'migrate'>): void => usePrices(env.PRICES ?? MODEL_COST_WEIGHTS);

const receivers = (env: Env<'migrate'>) => webhook({ loopback: env.NOTIFY_LOOPBACK });
const queue = (env: Pick<Env<'wake'>, 'QUEUE_URL'>) => sqsQueue({ queueUrl: env.QUEUE_URL });
const live = (env: Env<'reconcile'>) =>
  upstashLive({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN });
/** Of the secrets that this function was given: it has no others. */
const redactorOf = (env: Env<'migrate'>, secrets: ToolSecrets = new Map()): Redact =>
  redactor([...secretValues(env), ...secrets.values()]);
const log = (env: Env<'migrate'>, redact = redactorOf(env)) => discreetLog(jsonLog(env.METRICS_NAMESPACE), redact);

function build(env: Env<'iterate'>, config: Config, secrets: ToolSecrets | null): Wide {
  inForce(env);
  const redact = redactorOf(env, secrets ?? undefined);
  const secret = secrets && ((name: string) => secrets.get(name));
  const catalog = catalogOf(
    config,
    { isKnownModel, secret },
    facilitiesOf(env, { secrets, redact, log: log(env, redact), credentials: config.credentials ?? [] }),
  );
  const ports = postgres(env.DATABASE_URL, env.USER_DATABASE_URL, env.KEEP_ENDED_DAYS);
  return {
    ...ports,
    sessions: discreetSessions(ports.sessions, redact),
    webhook: receivers(env),
    queue: queue(env),
    timer: schedulerAlarm({
      groupName: env.SCHEDULE_GROUP,
      roleArn: env.SCHEDULE_ROLE_ARN,
      targetArn: env.WAKE_FUNCTION_ARN,
    }),
    live: discreetLive(live(env), redact),
    model: anthropic({ apiKey: env.ANTHROPIC_API_KEY, baseURL: env.ANTHROPIC_BASE_URL }),
    tools: tools(catalog.tools),
    asks: approvalsOf(config),
    mcp: mcpOf(env, { redact, secret: (name) => secrets?.get(name), servers: config.mcp ?? [] }),
    clock: { elapsed: () => performance.now() },
    log: log(env, redact),
    policy: { ...policyOf(env, config), account: accountOf(env.ANTHROPIC_API_KEY) },
    agent: (name, web) => {
      const found = catalog.find(name);
      return found && specFor(found, web ?? null);
    },
  };
}

/** What tells whether a session may be had here, and with what. */
const orderSettings = (env: Env<'migrate'>, config: Config, catalog: Catalog) => ({
  agents: catalog.agents.map(({ name, description, model, tools }) => ({ name, description, model, tools })),
  credentials: (config.credentials ?? []).map(({ secret }) => secret),
  mcpServers: (config.mcp ?? []).map(({ name }) => name),
  isKnownModel,
  knownModels: knownModels(),
  ...tiersOf(env, config),
  firstStepCost: firstStepCost(catalog, policyOf(env, config)),
});

const apiSettings = (env: Env<'api'>, config: Config, catalog: Catalog): ApiSettings => ({
  adminKeyHash: createHash('sha256').update(env.ADMIN_API_KEY).digest('hex'),
  ...orderSettings(env, config, catalog),
  defaultsOf: defaultsOf(catalog, policyOf(env, config), tiersOf(env, config).tierModels),
  limiter: upstashLimiter({
    url: env.UPSTASH_REDIS_REST_URL,
    token: env.UPSTASH_REDIS_REST_TOKEN,
    requestsPerMinute: env.REQUESTS_PER_MINUTE,
    streamsPerUser: env.STREAMS_PER_USER,
    failuresPerMinute: env.FAILED_KEYS_PER_MINUTE,
  }),
  jwt: jwtOf(env),
  corsOrigins: env.CORS_ORIGINS,
  notifyLoopback: env.NOTIFY_LOOPBACK,
  stripe: stripeOf(env, tiersOf(env, config).paidPlans),
  frontSecret: env.FRONT_SECRET,
});

/** Undefined: API keys only. */
function jwtOf(env: Env<'api'>): ApiSettings['jwt'] {
  const { JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_ALGORITHMS: algorithms } = env;
  if (!jwksUrl || !issuer || !audience || !algorithms) return undefined;
  const { JWT_USER_CLAIM: userClaim, JWT_CLOCK_TOLERANCE: clockToleranceSeconds } = env;
  return jwtVerifier({ jwksUrl, issuer, audience, algorithms, userClaim, clockToleranceSeconds });
}
