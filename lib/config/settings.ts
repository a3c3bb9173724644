/**
 * The settings: every variable that a function of the product reads, each in one row. Derived from these rows are:
 * - what a function requires (required.ts);
 * - what a function reads and keeps out of its log (env.ts);
 * - what a deployment passes on (lib/infra/options.ts);
 * - what `npm start` passes on (lib/local/options.ts);
 * - docs/configuration.md (`npm run docs`).
 */
import * as z from 'zod';
import {
  algorithms,
  flag,
  headerKey,
  origins,
  ownSecret,
  ownSecrets,
  prices,
  privateUrl,
  text,
  tiers,
  whole,
} from './forms.ts';
import { SEARCH } from './search.ts';
import { EVERY, LIVE, PASSED, QUEUE, READERS, type Setting } from './setting.ts';
import { SURROUNDINGS } from './surroundings.ts';
import { TRACES } from './traces.ts';

export type { FunctionName, Setting } from './setting.ts';

const REQUIRED = {
  DATABASE_URL: {
    schema: text,
    description: 'Connection string of the Postgres database, through its connection pool.',
    secret: true,
    requiredBy: EVERY,
    madeAt: 'Neon',
    sstSecret: 'NeonUrl',
  },
  UPSTASH_REDIS_REST_URL: {
    schema: z.url(),
    description: 'REST address of the Redis database at Upstash.',
    requiredBy: LIVE,
    madeAt: 'Upstash',
    sstSecret: 'UpstashUrl',
  },
  UPSTASH_REDIS_REST_TOKEN: {
    schema: text,
    description: 'REST token of the Redis database at Upstash.',
    secret: true,
    requiredBy: LIVE,
    madeAt: 'Upstash',
    sstSecret: 'UpstashToken',
  },
  QUEUE_URL: {
    schema: z.url(),
    description: 'Address of the SQS queue of wake-up messages.',
    requiredBy: QUEUE,
    madeAt: 'AWS',
  },
  SCHEDULE_GROUP: {
    schema: text,
    description: 'Name of the group of one-time schedules at EventBridge Scheduler.',
    requiredBy: ['iterate'],
    madeAt: 'AWS',
  },
  SCHEDULE_ROLE_ARN: {
    schema: text,
    description: 'Role by which a schedule starts the function `wake`.',
    requiredBy: ['iterate'],
    madeAt: 'AWS',
  },
  WAKE_FUNCTION_ARN: {
    schema: text,
    description: 'The function `wake`, as schedules name it.',
    requiredBy: ['iterate'],
    madeAt: 'AWS',
  },
  ANTHROPIC_API_KEY: {
    schema: text,
    description: 'Key of the Messages API. Its account pays for the model calls.',
    secret: true,
    requiredBy: ['iterate'],
    sstSecret: 'AnthropicApiKey',
  },
  ADMIN_API_KEY: {
    schema: ownSecret,
    description: "The operator's key, for the routes under `/v1/admin`.",
    secret: true,
    requiredBy: ['api'],
    sstSecret: 'AdminApiKey',
  },
} as const satisfies Record<string, Setting>;

