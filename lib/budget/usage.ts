/**
 * Usage: what the provider says a call consumed, and how it is read. Pure.
 *
 * The shape is the Messages API's `usage` object, stable and beta fields, as @anthropic-ai/sdk 1.12.0 types it. Everything may be null
 * or missing, as it is in streams and in older replies, and fields that are not about tokens may be new. What must not be new is
 * something counted that no price is known for: it is refused, since leaving it out would charge too little.
 */
import { UnpriceableUsageError } from './errors.ts';

type Count = number | null;

/** Token counts of one inference. `input_tokens` is the uncached part only; `output_tokens` includes thinking. */
type TokenCounts = {
  input_tokens?: Count;
  output_tokens?: Count;
  cache_creation_input_tokens?: Count;
  cache_read_input_tokens?: Count;
  cache_creation?: { ephemeral_5m_input_tokens?: Count; ephemeral_1h_input_tokens?: Count } | null;
};

export type Usage = TokenCounts & {
  output_tokens_details?: { thinking_tokens?: Count } | null;
  server_tool_use?: { web_search_requests?: Count; web_fetch_requests?: Count } | null;
  service_tier?: string | null;
  inference_geo?: string | null;
  speed?: string | null;
  /** Beta: every inference behind the reply. If there are any, they are the bill: compaction is not in the counts above. */
  iterations?: (TokenCounts & { type?: string; model?: string | null })[] | null;
};

/** One inference's tokens by price class. `model` null: the model of the reply. */
export type Metered = {
  model: string | null;
  input: bigint;
  output: bigint;
  cacheWrite5m: bigint;
  cacheWrite1h: bigint;
  cacheRead: bigint;
};

/** Tokens by class, billed searches, and the modifiers that change the price of all tokens. */
export type Meter = { parts: Metered[]; searches: bigint; batch: boolean; fast: boolean; us: boolean };

const TOKEN_FIELDS = [
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
] as const;
const CACHE_FIELDS = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'];
const SERVER_TOOL_FIELDS = ['web_search_requests', 'web_fetch_requests'];

/** Reads a usage object. Throws `UnpriceableUsageError` for counts that are no counts, and for anything counted without a known price. */
export function meter(usage: Usage): Meter {
  const iterations = usage.iterations ?? [];
  const parts = iterations.length > 0 ? iterations.map(inference) : [inference(usage)];
  const tools = usage.server_tool_use ?? {};
  refuseUnknown('server_tool_use.', tools, SERVER_TOOL_FIELDS, /./);
  // Fetches are free, but a count that is no count shows a broken usage object.
  count('server_tool_use.web_fetch_requests', tools.web_fetch_requests);
  return {
    parts,
    searches: count('server_tool_use.web_search_requests', tools.web_search_requests),
    batch: modifier('service_tier', usage.service_tier, ['standard', 'priority'], 'batch'),
    fast: modifier('speed', usage.speed, ['standard'], 'fast'),
    us: modifier('inference_geo', usage.inference_geo, ['global', 'not_available', ''], 'us'),
  };
}

function inference(counts: TokenCounts & { model?: string | null }): Metered {
  if (typeof counts !== 'object' || counts === null || !saysAnything(counts)) {
    throw new UnpriceableUsageError('usage', 'it holds no token count at all');
  }
  refuseUnknown('', counts, TOKEN_FIELDS, /_tokens$/);
  const split = counts.cache_creation ?? {};
  refuseUnknown('cache_creation.', split, CACHE_FIELDS, /./);
  const write5m = count('cache_creation.ephemeral_5m_input_tokens', split.ephemeral_5m_input_tokens);
  const write1h = count('cache_creation.ephemeral_1h_input_tokens', split.ephemeral_1h_input_tokens);
  const written = count('cache_creation_input_tokens', counts.cache_creation_input_tokens);
  // A stream gives the split at its start and the total at its end, so the total may be ahead of the split. What the split leaves
  // out is charged as five-minute writes, the provider's default, unless hour-long ones were seen in the same call.
  const rest = written > write5m + write1h ? written - write5m - write1h : 0n;
  return {
    model: counts.model ?? null,
    input: count('input_tokens', counts.input_tokens),
    output: count('output_tokens', counts.output_tokens),
    cacheWrite5m: write1h > 0n ? write5m : write5m + rest,
    cacheWrite1h: write1h > 0n ? write1h + rest : write1h,
    cacheRead: count('cache_read_input_tokens', counts.cache_read_input_tokens),
  };
}

