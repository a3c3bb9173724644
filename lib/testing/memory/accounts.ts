/** Users, keys and money from the user's and the operator's side; the ledger's other door. */
import { daysUntil } from '../../budget/rules.ts';
import type { Accounts, BudgetView, Purse, UserChange } from '../../ports/index.ts';
import { atLeast0, dateOf, dayAfter, withRenewal } from './cycle.ts';
import { daysOf, topUpsOf, usersOf } from './lists.ts';
import { dayOf, enter, rebudget, shown, spentSince, termsAt, today, topUpsLeft, userOf, wantsMoney } from './money.ts';
import { isOwned, nudge, type SessionRow, type Store, type UserRow } from './store.ts';
import { usageOf } from './usage.ts';

/** 2^53 - 1: what JSON carries exactly. */
const MOST = 9_007_199_254_740_991n;

/** A key's last use is known to five minutes. */
const LAST_USE_MS = 5 * 60_000;

export function memoryAccounts(store: Store): Accounts {
  return {
    putUser: async (id, change) => putUser(store, id, change),
    async getUser(id) {
      const user = store.users.get(id);
      return user ? shown(store, user) : null;
    },
    users: async (filter, page) => usersOf(store, filter, page),
    async addKey(userId, { id, hash, name, prefix }) {
      if (!store.users.has(userId)) return false;
      const made = { id, userId, hash, name, prefix, createdAt: store.now, lastUsedAt: null, revokedAt: null };
      store.keys.set(id, store.keys.get(id) ?? made);
      return true;
    },
    async revokeKey(userId, keyId) {
      const key = store.keys.get(keyId);
      if (key?.userId !== userId) return false;
      key.revokedAt ??= store.now;
      return true;
    },
    async keysOf(userId) {
      if (!store.users.has(userId)) return null;
      const own = [...store.keys.values()].filter((key) => key.userId === userId);
      return own
        .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
        .map(({ userId: _, hash, ...view }) => view);
    },
    async whoIs(hash) {
      const key = [...store.keys.values()].find((one) => one.hash === hash && one.revokedAt === null);
      if (!key) return null;
      if (store.now > (key.lastUsedAt ?? Number.NEGATIVE_INFINITY) + LAST_USE_MS) key.lastUsedAt = store.now;
      return shown(store, userOf(store, key.userId));
    },
    budget: async (userId) => budgetOf(store, userId),
    async topUp(userId, amount, spread, once) {
      const key = `${userId} top-up ${once.key}`;
      const earlier = store.operations.get(key);
      if (earlier) return earlier.fingerprint === once.fingerprint ? budgetOf(store, userId) : 'conflict';
      const { ceiling, date, spent, held } = dayOf(store, userId);
      const has = cycleMoney(store, userId);
      if (has + amount > MOST) return { tooMuch: { has, most: atLeast0(MOST - has) } };
      store.operations.set(key, { fingerprint: once.fingerprint, sessionId: null });
      const topUps = store.topUps.get(userId) ?? [];
      store.topUps.set(userId, [
        ...topUps,
        { ...{ key: once.key, at: store.now, day: date }, amount, spread, committed: spent + held },
      ]);
      rebudget(store, userId, ceiling);
      return budgetOf(store, userId);
    },
    topUps: async (userId, page) => topUpsOf(store, userId, page),
    days: async (userId, range, page) => daysOf(store, userId, range, page),
    usage: async (userId, range, groupBy, page) => usageOf(store, userId, range, groupBy, page),
  };
}

