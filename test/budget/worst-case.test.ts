import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affordableOutput,
  costMicrodollars,
  MODEL_COST_WEIGHTS,
  modelLimits,
  UnknownModelError,
  worstCaseMicrodollars,
} from '../../lib/budget/index.ts';

const MODELS = Object.keys(MODEL_COST_WEIGHTS);
const request = fc.record({
  model: fc.constantFrom(...MODELS),
  inputTokens: fc.oneof(fc.nat(2_000), fc.integer({ min: 99_990, max: 100_010 }), fc.nat(1_000_000)),
  cacheTtl: fc.constantFrom('5m' as const, '1h' as const),
  searches: fc.oneof(fc.constant(0), fc.nat(3)),
});

describe('the worst case', () => {
  it.each([
    // 1,000 input at the 5-minute write rate and 100 output
    ['claude-opus-5', 1_000, 100, '5m', 8_750n],
    ['claude-opus-5', 1_000, 100, '1h', 12_500n],
    ['claude-haiku-5-5', 100_000, 1_000, '5m', 13_000n],
    ['claude-haiku-5-5', 100_001, 1_000, '5m', 65_001n],
    ['claude-haiku-5-5', 1, 0, '5m', 1n],
  ] as const)('of %s with %d in, %d out, ttl %s is %d', (model, inputTokens, maxTokens, cacheTtl, cost) => {
    expect(worstCaseMicrodollars({ model, inputTokens, maxTokens, cacheTtl })).toBe(cost);
  });

  it('is never below the bill of a call within its bounds, however its prompt was cached', () => {
    const share = fc.nat(1_000);
    fc.assert(
      fc.property(
        request,
        fc.nat(50_000),
        fc.tuple(share, share, share, share),
        share,
        (prompt, maxTokens, cut, used) => {
          const part = (n: number) => Math.floor((prompt.inputTokens * n) / (cut[0] + cut[1] + cut[2] + cut[3] || 1));
          const hour = prompt.cacheTtl === '1h' ? part(cut[3]) : 0;
          const usage = {
            input_tokens: part(cut[0]),
            cache_read_input_tokens: part(cut[1]),
            cache_creation: { ephemeral_5m_input_tokens: part(cut[2]), ephemeral_1h_input_tokens: hour },
            output_tokens: Math.floor((maxTokens * used) / 1_000),
          };
          const bill = costMicrodollars({ model: prompt.model, usage });
          expect(worstCaseMicrodollars({ ...prompt, maxTokens })).toBeGreaterThanOrEqual(bill);
        },
      ),
    );
  });

  it('has searches at their most, and the prompt read once more after each', () => {
    const ask = { model: 'claude-opus-5', inputTokens: 1_000, maxTokens: 100 };
    expect(worstCaseMicrodollars({ ...ask, searches: 2 })).toBe(3n * 6_250n + 2_500n + 2n * 10_000n);
    // Three times 40,000 tokens are above the tier of 100,000 when usage has them in one sum.
    const haiku = { model: 'claude-haiku-5-5', inputTokens: 40_000, maxTokens: 0, searches: 2 };
    expect(worstCaseMicrodollars(haiku)).toBe(
      worstCaseMicrodollars({ ...haiku, inputTokens: 120_000, searches: 0 }) + 20_000n,
    );
  });

  it('is never below the bill of a call that searched, in one sum or iteration by iteration', () => {
    const used = fc.record({ searches: fc.nat(5), spare: fc.nat(2), apart: fc.boolean(), output: fc.nat(50_000) });
    fc.assert(
      fc.property(
        request,
        used,
        fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 }),
        (prompt, { searches, spare, apart, output }, cut) => {
          const read = Array.from({ length: searches + 1 }, (_, i) =>
            Math.floor((prompt.inputTokens * cut[i]!) / 1_000),
          );
          const iterations = read.map((input_tokens, i) => ({ input_tokens, output_tokens: i === 0 ? output : 0 }));
          const usage = {
            input_tokens: read.reduce((sum, tokens) => sum + tokens),
            output_tokens: output,
            server_tool_use: { web_search_requests: searches },
            ...(apart && { iterations }),
          };
          const held = worstCaseMicrodollars({ ...prompt, searches: searches + spare, maxTokens: output });
          expect(held).toBeGreaterThanOrEqual(costMicrodollars({ model: prompt.model, usage }));
        },
      ),
    );
  });

  it('grows with both counts', () => {
    fc.assert(
      fc.property(request, fc.nat(50_000), fc.nat(5_000), fc.nat(5_000), (prompt, maxTokens, moreIn, moreOut) => {
        const greater = { ...prompt, inputTokens: prompt.inputTokens + moreIn, maxTokens: maxTokens + moreOut };
        expect(worstCaseMicrodollars(greater)).toBeGreaterThanOrEqual(worstCaseMicrodollars({ ...prompt, maxTokens }));
      }),
    );
  });

  it('of the prompt alone is its input cost', () => {
    const cost = (inputTokens: number) => worstCaseMicrodollars({ model: 'claude-opus-5', inputTokens, maxTokens: 0 });
    expect(cost(1_000)).toBe(6_250n);
    expect(cost(0)).toBe(0n);
  });

  it('refuses what is no count, and models without a price', () => {
    const ask = (inputTokens: number, maxTokens: number) => () =>
      worstCaseMicrodollars({ model: 'claude-opus-5', inputTokens, maxTokens });
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(ask(wrong, 1)).toThrow(RangeError);
      expect(ask(1, wrong)).toThrow(RangeError);
      expect(() =>
        worstCaseMicrodollars({ model: 'claude-opus-5', inputTokens: 1, maxTokens: 1, searches: wrong }),
      ).toThrow(RangeError);
    }
    expect(() => worstCaseMicrodollars({ model: 'gpt-4o', inputTokens: 1, maxTokens: 1 })).toThrow(UnknownModelError);
  });
});

