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
import { agents, agentTools, findAgent } from './agents/index.ts';
import { type Effort, isKnownModel, knownModels, MODEL_COST_WEIGHTS, usePrices } from './budget/index.ts';
import { type Env, readEnv, secretValues } from './config/env.ts';
import { commaSeparated } from './config/forms.ts';
import { served, tierEfforts, tierModels, tierNumbers } from './config/tiers.ts';
import { effortAsked } from './core/effort.ts';
import { leastOfFirstCall } from './core/first-call.ts';
import type { Policy } from './core/session.ts';
import { jwtVerifier } from './http/auth/jwt.ts';
import type { AgentChoice, SessionDefaults } from './http/deps.ts';
import { jsonLog } from './observe/log.ts';
import { discreetLive, discreetLog, discreetSessions, type Redact, redactor } from './observe/redact.ts';
import type {
  Audit,
  Evidence,
  Live,
  LiveAudit,
  Log,
  NewSession,
  ProviderCosts,
  ProviderUsage,
  World,
} from './ports/index.ts';
import type { Limiter } from './ports/rate-limiter.ts';
import { tools } from './tools/index.ts';

/** The tiers that every deployment has. */
const TIERS = { economy: 'claude-haiku-5-5', standard: 'claude-sonnet-5-5', premium: 'claude-opus-5-5' };

/** Effort of the tiers' sessions: what a tier pays for is thought as much as the model. */
const TIER_EFFORT: Record<string, Effort> = { economy: 'low', standard: 'medium', premium: 'high' };

/** Part of the model's window at which a context is compacted, whatever its tokens. */
const COMPACT_AT_WINDOW_SHARE = 0.6;

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
  limiter: Limiter;
  jwt: ((token: string) => Promise<string>) | undefined;
  corsOrigins: readonly string[] | undefined;
  notifyLoopback: boolean;
  paymentSecrets: string[];
  frontSecret: string | undefined;
};

export type Reconciling = { audit: Audit; liveAudit: LiveAudit; provider: ProviderCosts | null; log: Log } & {
  evidence: Evidence;
  usage: ProviderUsage | null;
  live: Live;
};

/** Everything, for a process that is all functions at once. */
export type Deployment = World & { api: ApiSettings };

const built = new Map<string, unknown>();

/** What warm invocations use again. */
function once<T>(name: string, build: () => T): T {
  if (!built.has(name)) built.set(name, build());
  return built.get(name) as T;
}

// The world of each function, from its environment: what it has no need of, it neither builds nor asks for (lib/config/). Each throws one
// sentence that names what is missing.

export const iterateWorld = (): World => once('iterate', () => build(readEnv(process.env, 'iterate')));

export const apiWorld = () =>
  once('api', () => {
    const env = readEnv(process.env, 'api');
    inForce(env);
    const ports = postgres(env.DATABASE_URL, env.USER_DATABASE_URL);
    return { ...ports, queue: queue(env), live: live(env), log: log(env), ...apiSettings(env) };
  });

export const wakeWorld = () =>
  once('wake', () => {
    const env = readEnv(process.env, 'wake');
    const { sweeper, alerts } = postgres(env.DATABASE_URL, undefined, env.KEEP_ENDED_DAYS);
    return { sweeper, alerts, webhook: receivers(env), queue: queue(env), live: live(env), log: log(env) };
  });

export const deadLetterWorld = () =>
  once('deadLetter', () => {
    const env = readEnv(process.env, 'deadLetter');
    return { sweeper: postgres(env.DATABASE_URL).sweeper, log: log(env) };
  });

/**
 * The bare driver, for migrations: they come before all that a world could do. Wrong settings of the other functions are refused here, too. So
 * a deployment fails at its first step and not when the API is asked.
 */
export function migrationSql(variables = process.env): Sql {
  const env = readEnv(variables, 'migrate');
  inForce(env);
  served(tiersOf(env).tierModels);
  policyOf(env);
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

/** The whole world. */
export function worldFrom(env: Env): Deployment {
  const deployment = { ...build(env), api: apiSettings(env) };
  served(deployment.api.tierModels);
  return deployment;
}

/** Before anything of this process can be priced. */
const inForce = (env: Env<'migrate'>): void => usePrices(env.PRICES ?? MODEL_COST_WEIGHTS);

const receivers = (env: Env<'migrate'>) => webhook({ loopback: env.NOTIFY_LOOPBACK });
const queue = (env: Pick<Env<'wake'>, 'QUEUE_URL'>) => sqsQueue({ queueUrl: env.QUEUE_URL });
const live = (env: Env<'reconcile'>) =>
  upstashLive({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN });
/** Of the secrets that this function was given: it has no others. */
const redactorOf = (env: Env<'migrate'>): Redact => redactor(secretValues(env));
const log = (env: Env<'migrate'>) => discreetLog(jsonLog(env.METRICS_NAMESPACE), redactorOf(env));

function build(env: Env<'iterate'>): World {
  inForce(env);
  const redact = redactorOf(env);
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
    tools: tools(agentTools),
    clock: { elapsed: () => performance.now() },
    log: log(env),
    policy: { ...policyOf(env), account: accountOf(env.ANTHROPIC_API_KEY) },
    agent: (name) => findAgent(name)?.spec ?? null,
  };
}

