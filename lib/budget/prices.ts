/**
 * Prices: MODEL_COST_WEIGHTS, the published list prices of every Claude model as dated data. Pure.
 *
 * Unit: picodollars per token (10⁻¹² USD), the same number as microdollars per million tokens: 2_000_000n is $2 per million tokens.
 * In this unit each rate times ½ (batch), × 2 (fast) and × 1.1 (US-only inference) is a whole number. So nothing is rounded before the end of
 * a call.
 *
 * Source: Anthropic's pricing and model pages (platform.claude.com/docs) as of 2026-11-22. Less certain are:
 * - the cache rates of Fable 5.2 (quoted from the page, not read on it);
 * - Mythos 5.2 (said to share Fable 5.2's price);
 * - the models from before version 4.
 *
 * Ends of models: the provider's deprecation page and release notes, its page of Sonnet 4.5, and DEPRECATED_MODELS of @anthropic-ai/sdk 1.12.0
 * (November 2026). Weaker: that of Opus 4.1 by its users' reports, that of Haiku 3 by hearsay. The provider stops at 9 o'clock Pacific time;
 * here the model ends with the beginning of that UTC day. Successors are today's models of the families. "Not sooner than" is no end.
 *
 * Thinking and effort: the provider's pages "Effort" and "Thinking", its pages of each model, and its guides for the 5.5 models (November
 * 2026). Weaker: that Fable 5.2 and Mythos 5.2 take what 5.1 takes.
 *
 * Not here: the dearer prices above 200,000 tokens of Sonnet 4 and 4.5. They belonged to a beta with a window of a million tokens that has
 * ended. With their window of 200,000 no prompt can reach them.
 */
import { UnknownModelError } from './errors.ts';
import { type Instant, toMs } from './instant.ts';

/** Picodollars per token of each price class. */
export type Rates = Readonly<{
  input: bigint;
  output: bigint;
  cacheWrite5m: bigint;
  cacheWrite1h: bigint;
  cacheRead: bigint;
}>;

/** Prices from a UTC date on (null: always). `long`: the rates of the whole call, output included, if its prompt is above so many tokens. */
export type Price = Readonly<{
  from: string | null;
  rates: Rates;
  long: Readonly<{ above: number; rates: Rates }> | null;
}>;

/** How much a model puts into its replies, the least first. */
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

export type ModelWeights = Readonly<{
  /** Other exact names of the model. Never matched by prefix: a new version may cost more. */
  aliases: readonly string[];
  /** Most tokens of prompt and reply together. */
  contextWindow: number;
  maxOutput: number;
  /** Times what all tokens cost with `speed: "fast"`; null if the model has no fast mode, or none with a known price. */
  fastMultiplier: bigint | null;
  /** US-only inference costs 1.1 times as much. Older models do not offer it. */
  regional: boolean;
  /** Oldest first. */
  prices: readonly Price[];
  /** The UTC date from which on the provider refuses it, as far as that is announced, and the model to go on with. */
  retiredAt: string | null;
  successor: string | null;
  /** Whether it takes `thinking: {type: "adaptive", display}`; the others think only by a budget of tokens, which is not asked for. */
  adaptive: boolean;
  /** The levels of `output_config.effort` that it takes, the least first, and the one that stands for none named. */
  efforts: readonly Effort[];
  usualEffort: Effort;
}>;

/** Every priced model by its name in the API. */
export type PriceTable = Readonly<Record<string, ModelWeights>>;

/** Models with a window of a million tokens have US-only inference. */
export const REGIONAL_FROM = 1_000_000;

/** Microdollars per web search that did not fail. Its results count as input tokens; batches do not halve it. Fetches are free. */
export const WEB_SEARCH_MICRODOLLARS = 10_000n;

const rates = (
  input: bigint,
  output: bigint,
  cacheWrite5m: bigint,
  cacheWrite1h: bigint,
  cacheRead: bigint,
): Rates => ({
  input,
  output,
  cacheWrite5m,
  cacheWrite1h,
  cacheRead,
});

/** One price for all times and all prompt sizes. */
const always = (flat: Rates): Price[] => [{ from: null, rates: flat, long: null }];

const model = (
  limits: [contextWindow: number, maxOutput: number],
  prices: Price[],
  more: Partial<ModelWeights> = {},
) => ({
  aliases: [],
  contextWindow: limits[0],
  maxOutput: limits[1],
  fastMultiplier: null,
  regional: limits[0] >= REGIONAL_FROM,
  prices,
  retiredAt: null,
  successor: null,
  adaptive: false,
  efforts: [],
  usualEffort: 'high' as const,
  ...more,
});

