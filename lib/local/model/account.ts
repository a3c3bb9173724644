/** What a request costs: its usage, by the prompt cache and the output, in the shape that the Messages API reports. */
import { costMicrodollars, type Usage } from '../../budget/index.ts';
import type { CacheUse } from './cache.ts';
import type { Output } from './output.ts';

export const usageOf = (cache: CacheUse, output: Output, geo: string | null): Record<string, unknown> => ({
  input_tokens: cache.input,
  cache_creation_input_tokens: cache.write5m + cache.write1h,
  cache_read_input_tokens: cache.read,
  cache_creation: { ephemeral_5m_input_tokens: cache.write5m, ephemeral_1h_input_tokens: cache.write1h },
  output_tokens: output.tokens,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: 'standard',
  inference_geo: geo,
  speed: 'standard',
});

/** Microdollars. A refusal before any output is free of charge (pricing page, October 2026). */
export const priceOfCall = (model: string, usage: Record<string, unknown>, output: Output, at: number): number =>
  output.stopReason === 'refusal' && output.tokens === 0
    ? 0
    : Number(costMicrodollars({ model, usage: usage as Usage, at }));
