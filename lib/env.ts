/**
 * Configuration, read once. Every value is a plain variable of the same name; in the cloud the resource that SST has linked to the function
 * stands behind those that are secret or made by the deployment.
 */
import { Resource } from 'sst/resource';
import * as z from 'zod';
import { MODEL_COST_WEIGHTS, parsePrices, withPrices } from './budget/index.ts';
import { NEEDS } from './needs.ts';

const list = z.string().transform((text) => text.split(',').map((part) => part.trim()));
const flag = z.enum(['0', '1']).transform((value) => value === '1');

/** The price table with these prices in it; see lib/budget/price-config.ts. */
const prices = z.string().transform((json, check) => {
  try {
    return withPrices(MODEL_COST_WEIGHTS, parsePrices(json));
  } catch (error) {
    check.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

/** What a function cannot do without, if it is among its needs (lib/needs.ts). */
const Needed = z.object({
  /** Neon's connection string (pooled). */
  DATABASE_URL: z.string().min(1),
  UPSTASH_REDIS_REST_URL: z.url(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  QUEUE_URL: z.url(),
  SCHEDULE_GROUP: z.string().min(1),
  SCHEDULE_ROLE_ARN: z.string().min(1),
  WAKE_FUNCTION_ARN: z.string().min(1),
  ANTHROPIC_API_KEY: z.string().min(1),
  ADMIN_API_KEY: z.string().min(1),
});

const Settings = z.object({
  ANTHROPIC_BASE_URL: z.url().optional(),
  /** CloudWatch's namespace for the numbers in the log; left out, they are only logged. */
  METRICS_NAMESPACE: z.string().min(1).optional(),
  /** Tier → model, as `economy=claude-haiku-5-5,…`: adds to the three tiers or changes their models. */
  TIER_MODELS: list.optional(),
  /** JSON: models to add to the price table, or new prices of known ones from a day on (lib/budget/price-config.ts). */
  PRICES: prices.optional(),
  /** For reconciliation: the cost report of the Admin API, of the whole organisation or of one workspace. */
  ANTHROPIC_ADMIN_KEY: z.string().min(1).optional(),
  ANTHROPIC_WORKSPACE_ID: z.string().min(1).optional(),
  /** Tokens. All of the output is held before each call, so this is also what a crash in mid-call can cost. */
  MAX_OUTPUT_TOKENS: z.coerce.number().int().min(1).default(8_000),
  LEAST_OUTPUT_TOKENS: z.coerce.number().int().min(1).default(1_024),
  COMPACT_AT_TOKENS: z.coerce.number().int().min(1).default(100_000),
  COMPACTION: flag.default(true),
  REPETITION_GUARD: flag.default(true),
  COUNT_TOKENS: z.enum(['near', 'always']).default('near'),
  /** Milliseconds over which the sleepers of one midnight are spread. */
  WAKE_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(15 * 60_000),
});

type Needs = typeof NEEDS;
/** What a function reads: its needs, and the settings. */
export type Env<Function extends keyof Needs = 'all'> = Pick<z.infer<typeof Needed>, Needs[Function][number]> &
  z.infer<typeof Settings>;

type Variables = Record<string, string | undefined>;

/** The properties of the resource that is linked to this function, which sst.config.ts names as the variables are; of all in `sst shell`. */
const linked = (): Variables =>
  Object.assign({}, ...Object.keys(Resource).map((name) => (name.endsWith('Env') ? Reflect.get(Resource, name) : {})));

/**
 * A variable that is set counts before a linked one. Throws one sentence that names all that this function lacks or has wrong, and no
 * value: values may be secrets.
 */
export const readEnv = <Function extends keyof Needs = 'all'>(
  variables: Variables,
  of: Function = 'all' as Function,
): Env<Function> => {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '');
  const needs = Object.fromEntries(NEEDS[of].map((name) => [name, Needed.shape[name]]));
  const parsed = z.object({ ...needs, ...Settings.shape }).safeParse({ ...linked(), ...Object.fromEntries(set) });
  if (parsed.success) return parsed.data as Env<Function>;
  const faults = parsed.error.issues.map(
    (issue) =>
      `${issue.path.join('.')} ${issue.code === 'invalid_type' ? 'is missing' : `is not valid (${issue.message})`}`,
  );
  throw new Error(
    `Circadian cannot start: ${faults.join('; ')}. Set the variables, or link the resources, and start again.`,
  );
};