const THINKING = { adaptive: true, efforts: EFFORTS };
const THINKING_4_6 = { adaptive: true, efforts: ['low', 'medium', 'high', 'max'] as const };
const UP_TO_HIGH = { efforts: ['low', 'medium', 'high'] as const };

/** It ends, or has ended, on a UTC date. */
const until = (retiredAt: string, successor: string) => ({ retiredAt, successor });

const MILLION: [number, number] = [1_000_000, 128_000];
const SMALLER: [number, number] = [200_000, 64_000];
const SMALLEST: [number, number] = [200_000, 32_000];

// In the order of `rates`: input, output, cache write 5 min, cache write 1 h, cache read.
const FABLE_5_2 = always(rates(8_000_000n, 40_000_000n, 10_000_000n, 16_000_000n, 200_000n));
const FABLE_5_1 = always(rates(10_000_000n, 50_000_000n, 12_500_000n, 20_000_000n, 250_000n));
const FABLE_5 = always(rates(10_000_000n, 50_000_000n, 12_500_000n, 20_000_000n, 1_000_000n));
const OPUS_5_5 = always(rates(4_000_000n, 20_000_000n, 5_000_000n, 8_000_000n, 200_000n));
const OPUS = always(rates(5_000_000n, 25_000_000n, 6_250_000n, 10_000_000n, 500_000n));
const OLD_OPUS = always(rates(15_000_000n, 75_000_000n, 18_750_000n, 30_000_000n, 1_500_000n));
const SONNET_5 = always(rates(2_000_000n, 10_000_000n, 2_500_000n, 4_000_000n, 200_000n));
const SONNET = always(rates(3_000_000n, 15_000_000n, 3_750_000n, 6_000_000n, 300_000n));
const SONNET_5_5: Price[] = [
  ...SONNET_5,
  { from: '2026-10-07', rates: rates(2_000_000n, 10_000_000n, 2_500_000n, 4_000_000n, 100_000n), long: null },
];
const HAIKU_5_5: Price[] = [
  {
    from: null,
    rates: rates(100_000n, 500_000n, 125_000n, 200_000n, 10_000n),
    long: { above: 100_000, rates: rates(500_000n, 2_500_000n, 625_000n, 1_000_000n, 50_000n) },
  },
];
const HAIKU_4_5 = always(rates(1_000_000n, 5_000_000n, 1_250_000n, 2_000_000n, 100_000n));
const HAIKU_3_5 = always(rates(800_000n, 4_000_000n, 1_000_000n, 1_600_000n, 80_000n));
const HAIKU_3 = always(rates(250_000n, 1_250_000n, 300_000n, 500_000n, 30_000n));

