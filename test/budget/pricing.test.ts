import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costMicrodollars,
  MODEL_COST_WEIGHTS,
  priceOf,
  type Rates,
  UnknownModelError,
  UnpriceableUsageError,
  type Usage,
} from '../../lib/budget/index.ts';

const MODELS = Object.keys(MODEL_COST_WEIGHTS);

/** A million tokens of one class cost its rate in microdollars. Above the prompt-size tier where there is one. */
const CLASSES: [keyof Rates, Usage][] = [
  ['input', { input_tokens: 1_000_000 }],
  ['output', { output_tokens: 1_000_000 }],
  ['cacheRead', { cache_read_input_tokens: 1_000_000 }],
  ['cacheWrite5m', { cache_creation_input_tokens: 1_000_000 }],
  ['cacheWrite5m', { cache_creation: { ephemeral_5m_input_tokens: 1_000_000, ephemeral_1h_input_tokens: 0 } }],
  ['cacheWrite1h', { cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 1_000_000 } }],
];
const rateOf = (model: string, name: keyof Rates) => {
  const { rates, long } = priceOf(model);
  return name === 'output' ? rates.output : (long?.rates ?? rates)[name];
};

describe.each(MODELS)('%s', (model) => {
  it.each(CLASSES)('charges %s tokens at their rate', (name, usage) => {
    expect(costMicrodollars({ model, usage })).toBe(rateOf(model, name));
    expect(costMicrodollars({ model, usage, batch: true })).toBe(rateOf(model, name) / 2n);
  });

  it.each(CLASSES)('charges %s tokens 1.1 times in the US where the model is regional', (name, usage) => {
    const expected = MODEL_COST_WEIGHTS[model]?.regional ? (rateOf(model, name) * 11n) / 10n : rateOf(model, name);
    expect(costMicrodollars({ model, usage: { ...usage, inference_geo: 'us' } })).toBe(expected);
  });

  it.each(CLASSES)('charges %s tokens double when fast, or refuses', (name, usage) => {
    const charge = () => costMicrodollars({ model, usage: { ...usage, speed: 'fast' } });
    if (MODEL_COST_WEIGHTS[model]?.fastMultiplier) expect(charge()).toBe(rateOf(model, name) * 2n);
    else expect(charge).toThrow(UnpriceableUsageError);
  });
});

it('offers fast mode and US-only inference where they are published', () => {
  const having = (has: (model: string) => unknown) => MODELS.filter(has).sort();
  expect(having((model) => MODEL_COST_WEIGHTS[model]?.fastMultiplier)).toEqual([
    'claude-opus-4-8',
    'claude-opus-5',
    'claude-opus-5-5',
  ]);
  const old = MODELS.filter((model) => /^claude-3|-4-[015]$/.test(model));
  expect(having((model) => !MODEL_COST_WEIGHTS[model]?.regional)).toEqual(old.sort());
});

