/**
 * Configuration, read once. Every value is a plain variable of the same name; in the cloud the resource that SST has linked to the function
 * stands behind those that are secret or made by the deployment.
 */
import { Resource } from 'sst/resource';
import * as z from 'zod';
import { MODEL_COST_WEIGHTS, parsePrices, withPrices } from './budget/index.ts';
import { NEEDS } from './needs.ts';

const list = z.string().transform((text) => text.split(',').map((part) => part.trim()));
const ASYMMETRIC = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ');
/** Over TLS, or to this machine. */
const isPrivate = (url: string): boolean => /^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(url);
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

export const secretsIn = (text: string): string[] => text.split(',').map((secret) => secret.trim());

/** Of secrets that somebody chooses himself; shorter ones could be guessed, and would not be kept out of the log (lib/observe/redact.ts). */
const LEAST_SECRET = 16;

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
  ADMIN_API_KEY: z.string().min(LEAST_SECRET, `must be at least ${LEAST_SECRET} characters`),
});

/** What may be left out. What of these a deployment hands on is in lib/infra/told.ts. */
export const Settings = z.object({
  ANTHROPIC_BASE_URL: z.url().optional(),
  /** CloudWatch's namespace for the numbers in the log; left out, they are only logged. */
  METRICS_NAMESPACE: z.string().min(1).optional(),
  /** Tier → model, as `economy=claude-haiku-5-5,…`: adds to the three tiers or changes their models. */
  TIER_MODELS: list.optional(),
  /** Tier → microdollars per cycle of a new user for whom the operator names no amount, as `economy=20000000,…`. */
  TIER_BUDGETS: list.optional(),
  /** Tier → most sessions of one user that have not ended, as `economy=3,…`; a tier left out has no limit. */
  TIER_SESSIONS: list.optional(),
  /** Tier → effort of its sessions, as `economy=low,…`, where neither they nor their agent say one. */
  TIER_EFFORT: list.optional(),
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
  /** Where calls are served: `us` costs a tenth more (pricing page, October 2026). */
  INFERENCE_GEO: z.enum(['global', 'us']).default('global'),
  /** Milliseconds over which the sleepers of one midnight are spread. */
  WAKE_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(15 * 60_000),
  /** Days after which ended sessions lose their messages, journal and files; result, cost and ledger stay. Left out: never. */
  KEEP_ENDED_DAYS: z.coerce.number().int().min(1).max(36_500).optional(),
  /** Of each API key, and open streams of each user; 0: no limit. They let everybody through while Redis is away. */
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(0).default(600),
  STREAMS_PER_USER: z.coerce.number().int().min(0).default(20),
  /** Of keys that nobody knows, from one address; 0: no limit, as behind CloudFront, where many share one. */
  FAILED_KEYS_PER_MINUTE: z.coerce.number().int().min(0).default(60),
  /** An identity provider whose tokens stand for a user's key (lib/http/auth/jwt.ts): all of the four, or none. */
  JWT_JWKS_URL: z.url().refine(isPrivate, 'must be https').optional(),
  JWT_ISSUER: z.string().min(1).optional(),
  JWT_AUDIENCE: z.string().min(1).optional(),
  /** Only of keys that nobody but the provider can sign with. */
  JWT_ALGORITHMS: list.pipe(z.array(z.enum(ASYMMETRIC)).min(1)).optional(),
  /** The claim that is the user's id. */
  JWT_USER_CLAIM: z.string().min(1).default('sub'),
  /** The database again, by a login that may see one user at a time only (lib/adapters/postgres/tenant.ts): what persons ask for goes there. */
  PERSONS_DATABASE_URL: z.string().min(1).optional(),
  /** Who signs with one of these (comma-separated, while one replaces another) may say that a payment came in. Left out: nobody may. */
  PAYMENTS_WEBHOOK_SECRET: z
    .string()
    .refine(
      (text) => secretsIn(text).every((secret) => secret.length >= LEAST_SECRET),
      `must be at least ${LEAST_SECRET} characters each`,
    )
    .optional(),
  /** Whether notices may be sent to this very machine by plain http. For localhost only: no deployment hands it on. */
  NOTIFY_LOOPBACK: flag.default(false),
  /** Lambda's own, here only so that they are kept out of what is written down. */
  AWS_SECRET_ACCESS_KEY: z.string().optional(),
  AWS_SESSION_TOKEN: z.string().optional(),
  /** Seconds by which the provider's clock and ours may differ. */
  JWT_CLOCK_TOLERANCE: z.coerce.number().int().min(0).max(60).default(30),
});

const JWT = ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALGORITHMS'] as const;

/** A half configured identity provider would be one whose tokens are half checked. */
const wholeJwt = (env: object, check: z.core.$RefinementCtx): void => {
  const missing = JWT.filter((name) => Reflect.get(env, name) === undefined);
  if (missing.length === JWT.length) return;
  for (const name of missing)
    check.addIssue({ code: 'custom', path: [name], message: 'missing, but others of JWT_… are set' });
};

/** Whose values are never written down (lib/observe/redact.ts). */
export const SECRETS = [
  ...([
    'DATABASE_URL',
    'UPSTASH_REDIS_REST_TOKEN',
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_ADMIN_KEY',
    'ADMIN_API_KEY',
  ] as const),
  ...(['PERSONS_DATABASE_URL', 'PAYMENTS_WEBHOOK_SECRET', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const),
];

/** All of them that this function was given, those of a list one by one. */
export const secretValues = (env: object): string[] =>
  SECRETS.flatMap((name) => {
    const value: string | undefined = Reflect.get(env, name);
    if (value === undefined) return [];
    return name === 'PAYMENTS_WEBHOOK_SECRET' ? secretsIn(value) : [value];
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
  const parsed = z
    .object({ ...needs, ...Settings.shape })
    .superRefine(wholeJwt)
    .safeParse({ ...linked(), ...Object.fromEntries(set) });
  if (parsed.success) return parsed.data as Env<Function>;
  const faults = parsed.error.issues.map(
    (issue) =>
      `${issue.path.join('.')} ${issue.code === 'invalid_type' ? 'is missing' : `is not valid (${issue.message})`}`,
  );
  throw new Error(
    `Circadian cannot start: ${faults.join('; ')}. Set the variables, or link the resources, and start again.`,
  );
};
