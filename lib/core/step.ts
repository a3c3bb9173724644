/** A step of the core: the session as it is now, and what is to be done. */
import { getBudgetPercentage, isAtGracefulThreshold } from '../budget/allowance.ts';
import type { Effect, Save, Suspension } from './effect.ts';
import type { LogEntry } from './events.ts';
import type { Memory } from './memory.ts';
import type { Block, Day, Paid, Session, SessionData, SuspendedState } from './session.ts';

export type Step = { session: Session; effects: Effect[] };

/** Entries about the call that is asked for or under way: they belong to the reply that it brings. */
export const ofCall = (s: SessionData, entries: LogEntry[]): LogEntry[] =>
  entries.map((entry) => ({ ...entry, iteration: s.iteration + 1 }));

/** The part of a session that is true in every state. */
export const known = (s: SessionData): SessionData => ({
  facts: s.facts,
  policy: s.policy,
  memory: s.memory,
  fence: s.fence,
  attempts: s.attempts,
  iteration: s.iteration,
  cost: s.cost,
  least: s.least,
  history: s.history,
  open: s.open,
  pending: s.pending,
  searches: s.searches,
  ...(s.shared && { shared: s.shared }),
  day: s.day,
  fault: s.fault,
});

type Money = { allowance: bigint; ceiling: bigint; spent: bigint; held: bigint };

/** The limits of a day that a session must keep: its user's, and its own share's if it has one. */
const moneys = (day: Day): Money[] => (day.share ? [day, day.share] : [day]);

const least = (amounts: bigint[]): bigint => amounts.reduce((a, b) => (a < b ? a : b));

/** What may still be held now, as far as one session can know: others' holds and what is kept for them may leave less. */
export const free = (day: Day): bigint => least(moneys(day).map((m) => m.ceiling - m.spent - m.held));

/** All that one step can ever have on such a day: its first may use what is set aside for the session itself. */
export const wholeDay = (day: Day): bigint => least(moneys(day).map((m) => m.ceiling));

type Parts = {
  turn?: Block[] | null;
  paid?: Paid[];
  journal: LogEntry[];
  due: number;
  suspension?: Suspension | null;
} & Pick<Save, 'open' | 'requests'>;

/** The save that ends every invocation: observations, memory, and whether the session is suspended or goes on. */
export const save = (
  s: SessionData,
  { turn = null, paid = [], journal, due, suspension = null, ...kept }: Parts,
): Step => ({
  session: { ...known(s), state: 'saving', suspended: suspension?.to ?? null },
  effects: [
    {
      type: 'save',
      save: { turn, inboxTaken: 0, memory: unlessSuspended(s, suspension), journal, paid, due, suspension, ...kept },
    },
  ],
});

/** If a command prevents suspending, the next claim must still wait. */
const unlessSuspended = ({ memory }: SessionData, suspension: Suspension | null): SessionData['memory'] =>
  suspension?.to.state === 'waiting' && suspension.to.kind !== 'approval' && !suspension.memory.unaffordable
    ? { ...memory, resume: waitingAgain(suspension.to) }
    : memory;

type Waiting = Extract<SuspendedState, { state: 'waiting' }>;

/** So that `resume` asks the same. Open calls speak for themselves: where they wait for a person, nothing need be remembered. */
export const waitingAgain = ({ question, choices }: Waiting): Memory['resume'] => ({
  state: 'waiting',
  question,
  until: null,
  ...(choices && { choices }),
});

const spending = ({ spent, allowance }: Money) => ({ spentMicrodollars: spent, dailyBudgetMicrodollars: allowance });

/** Past 90 % of the day, or of the session's share of it; or a step did not fit into what the day had left. */
export const windingDown = (s: SessionData): boolean =>
  moneys(s.day).some((m) => isAtGracefulThreshold(spending(m))) || fellShort(s);

const fellShort = ({ memory: { windDown }, day }: SessionData): boolean =>
  windDown?.day === day.date && windDown.short === String(day.ceiling);

/** Per cent of its money that is spent: of the day's, or of the session's share of it, whichever is nearer to its end. */
export const used = (s: SessionData): number => Math.max(...moneys(s.day).map((m) => getBudgetPercentage(spending(m))));

/** Parts of its money, in per cent, at which the agent is told once how it stands. */
const MILESTONES = [50, 75, 90];

/** The last of them that is passed; 0: none. */
export const milestone = (s: SessionData): number => MILESTONES.findLast((percent) => used(s) >= percent) ?? 0;

/** Part of the day's allowance that is spent, in per cent with two digits after the point. */
export const pct = (s: SessionData): number => Math.round(100 * getBudgetPercentage(spending(s.day))) / 100;

/** Why it winds down: 90 % of the day or of its share of it is spent, or the next step did not fit, whatever the meter shows. */
function why({ day }: SessionData): 'allowance' | 'share' | 'next_step' {
  if (isAtGracefulThreshold(spending(day))) return 'allowance';
  return day.share && isAtGracefulThreshold(spending(day.share)) ? 'share' : 'next_step';
}

export const windDownEntry = (s: SessionData): LogEntry => ({
  type: 'agent.winding_down',
  data: { budget_pct: pct(s), reason: why(s), resets_at: new Date(s.day.resetsAt).toISOString() },
});

/** The entry that a page's meter lives on. */
export const budgetEntry = (s: SessionData): LogEntry => ({
  type: 'agent.budget_updated',
  data: {
    budget_pct: pct(s),
    spent_microdollars: Number(s.day.spent),
    daily_budget_microdollars: Number(s.day.allowance),
    cost_microdollars: Number(s.cost),
  },
});
