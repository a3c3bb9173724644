import { describe, expect, it } from 'vitest';
import { isKnownModel, MODEL_COST_WEIGHTS, modelLimits, priceOf, UnknownModelError } from '../../lib/budget/index.ts';

/** The published list, in dollars per million tokens: input, output, cache write 5 min, cache write 1 h, cache read. */
const PUBLISHED: Record<string, [number, number, number, number, number]> = {
  'claude-fable-5-2': [8, 40, 10, 16, 0.2],
  'claude-mythos-5-2': [8, 40, 10, 16, 0.2],
  'claude-fable-5-1': [10, 50, 12.5, 20, 0.25],
  'claude-mythos-5-1': [10, 50, 12.5, 20, 0.25],
  'claude-fable-5': [10, 50, 12.5, 20, 1],
  'claude-mythos-5': [10, 50, 12.5, 20, 1],
  'claude-opus-5-5': [4, 20, 5, 8, 0.2],
  'claude-opus-5': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-8': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-7': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-6': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-5': [5, 25, 6.25, 10, 0.5],
  'claude-opus-4-1': [15, 75, 18.75, 30, 1.5],
  'claude-opus-4-0': [15, 75, 18.75, 30, 1.5],
  'claude-sonnet-5-5': [2, 10, 2.5, 4, 0.1],
  'claude-sonnet-5': [2, 10, 2.5, 4, 0.2],
  'claude-sonnet-4-6': [3, 15, 3.75, 6, 0.3],
  'claude-sonnet-4-5': [3, 15, 3.75, 6, 0.3],
  'claude-sonnet-4-0': [3, 15, 3.75, 6, 0.3],
  'claude-haiku-5-5': [0.1, 0.5, 0.125, 0.2, 0.01],
  'claude-haiku-4-5': [1, 5, 1.25, 2, 0.1],
  'claude-3-7-sonnet-20250219': [3, 15, 3.75, 6, 0.3],
  'claude-3-5-haiku-20241022': [0.8, 4, 1, 1.6, 0.08],
  'claude-3-opus-20240229': [15, 75, 18.75, 30, 1.5],
  'claude-3-haiku-20240307': [0.25, 1.25, 0.3, 0.5, 0.03],
};

const dollarsPerMillion = (rates: object) => Object.values(rates).map((rate) => Number(rate) / 1e6);

describe('MODEL_COST_WEIGHTS', () => {
  it.each(Object.entries(PUBLISHED))('prices %s as published', (model, list) => {
    expect(dollarsPerMillion(priceOf(model).rates)).toEqual(list);
  });

  it('holds no model besides', () => {
    expect(Object.keys(MODEL_COST_WEIGHTS).sort()).toEqual(Object.keys(PUBLISHED).sort());
  });

  it('keeps every rate whole under batch, fast and region', () => {
    const everyRate = Object.values(MODEL_COST_WEIGHTS)
      .flatMap(({ prices }) => prices)
      .flatMap(({ rates, long }) => [...Object.values(rates), ...Object.values(long?.rates ?? {})]);
    expect(everyRate.filter((rate) => rate <= 0n || (rate * 11n) % 20n !== 0n)).toEqual([]);
  });

  it('never makes a longer prompt or a cache write the cheaper one, so that a worst case can be trusted', () => {
    for (const { prices } of Object.values(MODEL_COST_WEIGHTS)) {
      for (const { rates, long } of prices) {
        expect(rates.cacheRead <= rates.input && rates.input <= rates.cacheWrite5m).toBe(true);
        expect(rates.cacheWrite5m <= rates.cacheWrite1h).toBe(true);
        for (const [name, rate] of Object.entries(long?.rates ?? {})) {
          expect(rate).toBeGreaterThanOrEqual(rates[name as keyof typeof rates]);
        }
      }
    }
  });

  it('orders dated prices from oldest to newest, the first without a date', () => {
    for (const { prices } of Object.values(MODEL_COST_WEIGHTS)) {
      expect(prices[0]?.from).toBeNull();
      const dates = prices.slice(1).map(({ from }) => from);
      expect(dates).toEqual([...dates].sort());
      expect(dates).not.toContain(null);
    }
  });
});

