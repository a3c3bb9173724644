/**
 * The composition root: the only place that reads configuration and knows which adapter stands behind which port. Nothing happens on
 * import; the first `world()` of a process builds it, and warm invocations use it again.
 */
import { createHash } from 'node:crypto';
import { anthropic } from './adapters/anthropic.ts';
import { anthropicCosts } from './adapters/anthropic-costs.ts';
import { postgresBooks } from './adapters/postgres/books.ts';
import { connect, type Sql } from './adapters/postgres/connect.ts';
import { postgres } from './adapters/postgres.ts';
import { schedulerAlarm } from './adapters/scheduler.ts';
import { sqsQueue } from './adapters/sqs.ts';
import { upstashLive } from './adapters/upstash.ts';
import { upstashBooks } from './adapters/upstash-books.ts';
import { agents, agentTools, findAgent } from './agents/index.ts';
import { isKnownModel, knownModels, MODEL_COST_WEIGHTS, usePrices } from './budget/index.ts';
import type { Policy } from './core/session.ts';
import { type Env, readEnv } from './env.ts';
import { jsonLog } from './log.ts';
import type { Books, LiveBooks, ProviderCosts, World } from './ports.ts';
import type { Step } from './steps.ts';
import { tools } from './tools/index.ts';

/** The tiers that every deployment has (DESIGN 10). */
const TIERS = { economy: 'claude-haiku-5-5', standard: 'claude-sonnet-5-5', premium: 'claude-opus-5-5' };

/** Part of the model's window at which a context is compacted, whatever its tokens. */
const COMPACT_AT_WINDOW_SHARE = 0.6;

/** What the HTTP API needs besides the ports. `adminKeyHash`: SHA-256 in hexadecimal. */
export type ApiSettings = {
  adminKeyHash: string;
  agents: string[];
  isKnownModel: (model: string) => boolean;
  knownModels: string[];
  tierModels: Record<string, string>;
};

export type Reconciling = { books: Books; liveBooks: LiveBooks; provider: ProviderCosts | null };

export type Deployment = World & { api: ApiSettings };

let built: Deployment | null = null;

/** This process's world, from its environment. Throws one sentence that names what is missing. */
export const world = (): Deployment => {
  built ??= worldFrom(readEnv(process.env));
  return built;
};

/** The bare driver, for migrations: they come before all that a world could do. Throws as `world` does. */
export const migrationSql = (): Sql => connect(readEnv(process.env).DATABASE_URL).sql;

/** What reconciliation needs. Throws as `world` does. */
export const reconciling = (): Reconciling => {
  const env = readEnv(process.env);
  const { ANTHROPIC_ADMIN_KEY: adminKey, ANTHROPIC_WORKSPACE_ID: workspaceId, ANTHROPIC_BASE_URL: baseURL } = env;
  return {
    books: postgresBooks(connect(env.DATABASE_URL)),
    liveBooks: upstashBooks({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN }),
    provider: adminKey ? anthropicCosts({ adminKey, workspaceId, baseURL }) : null,
  };
};

/** Puts the environment's prices in force, before anything of this process can be priced. `step`: where faults are made on purpose. */
export const worldFrom = (env: Env, step?: Step): Deployment => {
  usePrices(env.PRICES ?? MODEL_COST_WEIGHTS);
  return build(env, step);
};

const build = (env: Env, step?: Step): Deployment => ({
  ...postgres(env.DATABASE_URL),
  queue: sqsQueue({ queueUrl: env.QUEUE_URL }),
  alarm: schedulerAlarm({
    groupName: env.SCHEDULE_GROUP,
    roleArn: env.SCHEDULE_ROLE_ARN,
    targetArn: env.WAKE_FUNCTION_ARN,
  }),
  live: upstashLive({ url: env.UPSTASH_REDIS_REST_URL, token: env.UPSTASH_REDIS_REST_TOKEN }),
  model: anthropic({ apiKey: env.ANTHROPIC_API_KEY, baseURL: env.ANTHROPIC_BASE_URL, step }),
  tools: tools(agentTools),
  clock: { elapsed: () => performance.now() },
  log: jsonLog(env.METRICS_NAMESPACE),
  policy: policyOf(env),
  agent: (name) => findAgent(name)?.spec ?? null,
  ...(step && { step }),
  api: {
    adminKeyHash: createHash('sha256').update(env.ADMIN_API_KEY).digest('hex'),
    agents: agents.map(({ name }) => name),
    isKnownModel,
    knownModels: knownModels(),
    tierModels: { ...TIERS, ...tierModels(env.TIER_MODELS ?? []) },
  },
});

const policyOf = (env: Env): Policy => ({
  maxOutputTokens: env.MAX_OUTPUT_TOKENS,
  leastOutputTokens: env.LEAST_OUTPUT_TOKENS,
  compactAtTokens: env.COMPACT_AT_TOKENS,
  compactAtWindowShare: COMPACT_AT_WINDOW_SHARE,
  compaction: env.COMPACTION,
  repetitionGuard: env.REPETITION_GUARD,
  countTokens: env.COUNT_TOKENS,
  wakeWindowMs: env.WAKE_WINDOW_MS,
});

const tierModels = (pairs: string[]): Record<string, string> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [tier = '', model = ''] = pair.split('=');
      if (!tier || !isKnownModel(model))
        throw new Error(`TIER_MODELS: ${pair} is not TIER=MODEL with a model that has a price.`);
      return [tier, model];
    }),
  );
