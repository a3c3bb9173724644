/** Budget days, holds and the ledger. A hold leaves `held` once, and evidence corrects an unknown cost once (R7). */
import type { Usage } from '../../budget/pricing.ts';
import { daysUntil, handoffNeed, handoffReserveOf, shareOf } from '../../budget/rules.ts';
import type { Day, Share } from '../../core/session.ts';
import { leftOfPaid, usedUp } from '../../payments/paid-invoices.ts';
import type { User } from '../../ports/index.ts';
import { cycleAt, dateOf, dayAfter, leftOf, limitsOf, startOf } from './cycle.ts';
import { termsPaid } from './paid-plan.ts';
import { callKey, copy, type DayRow, isOwned, nudge, type SessionRow, type Store, type UserRow } from './store.ts';

export function userOf(store: Store, userId: string): UserRow {
  const user = store.users.get(userId);
  if (!user) throw new Error(`no user ${userId}`);
  return user;
}

/** A user as the ports show them, with the renewal date of the cycle that today lies in. */
export function shown(store: Store, user: UserRow): User {
  const { id, wakePolicy, maxDailyMultiple } = user;
  const { tier, budget, renewalDate } = termsAt(store, user, today(store, id));
  return copy({ id, tier, budget, wakePolicy, maxDailyMultiple, renewalDate });
}

function daysOf(store: Store, userId: string): Map<string, DayRow> {
  const days = store.days.get(userId) ?? new Map<string, DayRow>();
  store.days.set(userId, days);
  return days;
}

/** The user's UTC day by the settable clock; never goes back. */
export function today(store: Store, userId: string): string {
  return [dateOf(store.now), ...daysOf(store, userId).keys()].reduce((a, b) => (a > b ? a : b));
}

/** Σ(spent + held) of the days from `from` on and before `to`. */
export function committed(store: Store, userId: string, from: string, to: string): bigint {
  return [...daysOf(store, userId)]
    .filter(([date]) => date >= from && date < to)
    .reduce((total, [, day]) => total + day.spent + day.held, 0n);
}

/** Σ spent of the days from `from` on: what a user is told. What is still held has not been spent. */
export function spentSince(store: Store, userId: string, from: string): bigint {
  return [...daysOf(store, userId)].reduce((total, [date, day]) => (date >= from ? total + day.spent : total), 0n);
}

/** What is left, after all that was committed before `to`, of `carried` and the top-ups from `from` until `last`. */
export function topUpsLeft(store: Store, userId: string, carried: bigint, [from, last, to]: [string, string, string]) {
  const topUps = (store.topUps.get(userId) ?? []).filter(({ day }) => day >= from && day <= last);
  const split = topUps.map((one) => ({ ...one, committed: committed(store, userId, from, one.day) + one.committed }));
  return leftOf(carried, split, committed(store, userId, from, to));
}

/** The user's terms in the cycle that `date` lies in, with what was carried into it. */
export function termsAt(store: Store, user: UserRow, date: string): UserRow {
  let now = user;
  while (now.renewalDate && now.renewalDate <= date) {
    const ended = { ...now, prior: { start: now.cycleStart, carried: now.carried } };
    const next = now.paidByStripe
      ? paidCycle(store, ended, now.renewalDate)
      : cycleAt({ ...now, renewalDate: now.renewalDate }, now.renewalDate);
    now = { ...ended, ...next };
    now.carried = carriedInto(store, now);
  }
  return { ...now, carried: carriedInto(store, now) };
}

/** The cycle that begins on this day with the next paid period; without one it has no money of the plan, and no end. */
function paidCycle(store: Store, ended: UserRow, cycleStart: string): Partial<UserRow> {
  const paidUsed = usedBy(store, ended, cycleStart);
  const paid = termsPaid(store, ended.id, cycleStart, cycleStart);
  if (!paid) return { cycleStart, budget: 0n, renewalDate: null, anchor: null, paidByStripe: false, paidUsed };
  const { tier, total, until: renewalDate } = paid;
  const budget = leftOfPaid(total, paidUsed);
  return { cycleStart, tier, budget, renewalDate, anchor: Number(renewalDate.slice(8)), paidUsed };
}

/** Of all that invoices gave, what is used up when the cycle of `user` has ended before `end`. */
function usedBy(store: Store, user: UserRow, end: string): bigint {
  const { id, cycleStart, carried, budget, paidUsed } = user;
  const eve = dateOf(startOf(end) - 1);
  const terms = termsPaid(store, id, eve, cycleStart);
  const toppedUp = (store.topUps.get(id) ?? [])
    .filter(({ day }) => day >= cycleStart && day < end)
    .reduce((sum, { amount }) => sum + amount, 0n);
  const ofTopUps = carried + toppedUp - topUpsLeft(store, id, carried, [cycleStart, eve, end]);
  const used = paidUsed ?? terms?.ended ?? 0n;
  const paid = terms ? leftOfPaid(terms.total, used) : 0n;
  return usedUp(used, { paid, budget, spent: committed(store, id, cycleStart, end) - ofTopUps });
}

