/**
 * Pricing: from usage to cost, and from a request to its worst case. Pure and exact: sums are kept in picodollars and rounded up to
 * microdollars once per call. So a charge is never below the bill and at most one microdollar above it.
 */
import { UnpriceableUsageError } from './errors.ts';
import type { Instant } from './instant.ts';
import { priceOf, type Rates, WEB_SEARCH_MICRODOLLARS, weightsOf } from './prices.ts';
import { type Meter, type Metered, meter, type Usage } from './usage.ts';

export { isKnownModel, MODEL_COST_WEIGHTS, modelLimits, priceOf } from './prices.ts';
export type { Usage } from './usage.ts';

const PICO_PER_MICRO = 1_000_000n;
/** Common denominator of the modifiers: ½ for batches, 11/10 for US-only inference. */
const TWENTIETHS = 20n;

/** The quotient, rounded up. For amounts that are not negative. */
export const ceilDiv = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

/**
 * What one call cost, in microdollars, rounded up once. `usage` is a Messages API usage object. `model` is the one that served (the
 * reply's). `at`: when, for prices that changed (left out: the newest). `batch`: also true if the usage's service tier says so.
 * Throws `UnknownModelError`, and `UnpriceableUsageError` for a usage that cannot be priced exactly.
 */
export function costMicrodollars(call: { model: string; usage: Usage; at?: Instant; batch?: boolean }): bigint {
  weightsOf(call.model);
  const read = meter(call.usage);
  const metered = { ...read, batch: read.batch || call.batch === true };
  const twentieths = metered.parts.reduce((sum, part) => sum + partTwentieths(call, part, metered), 0n);
  return ceilDiv(twentieths, TWENTIETHS * PICO_PER_MICRO) + metered.searches * WEB_SEARCH_MICRODOLLARS;
}

/** One inference's cost in twentieths of a picodollar, at its own model's price and its own prompt's tier. */
function partTwentieths(call: { model: string; at?: Instant }, part: Metered, { batch, fast, us }: Meter): bigint {
  const name = part.model ?? call.model;
  const weights = weightsOf(name);
  // In a fast reply another model's part (an advisor's) is fast where that model can be.
  const speed = fast ? (weights.fastMultiplier ?? (name === call.model ? null : 1n)) : 1n;
  if (speed === null) throw new UnpriceableUsageError('speed', `no price is known for the fast mode of ${name}`);
  const rates = ratesFor(name, part.input + part.cacheRead + part.cacheWrite5m + part.cacheWrite1h, call.at);
  const picodollars =
    part.input * rates.input +
    part.output * rates.output +
    part.cacheWrite5m * rates.cacheWrite5m +
    part.cacheWrite1h * rates.cacheWrite1h +
    part.cacheRead * rates.cacheRead;
  return picodollars * speed * (batch ? 1n : 2n) * (us && weights.regional ? 11n : 10n);
}

/** The rates of a call by the size of its whole prompt, cached or not. */
function ratesFor(model: string, promptTokens: bigint, at?: Instant): Rates {
  const { rates, long } = priceOf(model, at);
  return long && promptTokens > BigInt(long.above) ? long.rates : rates;
}

/**
 * A request as far as its price goes. `inputTokens`: an upper bound of its prompt. `cacheTtl`: the longest that it asks to cache for. `geo`:
 * where it asks to be served; in the US alone costs a tenth more, where the model can be asked for that. `searches`: the web searches that it
 * may make (`max_uses`), each at its price and after each the whole prompt read once more (R15); what they bring counts into `inputTokens`.
 * No tool of today asks the provider to search.
 */
export type PricedPrompt = {
  model: string;
  inputTokens: number;
  at?: Instant;
  cacheTtl?: '5m' | '1h';
  geo?: Geo;
  searches?: number;
};
export type Geo = 'global' | 'us';

/**
 * The most that a call at standard speed and service can cost, in microdollars, rounded up: all input at the dearest class that
 * it can fall into (a cache write), and `maxTokens` of output. Grows with both counts, also across a prompt-size tier.
 * Throws `UnknownModelError`, and `RangeError` for counts that are no whole numbers from 0.
 */
export function worstCaseMicrodollars(request: PricedPrompt & { maxTokens: number }): bigint {
  const { input, searches, rates, tenths } = worstInput(request);
  const read = (input + count('maxTokens', request.maxTokens) * rates.output) * tenths;
  return ceilDiv(read, PICO_PER_MICRO * 10n) + searches;
}

/**
 * The greatest `maxTokens` whose worst case fits `amount` microdollars, at most the model's longest reply; 0 if not even the prompt
 * fits. Exact: one token more would not fit.
 */
export function affordableOutput(request: PricedPrompt & { amount: bigint }): number {
  const { input, searches, rates, tenths } = worstInput(request);
  const left = (request.amount - searches) * PICO_PER_MICRO * 10n - input * tenths;
  if (left <= 0n) return 0;
  const fits = left / (rates.output * tenths);
  const { maxOutput } = weightsOf(request.model);
  return fits < BigInt(maxOutput) ? Number(fits) : maxOutput;
}

/** `input` in picodollars before `tenths`, `searches` in microdollars. */
function worstInput({ model, inputTokens, at, cacheTtl, geo, searches = 0 }: PricedPrompt): {
  input: bigint;
  searches: bigint;
  rates: Rates;
  tenths: bigint;
} {
  const uses = count('searches', searches);
  const read = count('inputTokens', inputTokens) * (uses + 1n);
  const rates = ratesFor(model, read, at);
  const classes = [
    rates.input,
    rates.cacheRead,
    rates.cacheWrite5m,
    ...(cacheTtl === '1h' ? [rates.cacheWrite1h] : []),
  ];
  return {
    input: read * classes.reduce((dearest, rate) => (rate > dearest ? rate : dearest)),
    searches: uses * WEB_SEARCH_MICRODOLLARS,
    rates,
    tenths: geo === 'us' && weightsOf(model).regional ? 11n : 10n,
  };
}

function count(name: string, value: number): bigint {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} must be a whole number from 0, not ${value}`);
  return BigInt(value);
}