/** The published list, by the models' names in the API. In force unless `usePrices` put another table there. */
export const MODEL_COST_WEIGHTS: PriceTable = {
  // A fast mode of Fable 5.2 exists, but its price is not published where it could be read: refused.
  'claude-fable-5-2': model(MILLION, FABLE_5_2, THINKING),
  'claude-mythos-5-2': model(MILLION, FABLE_5_2, THINKING),
  'claude-fable-5-1': model(MILLION, FABLE_5_1, THINKING),
  'claude-mythos-5-1': model(MILLION, FABLE_5_1, THINKING),
  'claude-fable-5': model(MILLION, FABLE_5, THINKING),
  'claude-mythos-5': model(MILLION, FABLE_5, THINKING),
  'claude-opus-5-5': model(MILLION, OPUS_5_5, { ...THINKING, usualEffort: 'medium', fastMultiplier: 2n }),
  'claude-opus-5': model(MILLION, OPUS, { ...THINKING, fastMultiplier: 2n }),
  'claude-opus-4-8': model(MILLION, OPUS, { ...THINKING, fastMultiplier: 2n }),
  'claude-opus-4-7': model(MILLION, OPUS, { ...THINKING, aliases: ['claude-opus-4-7-20260416'] }),
  'claude-opus-4-6': model(MILLION, OPUS, { ...THINKING_4_6, aliases: ['claude-opus-4-6-20260205'] }),
  'claude-opus-4-5': model(SMALLER, OPUS, { ...UP_TO_HIGH, aliases: ['claude-opus-4-5-20251101'] }),
  'claude-opus-4-1': model(SMALLEST, OLD_OPUS, {
    aliases: ['claude-opus-4-1-20250805'],
    ...until('2026-08-05', 'claude-opus-5-5'),
  }),
  'claude-opus-4-0': model(SMALLEST, OLD_OPUS, {
    aliases: ['claude-opus-4-20250514', 'claude-4-opus-20250514'],
    ...until('2026-06-15', 'claude-opus-5-5'),
  }),
  'claude-sonnet-5-5': model(MILLION, SONNET_5_5, THINKING),
  'claude-sonnet-5': model(MILLION, SONNET_5, THINKING),
  'claude-sonnet-4-6': model(MILLION, SONNET, THINKING_4_6),
  'claude-sonnet-4-5': model(SMALLER, SONNET, {
    aliases: ['claude-sonnet-4-5-20250929'],
    ...until('2026-11-30', 'claude-sonnet-5-5'),
  }),
  'claude-sonnet-4-0': model(SMALLER, SONNET, {
    aliases: ['claude-sonnet-4-20250514', 'claude-4-sonnet-20250514'],
    ...until('2026-06-15', 'claude-sonnet-5-5'),
  }),
  'claude-haiku-5-5': model(MILLION, HAIKU_5_5, { ...THINKING, usualEffort: 'medium' }),
  'claude-haiku-4-5': model(SMALLER, HAIKU_4_5, { aliases: ['claude-haiku-4-5-20251001'] }),
  // Retired, for old transcripts and ledgers.
  'claude-3-7-sonnet-20250219': model(SMALLER, SONNET, {
    aliases: ['claude-3-7-sonnet-latest'],
    ...until('2026-02-19', 'claude-sonnet-5-5'),
  }),
  'claude-3-5-haiku-20241022': model([200_000, 8_192], HAIKU_3_5, {
    aliases: ['claude-3-5-haiku-latest'],
    ...until('2026-02-19', 'claude-haiku-5-5'),
  }),
  'claude-3-opus-20240229': model([200_000, 4_096], OLD_OPUS, {
    aliases: ['claude-3-opus-latest'],
    ...until('2026-01-05', 'claude-opus-5-5'),
  }),
  'claude-3-haiku-20240307': model([200_000, 4_096], HAIKU_3, until('2026-04-20', 'claude-haiku-5-5')),
};

// A map, so that names such as "constructor" are as unknown as any other.
const named = (table: PriceTable): ReadonlyMap<string, ModelWeights> =>
  new Map(Object.entries(table).flatMap(([name, weights]) => [name, ...weights.aliases].map((n) => [n, weights])));

let inForce = { table: MODEL_COST_WEIGHTS, byName: named(MODEL_COST_WEIGHTS) };

/**
 * Puts a price table in force for this whole process, e.g. `withPrices(MODEL_COST_WEIGHTS, parsePrices(json))`. The composition root does
 * it once, before anything is priced; nothing else may, since a call must be held and settled by the same table.
 */
export function usePrices(table: PriceTable): void {
  inForce = { table, byName: named(table) };
}

/** The names of the models that can be priced, without their aliases. */
export const knownModels = (): string[] => Object.keys(inForce.table);

/** Whether the model can be priced, by its exact name or alias. */
export const isKnownModel = (name: string): boolean => inForce.byName.has(name);

/** What a model costs and can do. Throws `UnknownModelError`. */
export function weightsOf(name: string): ModelWeights {
  const weights = inForce.byName.get(name);
  if (!weights) throw new UnknownModelError(name);
  return weights;
}

/** The prices in force at an instant, or the newest ones when it is left out. Throws `UnknownModelError`. */
export function priceOf(name: string, at?: Instant): Price {
  const { prices } = weightsOf(name);
  const ms = at === undefined ? Number.POSITIVE_INFINITY : toMs(at);
  const price = prices.findLast(({ from }) => from === null || Date.parse(from) <= ms);
  // A model that is priced only from a later day on.
  if (!price) throw new UnknownModelError(name);
  return price;
}

/** The model's window (prompt and reply together), its longest reply, in tokens, and whether it takes `inference_geo`. Throws `UnknownModelError`. */
export function modelLimits(name: string): { contextWindow: number; maxOutput: number; regional: boolean } {
  const { contextWindow, maxOutput, regional } = weightsOf(name);
  return { contextWindow, maxOutput, regional };
}