const OPTIONAL_SECRETS = {
  ANTHROPIC_ADMIN_KEY: {
    schema: text.optional(),
    description: "Key of Anthropic's Admin API. With it, reconciliation reads the provider's cost and usage reports.",
    secret: true,
    readBy: ['reconcile'],
    sstSecret: 'AnthropicAdminKey',
  },
  ANTHROPIC_WORKSPACE_ID: {
    schema: text.optional(),
    description: 'Limits those reports to one workspace. Without it they cover the whole organisation.',
    readBy: ['reconcile'],
    sstSecret: 'AnthropicWorkspaceId',
  },
  USER_DATABASE_URL: {
    schema: text.optional(),
    description:
      "The same database by a login that sees one user at a time. The API runs users' requests there; without it, through `DATABASE_URL`.",
    secret: true,
    readBy: ['api'],
    sstSecret: 'UserDatabaseUrl',
  },
  E2B_API_KEY: {
    schema: text.optional(),
    description:
      'Key of E2B, whose machines `run_code` rents. Its account pays for them. Needed where `RUN_CODE` is `e2b`.',
    secret: true,
    readBy: ['iterate'],
    passedBy: ['start'],
    sstSecret: 'E2bApiKey',
  },
  STRIPE_WEBHOOK_SECRET: {
    schema: ownSecrets.optional(),
    description:
      "Signing secret of the endpoint at Stripe that tells of payments (docs/payments.md). Without it the API takes no events of Stripe's.",
    secret: 'list',
    readBy: ['api'],
    passedBy: ['start'],
    sstSecret: 'StripeWebhookSecret',
  },
  SEARCH_API_KEY: {
    schema: headerKey.optional(),
    description:
      'Key of the search service, where `SEARCH_SERVICE` is `brave` or `tavily`. Its account pays for the searches.',
    secret: true,
    readBy: ['iterate'],
    passedBy: ['start'],
    sstSecret: 'SearchApiKey',
  },
} as const satisfies Record<string, Setting>;

const RUNTIME = {
  TIER_MODELS: {
    schema: tiers('MODEL'),
    description: 'Models of the tiers. Changes the models of `economy`, `standard` and `premium`, or adds tiers.',
    ...PASSED,
  },
  TIER_BUDGETS: {
    schema: tiers('MICRODOLLARS'),
    description: 'Budget per cycle of a new user of a tier, where the operator names none.',
    ...PASSED,
  },
  TIER_SESSIONS: {
    schema: tiers('NUMBER'),
    description: 'Most sessions of one user that have not ended. A tier left out has no limit.',
    ...PASSED,
  },
  TIER_EFFORT: {
    schema: tiers('EFFORT'),
    description: "Effort of a tier's sessions, where neither the session nor its agent names one.",
    ...PASSED,
  },
  TIER_STRIPE_PRICES: {
    schema: tiers('PRICE'),
    description:
      'Which tier a subscription at Stripe pays for, by the id of its price. Name a tier again for each further price.',
    ...PASSED,
  },
  STRIPE_MODE: {
    schema: z.enum(['live', 'test']).default('live'),
    description: "Whose events count: those of Stripe's live mode, or those of its test mode, in which no money moves.",
    ...PASSED,
  },
  PRICES: {
    schema: prices.optional(),
    description: 'Adds models to the price table, or gives known models new prices from a day on.',
    readBy: [...READERS, 'reconcile'],
    passedBy: PASSED.passedBy,
  },
  INFERENCE_GEO: {
    schema: z.enum(['global', 'us']).default('global'),
    description: 'Where model calls are served. `us` costs a tenth more (price list of October 2026).',
    ...PASSED,
  },
  MAX_OUTPUT_TOKENS: {
    schema: whole('tokens', 1).default(8_000),
    description:
      'Longest reply of a model call. Its whole price is held before the call, and charged if a crash leaves the outcome unknown.',
    ...PASSED,
  },
  LEAST_OUTPUT_TOKENS: {
    schema: whole('tokens', 1).default(1_024),
    description: 'Shortest reply for which a model call is made.',
    ...PASSED,
  },
  COMPACT_AT_TOKENS: {
    schema: whole('tokens', 1).default(100_000),
    description: 'Length of a conversation from which a summary replaces it.',
    ...PASSED,
  },
  COMPACTION: {
    schema: flag('1'),
    description: '`0` turns summaries off.',
    ...PASSED,
  },
  REPETITION_GUARD: {
    schema: flag('1'),
    description: '`0` turns off the guard against a session that repeats itself.',
    ...PASSED,
  },
  COUNT_TOKENS: {
    schema: z.enum(['near', 'always']).default('near'),
    description: 'When the provider counts a prompt before the call. `near`: only close to a limit of the budget.',
    ...PASSED,
  },
  RUN_CODE: {
    schema: z.enum(['off', 'e2b']).default('off'),
    description: '`e2b` offers agents the tool `run_code`: scripts on virtual machines of E2B, paid by the second.',
    ...PASSED,
  },
  RUN_CODE_SECONDS: {
    schema: whole('seconds', 20, 600).default(60),
    description: 'The longest that a machine of `run_code` is there. So long a time is held before each call.',
    ...PASSED,
  },
  RUN_CODE_MICRODOLLARS: {
    schema: whole('microdollars', 1, 100_000).default(31),
    description:
      "What a machine of `run_code` costs a second. The default is E2B's usual size, 2 vCPU and 0.5 GiB (2 × $0.000014 + 0.5 × $0.0000045; its documentation of August 2026).",
    ...PASSED,
  },
  RUN_CODE_TEMPLATE: {
    schema: text.default('base'),
    description: "E2B's template of the machines, which says what is installed and how large they are.",
    ...PASSED,
  },
  WAKE_WINDOW_MS: {
    schema: whole('milliseconds', 0).default(15 * 60_000),
    description: 'Time after midnight UTC over which the wake-ups of sleeping sessions are spread.',
    ...PASSED,
  },
  KEEP_ENDED_DAYS: {
    schema: whole('days', 1, 36_500).optional(),
    description:
      'Age at which an ended session loses its messages, events and files. Result, cost and ledger stay. Without it, nothing is deleted.',
    readBy: READERS,
    passedBy: PASSED.passedBy,
  },
  ...SEARCH,
  REQUESTS_PER_MINUTE: {
    schema: whole('requests', 0).default(600),
    description: 'Requests of one API key per minute. `0` is no limit. Not enforced while Redis is down.',
    ...PASSED,
  },
  STREAMS_PER_USER: {
    schema: whole('streams', 0).default(20),
    description: 'Event streams that one user may hold open. `0` is no limit. Not enforced while Redis is down.',
    ...PASSED,
  },
  FAILED_KEYS_PER_MINUTE: {
    schema: whole('requests', 0).default(60),
    description: 'Requests with an unknown key per minute from one IP address. `0` is no limit.',
    ...PASSED,
  },
} as const satisfies Record<string, Setting>;

