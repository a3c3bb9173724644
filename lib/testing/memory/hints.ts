/** Queue, alarm and live view: hints and views that anybody may lose. They record, so that a test can look. */
import type { Draft, Live, LiveView, Queue, Timer } from '../../ports/index.ts';
import { memorySnapshots } from './snapshots.ts';

const MINUTE_MS = 60_000;
const WATCH_MS = 30_000;
const DRAFT_MS = 120_000;
const LONGEST_DELAY_MS = 900_000;
/** With a lease: who lost the marker must reckon with an invocation of this length. */
const LONGEST_INVOCATION_MS = 16 * MINUTE_MS;

export type Hint = { sessionId: string; userId: string };

/** `sent`: all that was ever sent. `take`: what may be received by now, and is gone then. `real`: the queue's own clock. */
export function memoryQueue(real: () => number) {
  const sent: (Hint & { delayMs: number })[] = [];
  const waiting: { hint: Hint; from: number }[] = [];
  const send = (hint: Hint, delayMs: number) => {
    sent.push({ ...hint, delayMs });
    waiting.push({ hint: { ...hint }, from: real() + Math.min(delayMs, LONGEST_DELAY_MS) });
  };
  const queue: Queue = {
    send: async (hint, delayMs) => send(hint, delayMs),
    sendAll: async (hints) => {
      for (const hint of hints) send(hint, 0);
    },
  };
  const take = (): Hint[] => takeWhere(waiting, ({ from }) => from <= real()).map(({ hint }) => hint);
  return { ...queue, sent, take };
}

/** `minutes`: those asked for that have not rung. `take`: those that ring by `now`, and are gone then. */
export function memoryAlarm() {
  const minutes: number[] = [];
  const timer: Timer = {
    async schedule(at) {
      const minute = Math.ceil(at / MINUTE_MS) * MINUTE_MS;
      if (Number.isFinite(minute) && !minutes.includes(minute)) minutes.push(minute);
    },
  };
  return { ...timer, minutes, take: (now: number) => takeWhere(minutes, (minute) => minute <= now) };
}

function takeWhere<T>(list: T[], wanted: (one: T) => boolean): T[] {
  const taken = list.filter(wanted);
  list.splice(0, list.length, ...list.filter((one) => !wanted(one)));
  return taken;
}

type Marker = { due: number; at: number; now: number; overdueMs?: number };

/** `real`: the callers' own clock; what the database's clock is ahead of it is told by `asked`. `lose`: all is gone, as after a flush. */
export function memoryLive(real: () => number) {
  const views = new Map<string, LiveView>();
  const drafts = new Map<string, Draft & { until: number }>();
  const watchers = new Map<string, number>();
  let activeUntil = Number.NEGATIVE_INFINITY;
  let marker: Marker | null = null;
  const { snapshots, forget, loseSnapshots } = memorySnapshots(real);
  const live: Live = {
    ...snapshots,
    async open(sessionId, until, userId) {
      activeUntil = Math.max(activeUntil, until);
      forget(userId);
      return { watched: sessionId !== null && (watchers.get(sessionId) ?? Number.NEGATIVE_INFINITY) > real() };
    },
    async mirror(view) {
      forget(view.userId);
      if (!isNewer(view, views.get(view.sessionId))) return;
      views.set(view.sessionId, structuredClone(view));
      drafts.delete(view.sessionId);
      if (marker) marker.due = Math.min(marker.due, view.due);
    },
    async draft(sessionId, draft) {
      drafts.set(sessionId, { ...draft, until: real() + DRAFT_MS });
    },
    async watch(sessionId) {
      watchers.set(sessionId, real() + WATCH_MS);
      const kept = drafts.get(sessionId);
      const { until = 0, ...written } = kept ?? {};
      const draft = until > real() ? (written as Draft) : null;
      return { seq: views.get(sessionId)?.seq ?? 0, draft };
    },
    async idle(now) {
      if (!marker || now < marker.at) return null;
      return marker.at > activeUntil && now + marker.now - marker.at < marker.due;
    },
    async nextDue(at, asked) {
      if (!marker) activeUntil = Math.max(activeUntil, asked.at + LONGEST_INVOCATION_MS);
      if (!marker || asked.at > marker.at) marker = { due: at ?? Number.POSITIVE_INFINITY, ...asked };
    },
    async overdue(now) {
      if (!marker) return null;
      return marker.overdueMs ? marker.overdueMs + Math.max(0, now - marker.at) : 0;
    },
  };
  const lose = () => {
    for (const kept of [views, drafts, watchers]) kept.clear();
    loseSnapshots();
    activeUntil = Number.NEGATIVE_INFINITY;
    marker = null;
  };
  return { ...live, views, lose };
}

function isNewer(view: LiveView, old: LiveView | undefined): boolean {
  return !old || view.fence > old.fence || (view.fence === old.fence && view.seq > old.seq);
}
