/** Prices by configuration: what they change, from when, and what is refused at the start. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  costMicrodollars,
  isKnownModel,
  knownModels,
  MODEL_COST_WEIGHTS,
  modelLimits,
  parsePrices,
  UnknownModelError,
  usePrices,
  withPrices,
  worstCaseMicrodollars,
} from '../../lib/budget/index.ts';

const RATES = {
  input: 3_000_000,
  output: 15_000_000,
  cache_write_5m: 4_000_000,
  cache_write_1h: 6_000_000,
  cache_read: 1_000_000,
};
const USAGE = { input_tokens: 1_000, output_tokens: 100 };
const use = (config: object) => usePrices(withPrices(MODEL_COST_WEIGHTS, parsePrices(JSON.stringify(config))));

afterEach(() => usePrices(MODEL_COST_WEIGHTS));

describe('prices by configuration', () => {
  it('give a known model another price from a day on, and leave what was before', () => {
    const cost = (at: string) => costMicrodollars({ model: 'claude-sonnet-5-5', usage: USAGE, at });
    const before = cost('2026-12-31T23:59:59Z');
    use({ 'claude-sonnet-5-5': { prices: [{ from: '2027-01-01', ...RATES }] } });
    expect(cost('2026-12-31T23:59:59Z')).toBe(before);
    expect(cost('2027-01-01T00:00:00Z')).toBe(4_500n);
    expect(modelLimits('claude-sonnet-5-5').maxOutput).toBe(128_000);
    expect(isKnownModel('claude-opus-5-5')).toBe(true);
  });

  it('replace what the table said from that day on', () => {
    use({ 'claude-sonnet-5-5': { prices: [{ from: '2026-09-01', ...RATES }] } });
    const usage = { input_tokens: 0, cache_read_input_tokens: 1_000, output_tokens: 0 };
    expect(costMicrodollars({ model: 'claude-sonnet-5-5', usage, at: '2026-10-08' })).toBe(1_000n);
    expect(costMicrodollars({ model: 'claude-sonnet-5-5', usage, at: '2026-08-31' })).toBe(200n);
  });

  it('add a model, with its aliases, tier and modifiers', () => {
    const long = { above: 200_000, ...RATES, output: 30_000_000 };
    const more = { context_window: 400_000, max_output: 64_000, aliases: ['claude-next-20270101'], fast_multiplier: 3 };
    use({ 'claude-next': { prices: [{ ...RATES, long }], ...more } });
    const cost = (usage: object) => costMicrodollars({ model: 'claude-next-20270101', usage });
    expect(cost(USAGE)).toBe(4_500n);
    expect(cost({ ...USAGE, speed: 'fast' })).toBe(13_500n);
    expect(cost({ input_tokens: 200_001, output_tokens: 100 })).toBe(603_003n);
    expect(worstCaseMicrodollars({ model: 'claude-next', inputTokens: 1_000, maxTokens: 100 })).toBe(5_500n);
    expect(modelLimits('claude-next')).toMatchObject({ contextWindow: 400_000, maxOutput: 64_000 });
    expect(knownModels()).toEqual([...Object.keys(MODEL_COST_WEIGHTS), 'claude-next']);
    expect(isKnownModel('claude-next-2')).toBe(false);
  });

  it('know no price of a model before its first day', () => {
    use({ 'claude-next': { prices: [{ from: '2027-01-01', ...RATES }], context_window: 400_000, max_output: 64_000 } });
    const cost = () => costMicrodollars({ model: 'claude-next', usage: USAGE, at: '2026-12-31' });
    expect(cost).toThrow(UnknownModelError);
  });

  it('leave the published table as it is', () => {
    use({ 'claude-opus-5-5': { prices: [RATES] } });
    expect(MODEL_COST_WEIGHTS['claude-opus-5-5']?.prices[0]?.rates.input).toBe(4_000_000n);
    usePrices(MODEL_COST_WEIGHTS);
    expect(costMicrodollars({ model: 'claude-opus-5-5', usage: USAGE })).toBe(6_000n);
  });

  it.each([
    ['no JSON', '{', /no JSON/],
    ['a rate left out', { m: { prices: [{ ...RATES, output: undefined }] } }, /m\.prices\.0\.output/],
    ['a misspelt rate', { m: { prices: [{ ...RATES, cache_raed: 1 }] } }, /cache_raed/],
    ['a fraction of a microdollar', { m: { prices: [{ ...RATES, input: 0.2 }] } }, /m\.prices\.0\.input/],
    ['a free class', { m: { prices: [{ ...RATES, cache_read: 0 }] } }, /m\.prices\.0\.cache_read/],
    ['no date', { m: { prices: [{ ...RATES, from: 'soon' }] } }, /m\.prices\.0\.from/],
    ['two prices from one day', { m: { prices: [RATES, RATES] } }, /two prices from one day/],
    ['no price', { m: { prices: [] } }, /m\.prices/],
    [
      'a cheaper long prompt',
      { m: { prices: [{ ...RATES, long: { above: 9, ...RATES, input: 1 } }] } },
      /may not cost less/,
    ],
    ['a new model without limits', { m: { prices: [RATES] } }, /m is new/],
    [
      'a name that is taken',
      { 'claude-opus-5': { prices: [RATES], aliases: ['claude-opus-5-5'] } },
      /names two models/,
    ],
  ])('refuse %s', (_, config, why) => {
    const json = typeof config === 'string' ? config : JSON.stringify(config);
    expect(() => withPrices(MODEL_COST_WEIGHTS, parsePrices(json))).toThrow(why);
  });
});
