/** Each comparison of the core with a limit: just below it, at it, and just above it. */
import { describe, expect, it } from 'vitest';
import { boundary, windDownOver } from '../../lib/core/limits.ts';
import { refused } from '../../lib/core/refused.ts';
import type { Session } from '../../lib/core/session.ts';
import { free, windingDown } from '../../lib/core/step.ts';
import { claim, day, known, NOW, ready, when } from './given.ts';

const ALLOWANCE = 10_000_000n;
const CEILING = 11_000_000n;
const GRACEFUL = 9_000_000n;

const share = (spent: bigint) => ({ allowance: ALLOWANCE, ceiling: CEILING, spent, held: 0n });
const toldDown = (iterations: number) => ({
  windDown: { day: '2026-11-22', iterations, short: null, ceiling: String(CEILING) },
});
const reserving = (spent: bigint): Extract<Session, { state: 'reserving' }> => {
  let step = claim(ready({ iteration: 1, history: known().history }));
  if (step.effects[0]?.type === 'count') step = when(step.session, { type: 'counted', tokens: null });
  const session = step.session as Extract<Session, { state: 'reserving' }>;
  return { ...session, call: { ...session.call, counted: true }, day: day(spent) };
};

describe('at its limit', () => {
  it.each([
    [CEILING - 1n, null],
    [CEILING, null],
    [CEILING + 1n, 'exceeded'],
  ])('the breaker trips above the ceiling, not at it: %s spent, %s', (spent, to) => {
    expect(boundary(known({ iteration: 1, day: day(spent) }), NOW)?.to.state ?? null).toBe(to);
    const [effect] = refused(reserving(spent), 'day', day(spent), NOW).effects;
    const refusal = effect?.type === 'save' ? effect.save.suspension?.to.state : null;
    expect(refusal === 'exceeded').toBe(to === 'exceeded');
  });

  it.each([
    [GRACEFUL - 1n, false],
    [GRACEFUL, true],
    [GRACEFUL + 1n, true],
  ])('the graceful threshold: %s spent winds down, %s', (spent, down) => {
    expect(windingDown(known({ day: day(spent) }))).toBe(down);
    expect(windingDown(known({ day: day(0n, { share: share(spent) }) }))).toBe(down);
  });

  it.each([
    [149, null],
    [150, 'iteration_limit_reached'],
    [151, 'iteration_limit_reached'],
  ])('the iteration cap of 150: after %i, %s', (iteration, outcome) => {
    expect(boundary(known({ iteration }), NOW)?.to ?? {}).toMatchObject(outcome === null ? {} : { outcome });
    if (outcome === null) expect(boundary(known({ iteration }), NOW)).toBeNull();
  });

  it.each([
    [0, 0, true],
    [1, 2, false],
    [1, 3, true],
    [1, 4, true],
  ])('the last words: iteration %i with %i of them said are over, %s', (iteration, said, over) => {
    expect(windDownOver(known({ iteration, day: day(GRACEFUL), memory: toldDown(said) }))).toBe(over);
    expect(windDownOver(known({ iteration, day: day(GRACEFUL - 1n), memory: toldDown(said) }))).toBe(false);
  });

  it.each([
    [5, false],
    [6, true],
  ])('the attempts: %i end it, %s', (attempts, ends) => {
    const step = claim(ready({ attempts }));
    const [effect] = step.effects;
    const failed = effect?.type === 'save' && effect.save.suspension?.to.state === 'ended';
    expect(failed).toBe(ends);
  });

  it('what may be held is the ceiling less what is spent and held, to the microdollar', () => {
    expect(free(day(1n, { held: 2n }))).toBe(CEILING - 3n);
    expect(free(day(0n, { share: { ...share(CEILING - 5n), held: 4n } }))).toBe(1n);
  });
});