describe('affordable output', () => {
  it.each([
    ['claude-opus-5', 1_000, 8_750n, 100],
    ['claude-opus-5', 1_000, 8_749n, 99],
    ['claude-opus-5', 1_000, 6_250n, 0],
    ['claude-opus-5', 1_000, 0n, 0],
    ['claude-opus-5', 1_000, -5n, 0],
    ['claude-opus-5', 0, 10n ** 12n, 128_000],
    ['claude-haiku-5-5', 100_001, 65_000n, 999],
  ] as const)('of %s behind %d tokens for %d is %d', (model, inputTokens, amount, most) => {
    expect(affordableOutput({ model, inputTokens, amount })).toBe(most);
  });

  it('fits the amount, and one token more does not', () => {
    fc.assert(
      fc.property(request, fc.bigInt({ min: 0n, max: 20_000_000n }), (prompt, amount) => {
        const most = affordableOutput({ ...prompt, amount });
        if (most > 0) expect(worstCaseMicrodollars({ ...prompt, maxTokens: most })).toBeLessThanOrEqual(amount);
        if (most < modelLimits(prompt.model).maxOutput) {
          expect(worstCaseMicrodollars({ ...prompt, maxTokens: most + 1 })).toBeGreaterThan(amount);
        }
      }),
    );
  });

  it('never falls when the amount grows', () => {
    const amount = fc.bigInt({ min: 0n, max: 20_000_000n });
    fc.assert(
      fc.property(request, amount, amount, (prompt, less, more) => {
        const least = affordableOutput({ ...prompt, amount: less });
        expect(affordableOutput({ ...prompt, amount: less + more })).toBeGreaterThanOrEqual(least);
      }),
    );
  });
});

describe('a call that is to be served in the US alone', () => {
  const call = { model: 'claude-sonnet-5-5', inputTokens: 12_345, maxTokens: 678 };

  it('is held at a tenth more, rounded up once', () => {
    const worst = worstCaseMicrodollars(call);
    expect(worstCaseMicrodollars({ ...call, geo: 'global' })).toBe(worst);
    const us = worstCaseMicrodollars({ ...call, geo: 'us' });
    expect(us * 10n).toBeGreaterThanOrEqual(worst * 11n - 11n);
    expect(us * 10n).toBeLessThan(worst * 11n + 10n);
  });

  it('never costs more than that', () => {
    const usage = { input_tokens: 0, cache_creation_input_tokens: 12_345, output_tokens: 678, inference_geo: 'us' };
    expect(costMicrodollars({ model: call.model, usage })).toBe(worstCaseMicrodollars({ ...call, geo: 'us' }));
  });

  it('gets the output that its money affords, to the token', () => {
    const { maxTokens, ...prompt } = call;
    const amount = worstCaseMicrodollars({ ...call, geo: 'us' });
    expect(affordableOutput({ ...prompt, geo: 'us', amount })).toBeGreaterThanOrEqual(maxTokens);
    expect(affordableOutput({ ...prompt, geo: 'us', amount: amount - 11n })).toBeLessThan(maxTokens);
  });

  it('costs no more with a model that cannot be asked for it', () => {
    const old = { ...call, model: 'claude-haiku-4-5' };
    expect(worstCaseMicrodollars({ ...old, geo: 'us' })).toBe(worstCaseMicrodollars(old));
  });
});
