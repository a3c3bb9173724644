/** What a sleep costs beside the work: the provider's cache forgets the context. Pure; microdollars. */
import { costMicrodollars, type Geo, isKnownModel } from './pricing.ts';

/**
 * What the first call after a sleep costs for writing so many tokens of context into the cache anew. Null: the size is not known, or the model has no
 * price. `geo` left out: without the premium of a place.
 */
export function resumeCost(model: string, contextTokens: number | null, geo?: Geo): bigint | null {
  if (contextTokens === null || !isKnownModel(model)) return null;
  const usage = { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: contextTokens };
  return costMicrodollars({ model, usage: { ...usage, ...(geo && { inference_geo: geo }) } });
}
