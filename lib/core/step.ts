/** A step of the core: the session as it is now, and what is to be done. */
import { getBudgetPercentage, isAtGracefulThreshold } from '../budget/allowance.ts';
import type { Effect, Rest } from './effect.ts';
import type { Block, Entry, Known, Session } from './session.ts';

export type Step = { session: Session; effects: Effect[] };

/** The part of a session that is true in every state. */
export const known = (s: Known): Known => ({
  facts: s.facts,
  policy: s.policy,
  memory: s.memory,
  fence: s.fence,
  attempts: s.attempts,
  iteration: s.iteration,
  cost: s.cost,
  history: s.history,
  open: s.open,
  wishes: s.wishes,
  day: s.day,
  fault: s.fault,
});

type Parts = { turn?: Block[] | null; journal: Entry[]; due: number; rest?: Rest | null };

/** The save that ends every invocation: observations, memory, and whether it rests or goes on. */
export const save = (s: Known, { turn = null, journal, due, rest = null }: Parts): Step => ({
  session: { ...known(s), state: 'saving', rest: rest?.to ?? null },
  effects: [{ type: 'save', save: { turn, inboxTaken: 0, memory: unlessRested(s, rest), journal, due, rest } }],
});

/** A nudge may deny the rest: the next claim must still wait. */
const unlessRested = ({ memory }: Known, rest: Rest | null): Known['memory'] =>
  rest?.to.state === 'waiting' && !rest.memory.tooDear
    ? { ...memory, resume: { state: 'waiting', question: rest.to.question, until: null } }
    : memory;

export const windingDown = (s: Known): boolean =>
  isAtGracefulThreshold({ spentMicrodollars: s.day.spent, dailyBudgetMicrodollars: s.day.allowance });

/** Part of the day's allowance that is spent, in per cent with two digits after the point. */
export const pct = (s: Known): number =>
  Math.round(100 * getBudgetPercentage({ spentMicrodollars: s.day.spent, dailyBudgetMicrodollars: s.day.allowance })) /
  100;

/** The entry that a page's meter lives on. */
export const budgetEntry = (s: Known): Entry => ({
  type: 'agent.budget_updated',
  data: {
    budget_pct: pct(s),
    spent_microdollars: Number(s.day.spent),
    daily_budget_microdollars: Number(s.day.allowance),
    cost_microdollars: Number(s.cost),
  },
});
