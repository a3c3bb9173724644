/** Money held before a call of a model or of a paid tool. */
import type { HoldRequest } from '../../core/effect.ts';
import type { RefusedBy } from '../../core/input.ts';
import type { WorkerSessions } from '../../ports/index.ts';
import { dateOf } from './cycle.ts';
import { dayFor, openHolds, ownDay, setAside, setAsideOfShare, today, todayRow } from './money.ts';
import { outageOf } from './outage.ts';
import type { SessionRow, Store } from './store.ts';
import { callKey, journal, owned } from './store.ts';

type Answer = Awaited<ReturnType<WorkerSessions['reserve']>>;

/** A question is answered once: its copies get the hold, or the refusal, that it got (R4). */
export function reserve(store: Store, id: string, fence: number, ask: HoldRequest): Answer {
  const row = owned(store, id, fence);
  const key = callKey(id, fence, ask.n);
  const stored = store.holds.get(key);
  if (stored) return { granted: stored.amount, day: stored.day };
  const question = [key, ask.least, ask.wanted, ask.model, ask.handOff].join(' ');
  const answer = store.refusals.get(question) ?? decide(store, row, key, ask);
  if ('refused' in answer) store.refusals.set(question, answer);
  return answer;
}

/** What may still be held, and the limit that refuses what does not fit. */
function room(store: Store, row: SessionRow, ask: { least: bigint; wanted: bigint; handOff: boolean; tool?: boolean }) {
  const day = todayRow(store, row.userId);
  const ownHeld = openHolds(store, row.id).reduce((total, [, hold]) => total + hold.amount, 0n);
  const underCap = row.maxCost === null ? ask.wanted : row.maxCost - row.cost - ownHeld;
  row.workedOn = today(store, row.userId);
  const own = ownDay(store, row.id, row.workedOn);
  const aside = setAside(store, row, { ...day, date: row.workedOn }, ask);
  const { share } = dayFor(store, row);
  const begun = own.spent + own.held > 0n || (share && share.ceiling - share.spent - share.held > 2n * ask.least);
  const keeps = share && begun && !ask.handOff && own.handedOff === 0n;
  const kept = keeps ? setAsideOfShare(share, own.lastCall, ask.least) : 0n;
  const ofShare = share ? share.ceiling - share.spent - share.held - kept : ask.wanted;
  const free = day.ceiling - day.spent - aside;
  const most = [ask.wanted, underCap, ofShare, free - day.held].reduce((a, b) => (a < b ? a : b));
  const limitOf = (need: bigint): RefusedBy =>
    underCap < need ? 'cap' : ofShare < need ? 'share' : free < need ? 'day' : 'held';
  return { day, most, limitOf };
}

function decide(store: Store, row: SessionRow, key: string, ask: HoldRequest): Answer {
  const { id, userId } = row;
  if (row.desired !== 'run') return { refused: 'stopped', day: dayFor(store, row) };
  const { day, most, limitOf } = room(store, row, ask);
  if (most < ask.least || most <= 0n) {
    row.least = ask.least;
    return { refused: limitOf(ask.least), day: dayFor(store, row) };
  }
  row.least = ask.least;
  const outage = outageOf(store, row, ask.least);
  if (outage !== null && outage !== 'now') {
    store.heldBack.add(id);
    return { refused: 'outage', until: outage.until, day: dayFor(store, row) };
  }
  const amount = outage === null || most < ask.least || ask.least < 1n ? most : ask.least;
  if (outage === 'now') store.outages.get(userId)!.probe = key;
  else store.heldBack.delete(id);
  day.held += amount;
  day.revision += 1;
  store.holds.set(key, {
    sessionId: id,
    userId,
    day: today(store, userId),
    iteration: row.iteration + 1,
    amount,
    handOff: ask.handOff,
    at: store.now,
    class: 'held',
  });
  journal(store, row, ask.journal);
  return { granted: amount, day: today(store, userId) };
}

type ToolHold = Parameters<WorkerSessions['holdTool']>[2];

export function holdTool(store: Store, id: string, fence: number, { n, tool, most }: ToolHold) {
  const row = owned(store, id, fence);
  const key = callKey(id, fence, n);
  const stored = store.holds.get(key);
  if (stored) return { granted: stored.amount, day: stored.day };
  const question = [key, tool, most].join(' ');
  const refusal = store.refusals.get(question) ?? refuseTool(store, row, most);
  if (refusal) {
    store.refusals.set(question, refusal);
    return refusal;
  }
  const day = todayRow(store, row.userId);
  day.held += most;
  day.revision += 1;
  const date = today(store, row.userId);
  const { userId, iteration } = row;
  store.holds.set(key, {
    ...{ sessionId: id, userId, day: date, iteration, amount: most, handOff: false, tool },
    ...{ at: store.now, class: 'held' },
  });
  return { granted: most, day: date };
}

function refuseTool(store: Store, row: SessionRow, most: bigint) {
  if (row.desired !== 'run') return { refused: 'stopped' as const, day: dayFor(store, row) };
  const found = room(store, row, { least: row.least, wanted: most, handOff: false, tool: true });
  return found.most < most ? { refused: found.limitOf(most), day: dayFor(store, row) } : null;
}

export const searchesToday = (store: Store, row: SessionRow): number =>
  row.searched?.date === dateOf(store.now) ? row.searched.count : 0;

type Searching = Parameters<WorkerSessions['startSearch']>[2];

/** Counted where it gets its money, or needs none. */
export function startSearch(store: Store, id: string, fence: number, ask: Searching) {
  const row = owned(store, id, fence);
  const call = row.calls.find((one) => one.id === ask.call && !one.done);
  const question = [id, fence, 'search', ask.n, ask.call].join(' ');
  const kept = store.searchRefusals.get(question) ?? store.refusals.get(question);
  if (kept) return kept;
  const most = row.web?.searchesPerDay ?? null;
  const today = searchesToday(store, row);
  if (!call?.counted && most !== null && today >= most) {
    const refusal = { refused: 'searches' as const, most, day: dayFor(store, row) };
    store.searchRefusals.set(question, refusal);
    return refusal;
  }
  const answer = ask.most > 0n ? holdTool(store, id, fence, ask) : unpaid(store, row, question);
  if ('granted' in answer && !call?.counted) {
    if (call) call.counted = true;
    row.searched = { date: dateOf(store.now), count: today + 1 };
  }
  return answer;
}

function unpaid(store: Store, row: SessionRow, question: string) {
  if (row.desired === 'run') return { granted: 0n, day: today(store, row.userId) };
  const refusal = { refused: 'stopped' as const, day: dayFor(store, row) };
  store.refusals.set(question, refusal);
  return refusal;
}