/** The five token classes of a call, all its inferences together, as the ledger and the journal show them; null: not told, or no counts. */
export function tokensOf(usage: Usage | null) {
  const parts = metered(usage);
  const sum = (part: (metered: Metered) => bigint) =>
    parts === null ? null : Number(parts.reduce((total, each) => total + part(each), 0n));
  return {
    input_tokens: sum(({ input }) => input),
    output_tokens: sum(({ output }) => output),
    cache_write_5m_tokens: sum(({ cacheWrite5m }) => cacheWrite5m),
    cache_write_1h_tokens: sum(({ cacheWrite1h }) => cacheWrite1h),
    cache_read_tokens: sum(({ cacheRead }) => cacheRead),
  };
}

function metered(usage: Usage | null): Metered[] | null {
  try {
    return usage && meter(usage).parts;
  } catch {
    return null;
  }
}

const saysAnything = (counts: TokenCounts): boolean =>
  TOKEN_FIELDS.some((field) => counts[field] !== undefined && counts[field] !== null) || Boolean(counts.cache_creation);

/** A count that can be worked and stored with: a whole number from 0 to a trillion, far above what any call consumes. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MOST_COUNT;
const MOST_COUNT = 1_000_000_000_000;

const MOST_FIELDS = 500;
const MOST_LEVELS = 5;
const LONGEST_TEXT = 200;

/**
 * A usage as it can be kept beside the charge: what the provider said, whatever it was. A number that is no count becomes text, which every
 * reader takes for no count and which still tells what came. Of one too large or too deep to be a usage, only the counts are kept.
 */
export function keptUsage(usage: Usage): Usage {
  let fields = 0;
  const kept = (value: unknown, depth: number): unknown => {
    fields += 1;
    if (fields > MOST_FIELDS || depth > MOST_LEVELS) throw new RangeError('this is no usage');
    if (typeof value === 'number') return isCount(value) ? value : String(value);
    if (typeof value === 'string') return value.slice(0, LONGEST_TEXT);
    if (Array.isArray(value)) return value.map((item) => kept(item, depth + 1));
    if (typeof value !== 'object' || value === null) return value ?? null;
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [name.slice(0, LONGEST_TEXT), kept(field, depth + 1)]),
    );
  };
  try {
    return kept(usage, 0) as Usage;
  } catch {
    return Object.fromEntries(
      TOKEN_FIELDS.filter((field) => isCount(usage[field])).map((field) => [field, usage[field]]),
    );
  }
}

/** A count is a whole number from 0; null and missing are 0. */
function count(field: string, value: unknown): bigint {
  if (value === null || value === undefined) return 0n;
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw new UnpriceableUsageError(field, `${JSON.stringify(value) ?? String(value)} is not a whole number from 0`);
  }
  return BigInt(value as number);
}

function refuseUnknown(prefix: string, counts: object, known: readonly string[], counted: RegExp): void {
  for (const [field, value] of Object.entries(counts)) {
    if (known.includes(field) || !counted.test(field) || typeof value !== 'number' || value === 0) continue;
    throw new UnpriceableUsageError(prefix + field, 'no price is known for it');
  }
}

/** True if the price modifier applies, false if it does not; a value that is neither is refused. */
function modifier(field: string, value: string | null | undefined, plain: readonly string[], applies: string): boolean {
  if (value === null || value === undefined || plain.includes(value)) return false;
  if (value === applies) return true;
  throw new UnpriceableUsageError(field, `no price is known for ${JSON.stringify(value)}`);
}