function carriedInto(store: Store, { id, prior, carried, cycleStart }: UserRow): bigint {
  const eve = dateOf(startOf(cycleStart) - 1);
  return prior ? topUpsLeft(store, id, prior.carried, [prior.start, eve, cycleStart]) : carried;
}

/** What freezing the day now would give. */
function calculate(store: Store, user: UserRow, date: string) {
  const cycle = termsAt(store, user, date);
  const topUps = store.topUps.get(user.id) ?? [];
  return limitsOf({
    date,
    cycle,
    budget: cycle.budget,
    carried: cycle.carried,
    topUps,
    committed: committed(store, user.id, cycle.cycleStart, date),
    maxDailyMultiple: user.maxDailyMultiple,
  });
}

/** Sets today's allowance and ceiling, and rolls the cycle if its renewal date has come. */
export function freeze(store: Store, userId: string): DayRow {
  const user = userOf(store, userId);
  const date = today(store, userId);
  Object.assign(user, termsAt(store, user, date));
  const day = daysOf(store, userId).get(date) ?? { allowance: 0n, ceiling: 0n, spent: 0n, held: 0n, revision: 0 };
  Object.assign(day, calculate(store, user, date), { revision: day.revision + 1 });
  daysOf(store, userId).set(date, day);
  return day;
}

export function todayRow(store: Store, userId: string): DayRow {
  return daysOf(store, userId).get(today(store, userId)) ?? freeze(store, userId);
}

/** A user's day for a reader: as frozen, or as it would be. */
export function dayOf(store: Store, userId: string, date = today(store, userId)): Day {
  const frozen = daysOf(store, userId).get(date);
  const row = frozen ?? { ...calculate(store, userOf(store, userId), date), spent: 0n, held: 0n, revision: 0 };
  const { renewalDate: renews } = termsAt(store, userOf(store, userId), date);
  const { remaining, ...rest } = row;
  const cycle = remaining === undefined ? {} : { cycle: { remaining, renews, daysLeft: daysUntil(renews, date) } };
  return { date, ...rest, ...cycle, resetsAt: dayAfter(date) };
}

/**
 * After a budget change: every session learns of it, but only those move that may be short of money and would now get some (R5).
 * `before`: the day's ceiling before the change.
 */
export function rebudget(store: Store, userId: string, before: bigint): void {
  const day = freeze(store, userId);
  const free = day.ceiling > before ? day.ceiling - day.spent - day.held : 0n;
  for (const row of store.sessions.values()) {
    if (row.userId !== userId || row.state.state === 'ended') continue;
    const due = row.due;
    const hintAt = row.hintAt;
    nudge(store, row);
    if (!isOwned(row) && !(wantsMoney(row) && free > 0n && free >= row.least)) Object.assign(row, { due, hintAt });
  }
}

/** It sleeps for want of it, or has asked the user for it. */
export function wantsMoney({ state, memory }: SessionRow): boolean {
  if (state.state === 'waiting') return (memory as { unaffordable?: boolean }).unaffordable === true;
  return state.state === 'exceeded' || (state.state === 'sleeping' && state.reason === 'allowance');
}

/** The session's own part of a day: what it spent, holds, and used for handing off. */
export function ownDay(store: Store, sessionId: string, date: string) {
  const holds = [...store.holds].filter(([, hold]) => hold.sessionId === sessionId && hold.day === date);
  const ledger = [...store.ledger.values()].filter((row) => row.sessionId === sessionId && row.day === date);
  const held = holds.filter(([, hold]) => hold.class === 'held').reduce((total, [, hold]) => total + hold.amount, 0n);
  const handedOff = holds
    .filter(([, hold]) => hold.handOff)
    .reduce(
      (total, [key, hold]) => total + (hold.class === 'held' ? hold.amount : (store.ledger.get(key)?.cost ?? 0n)),
      0n,
    );
  const lastCall = ledger.findLast((row) => row.cost > 0n && row.tool === undefined)?.cost ?? 0n;
  return { spent: ledger.reduce((total, row) => total + row.cost, 0n), held, handedOff, lastCall };
}

/** A day as the session's core sees it. Where the session has a share of it, that comes along, and so does what is kept for others. */
export function dayFor(store: Store, row: SessionRow): Day {
  const day = dayOf(store, row.userId);
  if (row.share === null) return day;
  const part = (amount: bigint) => shareOf(amount, row.share ?? 100);
  const { spent, held } = ownDay(store, row.id, day.date);
  const share = { allowance: part(day.allowance), ceiling: part(day.ceiling), spent, held };
  return { ...day, share, kept: keptForHandOffs(store, row.userId, row) };
}

/**
 * What is kept of the day for hand-offs (R12), at most a fifth of the allowance. Each session that has not handed off counts with one and a half
 * times its last call, or else its least. The largest least comes on top. Nothing is kept for `row` itself where this is its hand-off. The first
 * such of a day gets its least out of the others', too. The first call of a day gets its least out of what is its own.
 */