describe('a whole reply', () => {
  // The form in which the API sends it; amounts worked out by hand from the price list.
  const usage: Usage = {
    input_tokens: 12,
    output_tokens: 345,
    cache_creation_input_tokens: 3_000,
    cache_read_input_tokens: 40_000,
    cache_creation: { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 2_000 },
    output_tokens_details: { thinking_tokens: 200 },
    server_tool_use: { web_search_requests: 2, web_fetch_requests: 3 },
    service_tier: 'standard',
    inference_geo: 'global',
    speed: 'standard',
  };

  it.each([
    // 12×5 + 345×25 + 1000×6.25 + 2000×10 + 40000×0.5 = 54,935, and two searches
    ['claude-opus-5', {}, 74_935n],
    ['claude-opus-5', { speed: 'fast' }, 129_870n],
    ['claude-opus-5', { inference_geo: 'us' }, 80_429n],
    ['claude-opus-5', { service_tier: 'batch' }, 47_468n],
    ['claude-opus-5', { service_tier: 'priority' }, 74_935n],
    // 12×2 + 345×10 + 1000×2.5 + 2000×4 + 40000×0.1
    ['claude-sonnet-5-5', {}, 37_974n],
    // 1.2 + 172.5 + 125 + 400 + 400 = 1,098.7
    ['claude-haiku-5-5', {}, 21_099n],
  ] as const)('of %s with %o costs %d', (model, change, cost) => {
    expect(costMicrodollars({ model, usage: { ...usage, ...change } })).toBe(cost);
  });

  it('costs what it cost on its day', () => {
    const at = (instant: string) => costMicrodollars({ model: 'claude-sonnet-5-5', usage, at: instant });
    expect(at('2026-10-06T12:00:00Z')).toBe(41_974n);
    expect(at('2026-10-07T00:00:00Z')).toBe(37_974n);
  });

  it('crosses the tier by the whole prompt, cached or not, and takes the output along', () => {
    const cost = (read: number) =>
      costMicrodollars({
        model: 'claude-haiku-5-5',
        usage: {
          input_tokens: 10_000,
          cache_creation_input_tokens: 20_000,
          cache_read_input_tokens: read,
          output_tokens: 1_000,
        },
      });
    // 10000×0.1 + 20000×0.125 + 70000×0.01 + 1000×0.5 = 4,700, and five times that with one token more
    expect(cost(70_000)).toBe(4_700n);
    expect(cost(70_001)).toBe(23_501n);
  });

  it('rounds up once, not once per class', () => {
    const each = (usage: Usage) => costMicrodollars({ model: 'claude-haiku-5-5', usage });
    expect(each({ input_tokens: 1 })).toBe(1n);
    expect(each({ input_tokens: 1, cache_read_input_tokens: 1, output_tokens: 1 })).toBe(1n);
    expect(each({ input_tokens: 0, output_tokens: 0 })).toBe(0n);
  });
});

describe('usage as it really comes', () => {
  const cost = (usage: unknown) => costMicrodollars({ model: 'claude-opus-5', usage: usage as Usage });

  it('takes null and missing as nothing, and fields that count nothing as they are', () => {
    expect(
      cost({
        input_tokens: 10,
        output_tokens: 2,
        cache_creation_input_tokens: null,
        cache_read_input_tokens: null,
        cache_creation: null,
        server_tool_use: null,
        service_tier: null,
        inference_geo: null,
        speed: null,
        iterations: null,
        fallback_credit: { anything: 1 },
        output_tokens_details: { thinking_tokens: 1 },
        a_new_note: 'hello',
        future_tokens: 0,
      }),
    ).toBe(100n);
    expect(cost({ output_tokens: 2, inference_geo: 'not_available', iterations: [] })).toBe(50n);
  });

  it('charges what the cache split leaves out at the five-minute rate, or the hour’s if hours were seen', () => {
    const written = (total: number, m5: number, h1: number) =>
      cost({
        output_tokens: 0,
        cache_creation_input_tokens: total,
        cache_creation: { ephemeral_5m_input_tokens: m5, ephemeral_1h_input_tokens: h1 },
      });
    expect(written(1_000, 400, 0)).toBe(6_250n);
    expect(written(1_000, 200, 200)).toBe(1_250n + 8_000n);
    expect(written(0, 400, 0)).toBe(2_500n);
  });

  it('sums the iterations, each at its own model and tier, when there are any', () => {
    const usage = {
      input_tokens: 1_000,
      output_tokens: 100,
      server_tool_use: { web_search_requests: 1 },
      iterations: [
        { type: 'compaction', input_tokens: 60_000, output_tokens: 1_000 },
        { type: 'message', input_tokens: 60_000, output_tokens: 100, model: 'claude-haiku-5-5' },
        { type: 'advisor_message', input_tokens: 500, output_tokens: 20, model: 'claude-opus-5', cache_creation: null },
      ],
    };
    // 6,500 + 6,050 + 3,000 + a search: each prompt is below the tier that their sum would cross.
    expect(costMicrodollars({ model: 'claude-haiku-5-5', usage })).toBe(25_550n);
  });

  it('is fast where the model of an iteration can be', () => {
    const iterations = [
      { type: 'message', input_tokens: 100, output_tokens: 0 },
      { type: 'advisor_message', model: 'claude-haiku-4-5', input_tokens: 100, output_tokens: 0 },
    ];
    expect(cost({ speed: 'fast', iterations })).toBe(1_000n + 100n);
  });

  it('refuses an unknown model anywhere', () => {
    expect(() => costMicrodollars({ model: 'gpt-4o', usage: { input_tokens: 1 } })).toThrow(UnknownModelError);
    expect(() => cost({ iterations: [{ model: 'gpt-4o', input_tokens: 1 }] })).toThrow(UnknownModelError);
  });

  it.each([
    [{}],
    [{ speed: 'standard' }],
    [{ iterations: [{ type: 'message' }] }],
    [{ iterations: [null] }],
    [{ input_tokens: -1 }],
    [{ output_tokens: 1.5 }],
    [{ output_tokens: '7' }],
    [{ output_tokens: Number.NaN }],
    [{ input_tokens: 2 ** 53 }],
    [{ input_tokens: 1, cache_creation: { ephemeral_5m_input_tokens: -1 } }],
    [{ input_tokens: 1, server_tool_use: { web_search_requests: 0.5 } }],
    [{ input_tokens: 1, server_tool_use: { web_fetch_requests: -1 } }],
    [{ input_tokens: 1, audio_input_tokens: 3 }],
    [{ input_tokens: 1, cache_creation: { ephemeral_24h_input_tokens: 3 } }],
    [{ input_tokens: 1, server_tool_use: { telescope_requests: 1 } }],
    [{ input_tokens: 1, speed: 'ludicrous' }],
    [{ input_tokens: 1, inference_geo: 'moon' }],
    [{ input_tokens: 1, service_tier: 'flex' }],
  ])('refuses %o with the field named', (usage) => {
    expect(() => cost(usage)).toThrow(UnpriceableUsageError);
  });

  it('says which field and what it means for the money', () => {
    const error = new UnpriceableUsageError('speed', 'no price is known for "warp"');
    expect(error).toMatchObject({ code: 'unpriceable_usage', field: 'speed' });
    expect(error.message).toContain('because of speed: no price is known for "warp"');
    expect(error.message).toContain('hold must stay charged in full');
  });
});