const apiSettings = (env: Env<'api'>): ApiSettings => ({
  adminKeyHash: createHash('sha256').update(env.ADMIN_API_KEY).digest('hex'),
  agents: agents.map(({ name, description, tools }) => ({ name, description, tools })),
  defaultsOf: defaultsOf(env),
  isKnownModel,
  knownModels: knownModels(),
  ...tiersOf(env),
  firstStepCost: firstStepCost(policyOf(env)),
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
  paymentSecrets: env.PAYMENTS_WEBHOOK_SECRET ? commaSeparated(env.PAYMENTS_WEBHOOK_SECRET) : [],
  frontSecret: env.FRONT_SECRET,
});

/** Of an agent that this deployment has. */
const firstStepCost =
  (policy: Policy): ApiSettings['firstStepCost'] =>
  (userId, { share: _, metadata: __, agent: name, ...session }) => {
    const agent = findAgent(name)?.spec ?? { name, system: '', tools: [] };
    return leastOfFirstCall({ ...session, userId, agent, wakePolicy: 'auto' }, policy, Date.now());
  };

function defaultsOf(env: Env<'api'>): ApiSettings['defaultsOf'] {
  const policy = policyOf(env);
  const models = new Map(Object.entries(tiersOf(env).tierModels));
  return (name, tier) => {
    const spec = findAgent(name)?.spec;
    const model = models.get(tier) ?? null;
    return {
      model,
      effort: model === null ? null : effortAsked(model, spec?.effort, policy.tierEffort[tier]),
      maxOutputTokens: spec?.maxOutputTokens ?? policy.maxOutputTokens,
    };
  };
}

/** Throws one sentence for a pair that is wrong. */
const tiersOf = (env: Env<'migrate'>) => ({
  tierModels: { ...TIERS, ...tierModels(env.TIER_MODELS ?? []) },
  tierBudgets: Object.fromEntries(
    Object.entries(tierNumbers('TIER_BUDGETS', env.TIER_BUDGETS ?? [], 0)).map(([tier, budget]) => [
      tier,
      BigInt(budget),
    ]),
  ),
  tierSessions: tierNumbers('TIER_SESSIONS', env.TIER_SESSIONS ?? [], 1),
});

/** Undefined: API keys only. */
function jwtOf(env: Env<'api'>): ApiSettings['jwt'] {
  const { JWT_JWKS_URL: jwksUrl, JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_ALGORITHMS: algorithms } = env;
  if (!jwksUrl || !issuer || !audience || !algorithms) return undefined;
  const { JWT_USER_CLAIM: userClaim, JWT_CLOCK_TOLERANCE: clockToleranceSeconds } = env;
  return jwtVerifier({ jwksUrl, issuer, audience, algorithms, userClaim, clockToleranceSeconds });
}

/**
 * Tells accounts of the provider apart without giving a key away. A new key of the same account counts as another one: its sessions think
 * anew once.
 */
const accountOf = (key: string): string => createHash('sha256').update(`account ${key}`).digest('hex').slice(0, 16);

const policyOf = (env: Env<'migrate'>): Policy => ({
  maxOutputTokens: env.MAX_OUTPUT_TOKENS,
  tierEffort: { ...TIER_EFFORT, ...tierEfforts(env.TIER_EFFORT ?? []) },
  leastOutputTokens: env.LEAST_OUTPUT_TOKENS,
  compactAtTokens: env.COMPACT_AT_TOKENS,
  compactAtWindowShare: COMPACT_AT_WINDOW_SHARE,
  compaction: env.COMPACTION,
  repetitionGuard: env.REPETITION_GUARD,
  countTokens: env.COUNT_TOKENS,
  inferenceGeo: env.INFERENCE_GEO,
  wakeWindowMs: env.WAKE_WINDOW_MS,
});
