/**
 * Prices from configuration: JSON that adds models to the price table, or gives known ones new prices from a day on, without a change of
 * code. Pure; `usePrices` (prices.ts) puts the result in force.
 *
 * Shape: model → `{prices: [{from?, input, output, cache_write_5m, cache_write_1h, cache_read, long?: {above, …the five}}], aliases?,
 * context_window?, max_output?, fast_multiplier?, regional?, retired_at?, successor?, adaptive_thinking?, efforts?, usual_effort?}`. Rates are whole microdollars per million tokens ($2 is 2000000). `from` is
 * a UTC date; left out: always. A new model needs prices and its two limits; a known one may leave both out.
 * `retired_at` is the UTC date from which on the provider refuses the model, `successor` the priced model to go on with. A
 * new model is asked neither to think nor for an effort, unless `adaptive_thinking` and `efforts` say that it takes them. What is not understood is refused: a misspelt rate must not pass for
 * none.
 */
import * as z from 'zod';
import { EFFORTS, type ModelWeights, type Price, type PriceTable, type Rates, REGIONAL_FROM } from './prices.ts';

/** Up to a dollar a token. */
const rate = z.int().min(1).max(1_000_000_000_000);
const Rate = { input: rate, output: rate, cache_write_5m: rate, cache_write_1h: rate, cache_read: rate };
const tokens = z.int().min(1).max(100_000_000);

const Dated = z
  .strictObject({
    ...Rate,
    from: z.iso.date().nullable().default(null),
    long: z
      .strictObject({ ...Rate, above: tokens })
      .nullable()
      .default(null),
  })
  .refine(
    ({ long, ...flat }) => !long || Object.keys(Rate).every((name) => long[name as 'input'] >= flat[name as 'input']),
    {
      // Else the worst case of a request would not grow with its prompt.
      message: 'a longer prompt may not cost less',
      path: ['long'],
    },
  );

const Model = z.strictObject({
  prices: z
    .array(Dated)
    .min(1)
    .refine((prices) => new Set(prices.map(({ from }) => from)).size === prices.length, 'two prices from one day')
    .optional(),
  aliases: z.array(z.string().min(1)).optional(),
  context_window: tokens.optional(),
  max_output: tokens.optional(),
  fast_multiplier: z.int().min(1).max(100).nullable().optional(),
  regional: z.boolean().optional(),
  retired_at: z.iso.date().nullable().optional(),
  successor: z.string().min(1).nullable().optional(),
  adaptive_thinking: z.boolean().optional(),
  efforts: z.array(z.enum(EFFORTS)).optional(),
  usual_effort: z.enum(EFFORTS).optional(),
});

const Config = z.record(z.string().min(1), Model);
export type PriceConfig = z.infer<typeof Config>;

/** Throws one sentence that says where the JSON is wrong. */
export function parsePrices(json: string): PriceConfig {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    throw new Error('it is no JSON');
  }
  const parsed = Config.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
}

/**
 * The table with the configured prices in it. A configured price counts from its date on and replaces the table's own from that date on;
 * what was valid before stays, so that old calls keep their price. Throws for a new model without prices or limits, for a
 * name that is taken, and for a successor without a price.
 */
export function withPrices(table: PriceTable, config: PriceConfig): PriceTable {
  const merged = { ...table };
  for (const [name, given] of Object.entries(config)) merged[name] = mergedModel(name, table[name], given);
  const names = Object.entries(merged).flatMap(([name, { aliases }]) => [name, ...aliases]);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`${twice} names two models`);
  for (const [name, { successor }] of Object.entries(merged)) {
    if (successor !== null && !names.includes(successor))
      throw new Error(`${name}: its successor ${successor} has no price`);
  }
  return merged;
}

function mergedModel(name: string, known: ModelWeights | undefined, given: PriceConfig[string]): ModelWeights {
  const contextWindow = given.context_window ?? known?.contextWindow;
  const maxOutput = given.max_output ?? known?.maxOutput;
  const prices = mergedPrices(known?.prices ?? [], (given.prices ?? []).map(priceFrom));
  if (contextWindow === undefined || maxOutput === undefined || prices.length === 0)
    throw new Error(`${name} is new, so it needs prices, context_window and max_output`);
  const fast = given.fast_multiplier === undefined ? known?.fastMultiplier : given.fast_multiplier;
  return {
    ...{ contextWindow, maxOutput },
    aliases: given.aliases ?? known?.aliases ?? [],
    fastMultiplier: fast === undefined || fast === null ? null : BigInt(fast),
    regional: given.regional ?? known?.regional ?? contextWindow >= REGIONAL_FROM,
    prices,
    retiredAt: given.retired_at === undefined ? (known?.retiredAt ?? null) : given.retired_at,
    adaptive: given.adaptive_thinking ?? known?.adaptive ?? false,
    efforts: given.efforts ? EFFORTS.filter((level) => given.efforts?.includes(level)) : (known?.efforts ?? []),
    usualEffort: given.usual_effort ?? known?.usualEffort ?? 'high',
    successor: given.successor === undefined ? (known?.successor ?? null) : given.successor,
  };
}

/** Oldest first; from the first configured date on, only the configured ones. */
function mergedPrices(known: readonly Price[], given: Price[]): Price[] {
  const [first, ...others] = given.toSorted((a, b) => order(a) - order(b));
  return first ? [...known.filter((price) => order(price) < order(first)), first, ...others] : [...known];
}

const order = ({ from }: Price): number => (from === null ? Number.NEGATIVE_INFINITY : Date.parse(from));

type Given = NonNullable<PriceConfig[string]['prices']>[number];

const priceFrom = ({ from, long, ...flat }: Given): Price => ({
  from,
  rates: ratesFrom(flat),
  long: long && { above: long.above, rates: ratesFrom(long) },
});

const ratesFrom = (given: Record<keyof typeof Rate, number>): Rates => ({
  input: BigInt(given.input),
  output: BigInt(given.output),
  cacheWrite5m: BigInt(given.cache_write_5m),
  cacheWrite1h: BigInt(given.cache_write_1h),
  cacheRead: BigInt(given.cache_read),
});
