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
    'MAX_OUTPUT_TOKENS',
    'LEAST_OUTPUT_TOKENS',
    'COMPACT_AT_TOKENS',
    'COMPACTION',
  ],
  ...['REPETITION_GUARD', 'COUNT_TOKENS', 'INFERENCE_GEO', 'WAKE_WINDOW_MS'],
  ...['REQUESTS_PER_MINUTE', 'STREAMS_PER_USER'],
  ...['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALGORITHMS', 'JWT_USER_CLAIM', 'JWT_CLOCK_TOLERANCE'],
];

export const settings = (): Record<string, string> =>
  Object.fromEntries(SETTINGS.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));

/** Throws one sentence, and so before anything is made, unless the variable is a whole number from `least` to `most`. */
export const wholeNumber = <T>(name: string, least: number, most: number, otherwise: T): number | T => {
  const text = process.env[name]?.trim();
  if (!text) return otherwise;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(
    `${name} is ${text}: set it to a whole number from ${least} to ${most}, or not at all. Nothing has been changed.`,
  );
};
