/**
 * What a deployment is told by the environment in which `sst deploy` runs, or by a file `.env.NAME`. An empty variable counts as none.
 */

/** Settings of lib/env.ts that are handed on to the functions if they are set. */
const SETTINGS = [
  ...[
    'PRICES',
    'TIER_MODELS',
    'TIER_BUDGETS',
    'TIER_SESSIONS',
    'TIER_EFFORT',
    'MAX_OUTPUT_TOKENS',
    'LEAST_OUTPUT_TOKENS',
    'COMPACT_AT_TOKENS',
    'COMPACTION',
  ],
  ...['REPETITION_GUARD', 'COUNT_TOKENS', 'INFERENCE_GEO', 'WAKE_WINDOW_MS', 'KEEP_ENDED_DAYS'],
  ...['REQUESTS_PER_MINUTE', 'STREAMS_PER_USER', 'FAILED_KEYS_PER_MINUTE'],
  ...['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALGORITHMS', 'JWT_USER_CLAIM', 'JWT_CLOCK_TOLERANCE'],
];

/** Of these settings those that are set: for a function that works by a few only. */
export const told = (...names: (typeof SETTINGS)[number][]): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

/** Behind CloudFront, where a domain puts the API, everybody's address is one of its own: there its firewall limits by address. */
export const settings = (): Record<string, string> => ({
  ...(process.env.DOMAIN?.trim() && { FAILED_KEYS_PER_MINUTE: '0' }),
  ...told(...SETTINGS),
});

/** Throws one sentence, and so before anything is made. */
const refuse = (name: string, what: string): never => {
  throw new Error(`${name} is ${process.env[name]}: set it to ${what}, or not at all. Nothing has been changed.`);
};

/** Refused unless it is a whole number from `least` to `most`. */
export const wholeNumber = <T>(name: string, least: number, most: number, otherwise: T): number | T => {
  const text = process.env[name]?.trim();
  if (!text) return otherwise;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  return refuse(name, `a whole number from ${least} to ${most}`);
};

/** Refused unless all of it is as `pattern` says, and `what` in words. */
const word = (name: string, pattern: RegExp, what: string): string | undefined => {
  const text = process.env[name]?.trim();
  if (!text) return undefined;
  return pattern.test(text) ? text : refuse(name, what);
};

const ORIGIN = String.raw`(\*|https?://[^\s,/]+)`;

/** What the options of docs/operations.md come to. */
export const options = (production: boolean) => ({
  domain: word('DOMAIN', /^([a-z0-9-]+\.)+[a-z]{2,}$/i, 'a name like agents.example.com'),
  origins: word(
    'CORS_ORIGINS',
    new RegExp(`^${ORIGIN}(\\s*,\\s*${ORIGIN})*$`),
    'origins like https://a.example,https://b.example',
  )?.split(/\s*,\s*/),
  email: word('ALARM_EMAIL', /^[^\s@]+@[^\s@]+$/, 'an e-mail address'),
  // Iterations under way at once: the brake in front of the model's rate limit. From 2 to 1,000 by AWS's rule (ScalingConfig of an event
  // source mapping). A new AWS account runs 10 functions at once in all; what is throttled waits in the queue, and what Lambda drops
  // after the visibility the recovery cron finds.
  atOnce: wholeNumber('ITERATIONS_AT_ONCE', 2, 1_000, production ? 20 : 5),
  apiAtOnce: wholeNumber('API_AT_ONCE', 1, 10_000, null),
});

/** What a vendor's provider reads from the environment, and says only in riddles when it is missing. `own`: the secret that does without it. */
export const credentials = (vendor: string, names: string[], own: string): void => {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  throw new Error(
    `${missing.join(' and ')} missing: set what ${vendor} gave you, or bring your own by \`sst secret set ${own} …\`. Nothing has been changed.`,
  );
};
