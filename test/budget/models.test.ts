/** The end of models: the dates that are announced, and what is made of them. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  MODEL_COST_WEIGHTS,
  parsePrices,
  retiredOn,
  retirement,
  retiringSoon,
  successorOn,
  usePrices,
  withPrices,
} from '../../lib/budget/index.ts';

const use = (config: object) => usePrices(withPrices(MODEL_COST_WEIGHTS, parsePrices(JSON.stringify(config))));

afterEach(() => usePrices(MODEL_COST_WEIGHTS));

describe('the end of a model', () => {
  it('is known where the provider announced it, by every name of the model', () => {
    const end = { at: '2026-11-30', successor: 'claude-sonnet-5-5' };
    expect(retirement('claude-sonnet-4-5')).toEqual(end);
    expect(retirement('claude-sonnet-4-5-20250929')).toEqual(end);
    expect(retirement('claude-3-opus-latest')).toEqual({ at: '2026-01-05', successor: 'claude-opus-5-5' });
    expect(retirement('claude-sonnet-5-5')).toBeNull();
    expect(retirement('constructor')).toBeNull();
  });

  it('comes with its day, and is told of for sixty days before', () => {
    const model = 'claude-sonnet-4-5';
    expect([retiredOn(model, '2026-11-29'), retiredOn(model, '2026-11-30')]).toEqual([false, true]);
    const told = ['2026-09-30', '2026-10-01', '2026-11-29', '2026-11-30'].map(
      (day) => retiringSoon(model, day) !== null,
    );
    expect(told).toEqual([false, true, true, false]);
  });

  it('leads to a model that is served, past those that have ended themselves', () => {
    use({
      'claude-sonnet-5-5': { retired_at: '2027-10-01', successor: 'claude-opus-5-5' },
      'claude-opus-5-5': { retired_at: '2027-10-01', successor: 'claude-sonnet-5-5' },
    });
    expect(successorOn('claude-sonnet-4-5', '2026-12-01')).toBe('claude-sonnet-5-5');
    expect(successorOn('claude-haiku-5-5', '2026-12-01')).toBe('claude-haiku-5-5');
    expect(successorOn('claude-sonnet-4-5', '2027-10-01')).toBeNull();
  });

  it('is set by configuration, beside the prices or alone', () => {
    use({ 'claude-haiku-4-5': { retired_at: '2027-01-31', successor: 'claude-haiku-5-5' } });
    expect(retirement('claude-haiku-4-5-20251001')).toEqual({ at: '2027-01-31', successor: 'claude-haiku-5-5' });
    use({ 'claude-sonnet-4-5': { retired_at: null } });
    expect(retirement('claude-sonnet-4-5')).toBeNull();
    expect(() => use({ 'claude-haiku-4-5': { successor: 'claude-next' } })).toThrow(
      /its successor claude-next has no price/,
    );
    expect(() => use({ 'claude-next': { context_window: 1_000, max_output: 100 } })).toThrow(/claude-next is new/);
    expect(() => use({ 'claude-haiku-4-5': { retired_at: 'soon' } })).toThrow(/retired_at/);
  });

  it('leaves no priced model whose successor has ended without one itself', () => {
    const ended = Object.keys(MODEL_COST_WEIGHTS).filter((model) => retiredOn(model, '2026-12-01'));
    expect(ended.length).toBeGreaterThan(5);
    expect(ended.filter((model) => successorOn(model, '2026-12-01') === null)).toEqual([]);
  });
});