function putUser(store: Store, id: string, { firstBudget = 0n, ...change }: UserChange) {
  const date = today(store, id);
  const before = store.users.get(id);
  const ceiling = before ? dayOf(store, id).ceiling : 0n;
  const {
    tier = 'standard',
    budget = firstBudget,
    wakePolicy = 'auto',
    maxDailyMultiple = null,
  } = { ...(before && termsAt(store, before, date)), ...given(change) };
  const unpaid = { paidByStripe: false, paidUsed: null };
  const fresh = { cycleStart: date, renewalDate: null, anchor: null, carried: 0n, prior: null, ...unpaid };
  const { cycleStart, renewalDate, anchor, carried, prior, paidByStripe, paidUsed } = before
    ? termsAt(store, before, date)
    : fresh;
  const cycle =
    change.renewalDate === undefined
      ? { cycleStart, renewalDate, anchor }
      : withRenewal(cycleStart, change.renewalDate, date);
  const beside = before ? cycleMoney(store, id) - before.budget : 0n;
  if (budget + beside > MOST && (change.budget !== undefined || !before))
    return { tooMuch: { has: beside, most: atLeast0(MOST - beside) } };
  const createdAt = before?.createdAt ?? store.now;
  const terms = { tier, budget, wakePolicy, maxDailyMultiple };
  const user: UserRow = { id, createdAt, ...terms, ...cycle, carried, prior, paidByStripe, paidUsed };
  store.users.set(id, user);
  if (
    before &&
    (before.budget !== budget ||
      before.renewalDate !== user.renewalDate ||
      before.maxDailyMultiple !== maxDailyMultiple)
  )
    rebudget(store, id, ceiling);
  const own = [...store.sessions.values()].filter((row) => row.userId === id && row.state.state !== 'ended');
  const freed = before?.wakePolicy === 'manual' && wakePolicy === 'auto';
  for (const row of freed ? own.filter(leftToPerson) : []) nudge(store, row);
  return { user: shown(store, user), nudged: own.some((row) => row.due <= store.now && !isOwned(row)) };
}

/** All that the user has in this cycle, whatever of it is spent. */
function cycleMoney(store: Store, userId: string): bigint {
  const { budget, carried, cycleStart } = termsAt(store, userOf(store, userId), today(store, userId));
  const topUps = (store.topUps.get(userId) ?? []).filter(({ day }) => day >= cycleStart);
  return topUps.reduce((total, { amount }) => total + amount, budget + carried);
}

/** What slept until a user acts may now sleep until midnight: let it decide anew. */
const leftToPerson = (row: SessionRow) =>
  (row.state.state === 'sleeping' || wantsMoney(row)) && !Number.isFinite(row.due);

function given<T extends object>(change: T): Partial<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function budgetOf(store: Store, userId: string): BudgetView {
  const user = userOf(store, userId);
  const day = dayOf(store, userId);
  const { cycleStart, renewalDate, carried } = termsAt(store, user, day.date);
  const budget = cycleMoney(store, userId);
  const spent = spentSince(store, userId, cycleStart);
  const remaining = atLeast0(budget - spent);
  return {
    now: store.now,
    cycleStart,
    day,
    budget,
    carriedOver: carried,
    toppedUpLeft: topUpsLeft(store, userId, carried, [cycleStart, day.date, dateOf(dayAfter(day.date))]),
    spent,
    remaining,
    daysLeft: daysUntil(renewalDate, day.date),
    renewalDate,
    alerts: noticed(store, userId, day.date),
    nextDue: nextDueOf(store, userId),
  };
}

function nextDueOf(store: Store, userId: string): number | null {
  const own = [...store.sessions.values()].filter((row) => row.userId === userId && row.state.state !== 'ended');
  const due = Math.min(...own.map((row) => row.due));
  return Number.isFinite(due) ? due : null;
}

function noticed(store: Store, userId: string, day: string): BudgetView['alerts'] {
  const own = [...store.alerts.values()].filter((row) => row.userId === userId && row.day === day);
  return own
    .map(({ threshold, at }) => ({ threshold, at }))
    .sort((a, b) => a.at - b.at || (a.threshold < b.threshold ? -1 : 1));
}

export function memoryPurse(store: Store): Purse {
  return {
    async record({ userId, sessionId, iteration, model, usage, cost }) {
      enter(store, { userId, sessionId, n: iteration, cost, class: 'settled', model, usage, tools: [] });
      const rows = [...store.ledger.values()].filter((row) => row.userId === userId && row.sessionId === sessionId);
      const sessionCost = rows.reduce((total, row) => total + row.cost, 0n);
      return { sessionCost, daySpent: dayOf(store, userId).spent };
    },
  };
}
