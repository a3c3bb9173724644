/**
 * How many functions run at once: out of the account's quota, as a value and a sentence. Lambda has one pool for all functions of a region.
 * Whatever one function reserves is its own and its most; the others share what is left.
 */

/** Numbers that the operator chose; null where they left the choice. */
export type ChosenConcurrency = { atOnce: number | null; apiAtOnce: number | null };
/** `wake` and `api`: reserved, or null for a share of the pool. `says`: what was decided and why, in one or two sentences. */
export type Concurrency = { atOnce: number; wake: number | null; api: number | null; says: string };

/**
 * AWS leaves at least this many to functions that reserve nothing, and refuses what would leave less.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
 */
const UNRESERVED = 100;
/** Two sweeps of each of two minutes and one more: a midnight's, and what the recovery cron adds while they run. */
const WAKE = 5;
/** The API's part of the quota. What it may not have is there for iterations, and for other stages of the account. */
const API_PART = { production: 0.4, other: 0.1 };
/** Fewer streams and requests at once than this are no service. */
const LEAST_API = 10;
/** Functions that run besides iterations, `wake` and the API. */
const BESIDES = 10;
const ITERATIONS = { production: 20, other: 5 };
/** Of a pool that nobody has a reserved part of: an iteration may ask the sandbox meanwhile, and the API needs some, too. */
const SMALL_POOL_PART = 1 / 3;
/** AWS's least for an event source mapping. */
const LEAST_ITERATIONS = 2;

/** `quota`: functions at once in this region and account, null if it could not be read. Throws a sentence for numbers that AWS would refuse. */
export function concurrencyOf(quota: number | null, production: boolean, chosen: ChosenConcurrency): Concurrency {
  const kind = production ? 'production' : 'other';
  if (quota === null) {
    const atOnce = chosen.atOnce ?? ITERATIONS.other;
    const says = `The quota of functions at once could not be read, so nothing is reserved unless API_AT_ONCE says so, and ${iterations(atOnce)}.`;
    return { atOnce, wake: null, api: chosen.apiAtOnce, says };
  }
  if (chosen.apiAtOnce !== null && chosen.apiAtOnce > quota - UNRESERVED) refuseApi(quota, chosen.apiAtOnce);
  const wake = quota - UNRESERVED - (chosen.apiAtOnce ?? 0) >= WAKE ? WAKE : null;
  const left = quota - UNRESERVED - (wake ?? 0);
  const share = Math.min(Math.floor(quota * API_PART[kind]), left);
  const api = chosen.apiAtOnce ?? (share >= LEAST_API ? share : null);
  const pool = quota - (wake ?? 0) - (api ?? 0) - BESIDES;
  const most = api === null ? Math.floor(quota / 2) : pool;
  const fitting = api === null ? Math.floor(quota * SMALL_POOL_PART) : pool;
  if (chosen.atOnce !== null && chosen.atOnce > Math.max(most, LEAST_ITERATIONS))
    refuseIterations(quota, chosen.atOnce, most);
  const atOnce = chosen.atOnce ?? Math.max(LEAST_ITERATIONS, Math.min(ITERATIONS[kind], fitting));
  return { atOnce, wake, api, says: sentence(quota, { atOnce, wake, api }) };
}

const iterations = (atOnce: number): string => `${atOnce} iterations run at once`;

function sentence(quota: number, { atOnce, wake, api }: Omit<Concurrency, 'says'>): string {
  const account = `This account runs ${quota} functions at once in this region`;
  const kept = [
    wake !== null && `${wake} are reserved for wake`,
    api !== null && `${api} are the API's, streams included`,
  ];
  const reserved = kept.filter(Boolean).join(' and ');
  if (reserved) return `${account}: ${reserved}, and ${iterations(atOnce)} out of the rest.`;
  return `${account}, of which AWS lets none be reserved: ${iterations(atOnce)}, and open streams share the rest with them. Ask AWS for 1,000 (Service Quotas, Lambda, "Concurrent executions").`;
}

function refuseApi(quota: number, asked: number): never {
  const most = quota - UNRESERVED;
  const instead = most > 0 ? `set it to ${most} at most` : 'leave it out';
  throw new Error(
    `API_AT_ONCE is ${asked}, but this account runs ${quota} functions at once and AWS keeps ${UNRESERVED} of them unreserved: ${instead}, or raise the quota. Nothing has been changed.`,
  );
}

function refuseIterations(quota: number, asked: number, most: number): never {
  throw new Error(
    `ITERATIONS_AT_ONCE is ${asked}, but this account runs ${quota} functions at once, which leaves ${most} to iterations: the others would be throttled, and sessions wait a quarter of an hour for each. Set it to ${most} at most, or raise the quota. Nothing has been changed.`,
  );
}

/** A provider's limits a minute, per organisation and class of models. Cached input counts as none. */
export type ModelLimits = { requests: number; inputTokens: number; outputTokens: number };
type CallTokens = Omit<ModelLimits, 'requests'>;

/**
 * Calls a minute that all limits allow, and the limit that binds.
 * Source: https://support.claude.com/en/articles/8243635 (requests, input tokens and output tokens per minute)
 */
export function modelCalls({ call, ...limits }: ModelLimits & { call: CallTokens }): {
  calls: number;
  boundBy: string;
} {
  const allowed: [string, number][] = [
    ['requests', limits.requests],
    ['input tokens', limits.inputTokens / call.inputTokens],
    ['output tokens', limits.outputTokens / call.outputTokens],
  ];
  const [boundBy, calls] = allowed.reduce((least, one) => (one[1] < least[1] ? one : least));
  return { calls, boundBy };
}

/** Iterations at once that use these calls a minute up (Little's law). `seconds`: of an iteration on average, its call included. */
export const iterationsFor = (callsPerMinute: number, seconds: number): number =>
  Math.ceil(Math.round(callsPerMinute * seconds * 1e3) / 60e3);