describe('for any usage', () => {
  const tokens = fc.nat(2_000_000);
  const call = fc.record({
    model: fc.constantFrom(...MODELS),
    usage: fc.record({
      input_tokens: tokens,
      output_tokens: tokens,
      cache_read_input_tokens: tokens,
      cache_creation: fc.record({ ephemeral_5m_input_tokens: tokens, ephemeral_1h_input_tokens: tokens }),
      inference_geo: fc.constantFrom('us', 'global', null),
    }),
    batch: fc.boolean(),
  });

  it('agrees with the price list read as fractions', () => {
    fc.assert(
      fc.property(call, ({ model, usage, batch }) => {
        const prompt =
          usage.input_tokens +
          usage.cache_read_input_tokens +
          usage.cache_creation.ephemeral_5m_input_tokens +
          usage.cache_creation.ephemeral_1h_input_tokens;
        const { rates: short, long } = priceOf(model);
        const rates = long && prompt > long.above ? long.rates : short;
        const factor =
          (usage.inference_geo === 'us' && MODEL_COST_WEIGHTS[model]?.regional ? 11n : 10n) * (batch ? 1n : 2n);
        const exact =
          factor *
          (BigInt(usage.input_tokens) * rates.input +
            BigInt(usage.output_tokens) * rates.output +
            BigInt(usage.cache_read_input_tokens) * rates.cacheRead +
            BigInt(usage.cache_creation.ephemeral_5m_input_tokens) * rates.cacheWrite5m +
            BigInt(usage.cache_creation.ephemeral_1h_input_tokens) * rates.cacheWrite1h);
        const cost = costMicrodollars({ model, usage, batch });
        expect(cost * 20_000_000n).toBeGreaterThanOrEqual(exact);
        expect((cost - 1n) * 20_000_000n).toBeLessThan(exact);
      }),
    );
  });

  it('never falls when a count grows', () => {
    const field = fc.constantFrom('input_tokens', 'output_tokens', 'cache_read_input_tokens');
    fc.assert(
      fc.property(call, field, tokens, ({ model, usage, batch }, name, more) => {
        const before = costMicrodollars({ model, usage, batch });
        const after = costMicrodollars({
          model,
          usage: { ...usage, [name]: usage[name as 'input_tokens'] + more },
          batch,
        });
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});
