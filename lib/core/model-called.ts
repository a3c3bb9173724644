/**
 * What the journal says of every model call that may have been billed: its cost, its tokens and how long it took. Of a call whose worker died the claim
 * says so (schema/functions/claim.sql). What is known later lowers a cost by `agent.cost_corrected`, or by a settlement that came too late to be told.
 */
import { tokensOf } from '../budget/usage.ts';
import type { Settlement } from './effect.ts';
import type { LogEntry } from './events.ts';
import type { Thinking } from './settle-call.ts';
import { ofCall, type Step } from './step.ts';

/** The step after a call, with the call's entry before all others that its settlement writes. A call that was not served has none. */
export function withCall(s: Thinking, step: Step, at: number): Step {
  const effects = step.effects.map((effect) => {
    if (effect.type !== 'settle' || notServed(effect.settlement)) return effect;
    const { settlement } = effect;
    const journal = [...ofCall(s, [called(s, settlement, at)]), ...settlement.journal];
    return { ...effect, settlement: { ...settlement, journal } };
  });
  return { ...step, effects };
}

const notServed = ({ cost, usage }: Settlement): boolean => cost === 0n && usage === null;

const called = (
  { hold, since }: Thinking,
  { model, kind, cost, class: charge, usage }: Settlement,
  at: number,
): LogEntry => ({
  type: 'agent.model_called',
  data: {
    model,
    kind,
    cost_microdollars: Number(cost ?? hold.amount),
    charge,
    ...tokensOf(usage),
    duration_ms: Math.max(0, at - since),
  },
});
