/** What a first call costs at least: the bounds within which a session's own cost cap must lie. */
import { describe, expect, it } from 'vitest';
import { leastOfFirstCall } from '../../lib/core/first-call.ts';
import { facts, NOW, policy, ready, when } from './given.ts';

const bounds = (change: Partial<typeof facts> = {}) => leastOfFirstCall({ ...facts, ...change }, policy, NOW);
/** Plays the first call of a session with this cap, which a store would refuse by it; the outcome. */
const played = (maxCost: bigint, tokens: number | null) => {
  let step = when(ready({ facts: { maxCost } }), { type: 'claimed' } as never);
  for (let i = 0; i < 10; i++) {
    const [effect] = step.effects;
    if (effect?.type === 'count') step = when(step.session, { type: 'counted', tokens } as never);
    else if (effect?.type !== 'reserve') return effect;
    else if (effect.least <= maxCost) return effect;
    else step = when(step.session, { type: 'refused', by: 'cap', day: step.session.day } as never);
  }
  throw new Error('it never ends');
};

describe('the least cost of a first call', () => {
  it('is enough for it, however the prompt is counted', () => {
    const { enough } = bounds();
    expect(played(enough, null)).toMatchObject({ type: 'reserve' });
  });

  it('is possible for no prompt, however short it is counted, with a microdollar less', () => {
    const { possible, enough } = bounds();
    expect(possible).toBeLessThan(enough);
    expect(played(possible, 0)).toMatchObject({ type: 'reserve' });
    const ended = played(possible - 1n, 0);
    expect(ended).toMatchObject({ type: 'save', save: { suspension: { to: { outcome: 'cost_cap_reached' } } } });
    expect(JSON.stringify(ended, (_, value) => (typeof value === 'bigint' ? String(value) : value))).toMatch(
      /needs at least \$0\.\d+, and of the session's own cost cap of \$0\.\d+ \$0\.\d+ is left\. Nothing was spent/,
    );
  });

  it('grows with the goal and the price, and a ladder lowers it', () => {
    const { enough } = bounds();
    expect(bounds({ goal: 'word '.repeat(10_000) }).enough).toBeGreaterThan(enough);
    const opus = bounds({ model: 'claude-opus-5-5' }).enough;
    expect(opus).toBeGreaterThan(bounds({ model: 'claude-haiku-5-5' }).enough);
    expect(bounds({ model: 'claude-opus-5-5', ladder: ['claude-haiku-5-5'] }).enough).toBeLessThan(opus);
  });
});