describe('priceOf', () => {
  it.each([
    ['2026-10-06T23:59:59.999Z', 200_000n],
    ['2026-10-07T00:00:00.000Z', 100_000n],
    ['2026-11-22T00:00:00.000Z', 100_000n],
  ])('takes the price in force at %s', (at, cacheRead) => {
    expect(priceOf('claude-sonnet-5-5', at).rates.cacheRead).toBe(cacheRead);
    expect(priceOf('claude-sonnet-5-5', Date.parse(at)).rates.cacheRead).toBe(cacheRead);
    expect(priceOf('claude-sonnet-5-5', new Date(at)).rates.cacheRead).toBe(cacheRead);
  });

  it('has one tier by prompt size, and none for the ended beta of Sonnet', () => {
    const tiered = Object.entries(MODEL_COST_WEIGHTS).filter(([, { prices }]) => prices.some(({ long }) => long));
    expect(tiered.map(([name]) => name)).toEqual(['claude-haiku-5-5']);
    const { long } = priceOf('claude-haiku-5-5');
    expect(long?.above).toBe(100_000);
    expect(dollarsPerMillion(long?.rates ?? {})).toEqual([0.5, 2.5, 0.625, 1, 0.05]);
  });

  it('refuses what is no instant', () => {
    expect(() => priceOf('claude-sonnet-5-5', 'soon')).toThrow(RangeError);
  });
});

describe('names', () => {
  it.each([
    ['claude-opus-4-7-20260416', 'claude-opus-4-7'],
    ['claude-opus-4-6-20260205', 'claude-opus-4-6'],
    ['claude-opus-4-5-20251101', 'claude-opus-4-5'],
    ['claude-opus-4-1-20250805', 'claude-opus-4-1'],
    ['claude-opus-4-20250514', 'claude-opus-4-0'],
    ['claude-4-opus-20250514', 'claude-opus-4-0'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-20250514', 'claude-sonnet-4-0'],
    ['claude-4-sonnet-20250514', 'claude-sonnet-4-0'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4-5'],
  ])('knows %s as %s', (alias, model) => {
    expect(priceOf(alias)).toBe(priceOf(model));
    expect(modelLimits(alias)).toMatchObject(modelLimits(model));
  });

  it.each([
    'claude-mythos-preview',
    'claude-opus-9',
    'claude-sonnet-5-5-20270101',
    'CLAUDE-OPUS-5',
    'gpt-4o',
    '',
    'constructor',
    '__proto__',
  ])('refuses %j', (model) => {
    expect(isKnownModel(model)).toBe(false);
    expect(() => priceOf(model)).toThrow(UnknownModelError);
    expect(() => modelLimits(model)).toThrow(UnknownModelError);
  });

  it('says which model, what it means and what to do', () => {
    const error = new UnknownModelError('claude-opus-9');
    expect(error.code).toBe('unknown_model');
    expect(error.model).toBe('claude-opus-9');
    expect(error.message).toContain('"claude-opus-9"');
    expect(error.message).toContain('neither reserved nor charged');
    expect(error.message).toContain('MODEL_COST_WEIGHTS');
  });

  it('gives window and longest reply', () => {
    expect(modelLimits('claude-opus-5-5')).toMatchObject({ contextWindow: 1_000_000, maxOutput: 128_000 });
    expect(modelLimits('claude-haiku-4-5')).toMatchObject({ contextWindow: 200_000, maxOutput: 64_000 });
    expect(modelLimits('claude-opus-4-1')).toMatchObject({ contextWindow: 200_000, maxOutput: 32_000 });
  });
});
