/** What a session gets that names an agent and nothing more, and the least that its first step costs. */
import { expect, it } from 'vitest';
import { catalogOf } from '../../lib/agents/catalog.ts';
import { defaultsOf, firstStepCost } from '../../lib/agents/choices.ts';
import { isKnownModel } from '../../lib/budget/index.ts';
import { policy } from '../core/given.ts';
import { newSession } from '../kit/world.ts';

const agent = { description: 'Works.', system: 'You work.', tools: [] };
const agents = [
  { ...agent, name: 'plain' },
  { ...agent, name: 'own', model: 'claude-haiku-5-5', effort: 'low' as const, maxOutputTokens: 2_000 },
];
const catalog = catalogOf({ agents }, { isKnownModel, secret: null });

it('an agent’s own model, effort and length of a reply come before those of tier and deployment', () => {
  const tiers = { standard: 'claude-sonnet-5-5' };
  const defaults = defaultsOf(catalog, { ...policy, tierEffort: { standard: 'high' }, maxOutputTokens: 9_000 }, tiers);
  expect(defaults('own', 'standard')).toEqual({ model: 'claude-haiku-5-5', effort: 'low', maxOutputTokens: 2_000 });
  expect(defaults('plain', 'standard')).toEqual({
    ...{ model: 'claude-sonnet-5-5', effort: 'high', maxOutputTokens: 9_000 },
  });
  expect(defaults('plain', 'no tier')).toEqual({ model: null, effort: null, maxOutputTokens: 9_000 });
});

it('a session with fewer tools has a cheaper first step, since its prompt is shorter', () => {
  const cost = (tools: string[] | null) => firstStepCost(catalog, policy)('u1', newSession({ tools })).enough;
  expect(cost([])).toBeLessThan(cost(['bash']));
  expect(cost(['bash'])).toBeLessThan(cost(null));
  expect(cost(catalog.find('assistant')!.tools.map(({ name }) => name))).toBe(cost(null));
});
