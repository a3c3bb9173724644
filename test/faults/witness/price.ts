/**
 * The witness's own arithmetic, from the published prices and from nothing of the product's: microdollars per million tokens, rounded up
 * once per call. Only the models that the runs use, in November 2026 and later, with prompts below 100,000 tokens.
 */
const PRICES: Record<string, { input: number; output: number; write: number; read: number }> = {
  'claude-haiku-5-5': { input: 100_000, output: 500_000, write: 125_000, read: 10_000 },
  'claude-sonnet-5-5': { input: 2_000_000, output: 10_000_000, write: 2_500_000, read: 100_000 },
};

export type Tokens = { input: number; write: number; read: number; output: number };

export function priceOf(model: string, { input, write, read, output }: Tokens): number {
  const price = PRICES[model];
  if (!price) throw new Error(`the witness knows no price of ${model}`);
  const total = input * price.input + write * price.write + read * price.read + output * price.output;
  return Math.ceil(total / 1_000_000);
}

export const usageOf = ({ input, write, read, output }: Tokens, request: string): Record<string, unknown> => ({
  ...{ input_tokens: input, cache_creation_input_tokens: write, cache_read_input_tokens: read, output_tokens: output },
  cache_creation: { ephemeral_5m_input_tokens: write, ephemeral_1h_input_tokens: 0 },
  ...{ server_tool_use: null, service_tier: 'standard', inference_geo: null, speed: 'standard' },
  witness: request,
});
