/** What a session's first call costs at least, before there is a session: below it, a cost cap lets no step be taken. */
import { MOST_MICRODOLLARS } from '../budget/rules.ts';
import { freshMemory } from './memory.ts';
import { next } from './next.ts';
import type { Day, Policy, Session, SessionConfig } from './session.ts';

/**
 * Microdollars, by the rules by which the first call will ask for its hold. `at`: milliseconds, for the prices of that day. How many tokens the
 * prompt has only the provider can tell: no cap below `possible` can do, and every cap from `enough` on does.
 */
export const leastOfFirstCall = (facts: SessionConfig, policy: Policy, at: number) => ({
  possible: leastWith(0, facts, policy, at),
  enough: leastWith(null, facts, policy, at),
});

/** `tokens`: what the provider counts; null: nobody counts, so that the bytes bound the prompt. */
function leastWith(tokens: number | null, facts: SessionConfig, policy: Policy, at: number): bigint {
  const date = new Date(at).toISOString().slice(0, 10);
  const day: Day = {
    ...{ date, revision: 1, resetsAt: at, allowance: MOST_MICRODOLLARS, ceiling: MOST_MICRODOLLARS },
    ...{ spent: 0n, held: 0n },
  };
  const session: Session = {
    ...{
      facts,
      policy,
      memory: freshMemory(),
      fence: 1,
      attempts: 1,
      iteration: 0,
      cost: 0n,
      least: 0n,
      open: [],
      fault: null,
      day,
    },
    history: [{ n: 1, role: 'user', content: [{ type: 'text', text: facts.goal }] }],
    pending: { desired: 'run', wakeRequested: false, inbox: [] },
    searches: 0,
    state: 'ready',
  };
  let least = 0n;
  let step = next(session, { type: 'claimed', at });
  // Refused for its cap, a call asks for less and less, until it asks for the least.
  for (;;) {
    const [effect] = step.effects;
    if (effect?.type === 'count') step = next(step.session, { type: 'counted', at, tokens });
    else if (effect?.type === 'reserve') {
      least = effect.least;
      step = next(step.session, { type: 'refused', at, by: 'cap', day });
    } else return least;
  }
}