export function setAside(
  store: Store,
  row: SessionRow,
  day: DayRow & { date: string },
  { least, handOff, tool = false }: { least: bigint; handOff: boolean; tool?: boolean },
): bigint {
  const mayWork = (other: SessionRow) =>
    other === row ||
    (other.state.state !== 'ended' && (other.due < dayAfter(day.date) || other.leaseUntil > store.real));
  const all = [...store.sessions.values()]
    .filter((other) => other.userId === row.userId && other.workedOn === day.date && mayWork(other))
    .map((other) => ({ ...ownDay(store, other.id, day.date), other, least: other === row ? least : other.least }))
    .filter(({ handedOff }) => handedOff === 0n);
  const kept = (live: typeof all): bigint => {
    const needs = live.reduce((total, one) => total + handoffNeed(one.lastCall, one.least), 0n);
    const largest = live.reduce((top, one) => (one.least > top ? one.least : top), 0n);
    if (store.handOffPart !== null) return live.length === 0 ? 0n : day.allowance / store.handOffPart;
    return handoffReserveOf(day.allowance, needs, largest);
  };
  const others = kept(all.filter(({ other }) => other !== row));
  const left = day.ceiling - day.spent - day.held - least;
  const free = left > 0n ? left : 0n;
  const own = ownDay(store, row.id, day.date);
  if (handOff) return own.handedOff === 0n && free < others ? free : others;
  const whole = kept(all);
  const fresh = !tool && own.spent + own.held === 0n;
  const floor = others > free ? others : free;
  return fresh && floor < whole ? floor : whole;
}

/** Likewise of a session's share for its own hand-off. */
export const setAsideOfShare = (share: Share, lastCall: bigint, least: bigint): bigint =>
  handoffReserveOf(share.allowance, handoffNeed(lastCall, least), least);

export function openHolds(store: Store, sessionId: string) {
  return [...store.holds].filter(([, hold]) => hold.sessionId === sessionId && hold.class === 'held');
}

export type Resolution = {
  cost: bigint;
  class: 'unknown' | 'settled';
  model: string;
  usage: Usage | null;
  tools: string[];
};

/** No day's money outgrows what JSON carries exactly. */
const atMost = (cost: bigint, beside: bigint): bigint =>
  cost + beside > BigInt(Number.MAX_SAFE_INTEGER) ? BigInt(Number.MAX_SAFE_INTEGER) - beside : cost;

/** True if it did something. A settled hold stays as it is; an unknown one is corrected by a settlement, up or down. */
export function resolve(store: Store, key: string, to: Resolution): boolean {
  const hold = store.holds.get(key);
  if (!hold) throw new Error(`no hold ${key}`);
  if (hold.class === 'settled' || hold.class === to.class) return false;
  const day = daysOf(store, hold.userId).get(hold.day)!;
  if (hold.class === 'held') day.held -= hold.amount;
  const was = store.ledger.get(key)?.cost ?? 0n;
  const cost = atMost(to.cost, day.spent - was);
  const delta = cost - was;
  day.spent += delta;
  day.revision += 1;
  const row = store.sessions.get(hold.sessionId);
  if (row) row.cost += delta;
  hold.class = to.class;
  const { sessionId, userId, iteration, at, tool } = hold;
  const what = tool === undefined ? {} : { tool, model: tool, tools: [tool] };
  store.ledger.set(key, { sessionId, userId, day: hold.day, iteration, at, ...to, ...what, cost });
  return true;
}

/** Enters a cost that had no hold. False if the ledger has it already. */
export function enter(store: Store, entry: { userId: string; sessionId: string; n: number } & Resolution): boolean {
  const { userId, sessionId, n, ...told } = entry;
  const key = callKey(sessionId, -1, n);
  if (store.ledger.has(`${userId}:${key}`)) return false;
  const day = todayRow(store, userId);
  const ledger = { ...told, cost: atMost(told.cost, day.spent) };
  day.spent += ledger.cost;
  day.revision += 1;
  const row = store.sessions.get(sessionId);
  if (row?.userId === userId) row.cost += ledger.cost;
  store.ledger.set(`${userId}:${key}`, {
    ...{ sessionId, userId, day: today(store, userId), iteration: n, at: store.now },
    ...ledger,
  });
  return true;
}

/** What is kept for the hand-offs of sessions that may still work today. `but`: of all others than this one. */
export function keptForHandOffs(store: Store, userId: string, but?: SessionRow): bigint {
  const day = dayOf(store, userId);
  const works = (row: SessionRow) =>
    row.state.state !== 'ended' && (row.due < dayAfter(day.date) || row.leaseUntil > store.real);
  const live = [...store.sessions.values()]
    .filter((row) => row !== but && row.userId === userId && row.workedOn === day.date && works(row))
    .map((row) => ({ ...ownDay(store, row.id, day.date), least: row.least }))
    .filter(({ handedOff }) => handedOff === 0n);
  const needs = live.reduce((total, one) => total + handoffNeed(one.lastCall, one.least), 0n);
  return handoffReserveOf(
    day.allowance,
    needs,
    live.reduce((top, { least }) => (least > top ? least : top), 0n),
  );
}
