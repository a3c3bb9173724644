/** The live view's answers: marks, and what is known of each user where none is left. */
import { randomUUID } from 'node:crypto';
import { daysToRenewal } from '../../../lib/budget/allowance.ts';
import type { Day } from '../../../lib/core/session.ts';
import type { BudgetView, Ending, LiveAnswers, LiveView, Mark, Status } from '../../../lib/ports/index.ts';

const KEY_MS = 60_000;
const MARGIN_MS = 2_000;

type Terms = Pick<BudgetView, 'cycleStart' | 'renewalDate' | 'budget' | 'carriedOver' | 'notices'> & {
  before: bigint;
  toppedUp: bigint;
};
type Known = {
  op: string;
  marks: Map<string, number>;
  generation: string;
  day: Day | null;
  at: number;
  terms: Terms | null;
};
type State = {
  userId: string;
  status: Status;
  wakeAt: number | null;
  due: number;
  cost: bigint;
  at: number;
  generation: string;
};

/** `ahead`: by how much the database's clock is ahead of the callers', null if nobody knows. `real`: the callers' own. */
export function memoryAnswers(ahead: () => number | null, real: () => number) {
  const users = new Map<string, Known>();
  const states = new Map<string, State>();
  const keys = new Map<string, { owner: string; until: number } | 'revoked'>();

  const of = (userId: string): Known => {
    const fresh: Known = { op: '', marks: new Map(), generation: '', day: null, at: 0, terms: null };
    const known = users.get(userId) ?? fresh;
    users.set(userId, known);
    return known;
  };
  const leave = ({ userId, op }: Mark, until: number): void => {
    of(userId).marks.set(op, until);
    of(userId).op = op;
  };

  const answers: LiveAnswers = {
    async close(mark, changed) {
      if (changed) leave(mark, 0);
      else of(mark.userId).marks.delete(mark.op);
    },
    async read(userId, sessionId, now) {
      const known = of(userId);
      const shift = ahead();
      const clear = known.marks.size === 0 && shift !== null;
      const present = now + (shift ?? 0);
      const state = sessionId === null ? undefined : states.get(sessionId);
      const mine = state?.userId === userId && state.generation === known.generation && known.generation !== '';
      const rests = state && ['sleeping', 'budget_exceeded', 'waiting_for_input'].includes(state.status);
      const gone = rests && state.due <= present + MARGIN_MS;
      return {
        stamp: known.op,
        busy: [...known.marks.values()].some((until) => until > now),
        budget: clear ? budgetOf(known, present) : null,
        session: clear && mine && !gone ? { ...state, asOf: state.at } : null,
      };
    },
    async put(userId, { stamp, busy }, { budget, session }) {
      const known = of(userId);
      if (busy || known.op !== stamp) return;
      known.op = randomUUID();
      if (known.marks.size > 0 || known.generation === '') known.generation = known.op;
      known.marks.clear();
      const { cycleStart, renewalDate, carriedOver, notices, day, toppedUpLeft } = budget;
      const terms = {
        cycleStart,
        renewalDate,
        carriedOver,
        notices,
        toppedUp: toppedUpLeft > 0n ? toppedUpLeft + day.spent + day.held : 0n,
        budget: budget.budget,
        before: budget.spent - budget.day.spent,
      };
      Object.assign(known, { day: { ...budget.day }, at: budget.now, terms });
      if (!session) return;
      const { view } = session;
      if (!view || view.status === 'waiting_for_input') states.delete(session.id);
      else {
        const { status, wakeAt, cost } = view;
        const due = wakeAt ?? Number.POSITIVE_INFINITY;
        states.set(session.id, { userId, status, wakeAt, due, cost, at: budget.now, generation: known.generation });
      }
    },
    async keyOwner({ id, hash }) {
      const kept = keys.get(`${id}:${hash}`);
      return kept && kept !== 'revoked' && kept.until > real() && keys.get(id) !== 'revoked' ? kept.owner : null;
    },
    async keepKey({ id, hash }, owner) {
      if (keys.get(id) !== 'revoked') keys.set(`${id}:${hash}`, { owner, until: real() + KEY_MS });
    },
    async dropKey(id) {
      keys.set(id, 'revoked');
    },
  };

  /** `late`: a newer view of the session is there already. */
  const mirrored = (view: LiveView, late: boolean, ending?: Ending): void => {
    const known = of(view.userId);
    const { op, at, onlyToday } = ending ?? { op: randomUUID(), at: 0, onlyToday: false };
    const { day } = known;
    const newer = !day || day.date < view.day.date || (day.date === view.day.date && day.revision < view.day.revision);
    if (newer) {
      if (day?.date !== view.day.date) known.terms = null;
      Object.assign(known, { day: { ...view.day }, at });
    }
    known.op = op;
    if (late || !onlyToday) known.marks.set(op, 0);
    else known.marks.delete(op);
    if (late) return;
    const { userId, status, wakeAt, due, cost } = view;
    states.set(view.sessionId, { userId, status, wakeAt, due, cost, at, generation: known.generation });
  };
  const loseAnswers = () => {
    for (const kept of [users, states, keys]) kept.clear();
  };
  return { answers, leave, mirrored, loseAnswers };
}

function budgetOf({ day, terms, at }: Known, present: number): { view: BudgetView; asOf: number } | null {
  if (!day || !terms) return null;
  const isToday = new Date(present).toISOString().startsWith(day.date) && present + MARGIN_MS < day.resetsAt;
  if (!isToday) return null;
  const { before, toppedUp, ...rest } = terms;
  const spent = before + day.spent;
  const remaining = rest.budget > spent ? rest.budget - spent : 0n;
  const daysLeft = daysToRenewal(rest.renewalDate, day.date);
  const used = day.spent + day.held;
  const toppedUpLeft = toppedUp > used ? toppedUp - used : 0n;
  return { view: { now: present, day: { ...day }, ...rest, toppedUpLeft, spent, remaining, daysLeft }, asOf: at };
}