const IDENTITY_PROVIDER = {
  JWT_JWKS_URL: { schema: privateUrl.optional(), description: "Address of the provider's public keys.", ...PASSED },
  JWT_ISSUER: { schema: text.optional(), description: 'The issuer that a token must name (`iss`).', ...PASSED },
  CORS_ORIGINS: {
    schema: origins.optional(),
    description: 'Origins whose web pages may call the API. Without it, CORS is off.',
    ...PASSED,
  },
  JWT_AUDIENCE: { schema: text.optional(), description: 'The audience that a token must name (`aud`).', ...PASSED },
  JWT_ALGORITHMS: {
    schema: algorithms.optional(),
    description: 'Signature algorithms that are accepted. Only those with a public key are possible.',
    ...PASSED,
  },
  JWT_USER_CLAIM: { schema: text.default('sub'), description: "The claim that holds the user's id.", ...PASSED },
  JWT_CLOCK_TOLERANCE: {
    schema: whole('seconds', 0, 60).default(30),
    description: "Most that the provider's clock may differ.",
    ...PASSED,
  },
} as const satisfies Record<string, Setting>;

/** The parts of the table, as docs/configuration.md shows them. */
export const GROUPS = { REQUIRED, OPTIONAL_SECRETS, RUNTIME, IDENTITY_PROVIDER, TRACES, SURROUNDINGS };

export const SETTINGS = {
  ...{ ...REQUIRED, ...OPTIONAL_SECRETS, ...RUNTIME },
  ...{ ...IDENTITY_PROVIDER, ...TRACES, ...SURROUNDINGS },
};

export type SettingName = keyof typeof SETTINGS;
