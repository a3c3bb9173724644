/** Queue, alarm and live view: hints and views that anybody may lose. They record, so that a test can look. */
import type { Alarm, Live, LiveView, Queue } from '../../../lib/ports.ts';

const MINUTE_MS = 60_000;
const WATCH_MS = 30_000;
const DRAFT_MS = 120_000;

export type Hint = { sessionId: string; userId: string; delayMs: number };

export function memoryQueue(): Queue & { sent: Hint[] } {
  const sent: Hint[] = [];
  return {
    sent,
    async send(hint, delayMs) {
      sent.push({ ...hint, delayMs });
    },
    async sendAll(hints) {
      sent.push(...hints.map((hint) => ({ ...hint, delayMs: 0 })));
    },
  };
}

/** `rings`: the distinct minutes asked for, in milliseconds, in the order of asking. */
export function memoryAlarm(): Alarm & { rings: number[] } {
  const rings: number[] = [];
  return {
    rings,
    async ring(at) {
      const minute = Math.ceil(at / MINUTE_MS) * MINUTE_MS;
      if (!rings.includes(minute)) rings.push(minute);
    },
  };
}

/** `real`: the callers' own clock. What the database's clock is ahead of it is told by `asked`. */
export function memoryLive(real: () => number): Live & { views: Map<string, LiveView> } {
  const views = new Map<string, LiveView>();
  const drafts = new Map<string, { iteration: number; text: string; until: number }>();
  const watchers = new Map<string, number>();
  let activeUntil = Number.NEGATIVE_INFINITY;
  let marker: { due: number; at: number; now: number } | null = null;
  return {
    views,
    async open(sessionId, until) {
      activeUntil = Math.max(activeUntil, until);
      return { watched: sessionId !== null && (watchers.get(sessionId) ?? Number.NEGATIVE_INFINITY) > real() };
    },
    async mirror(view) {
      if (!isNewer(view, views.get(view.sessionId))) return;
      views.set(view.sessionId, structuredClone(view));
      drafts.delete(view.sessionId);
      if (marker) marker.due = Math.min(marker.due, view.due);
    },
    async draft(sessionId, { iteration, text }) {
      drafts.set(sessionId, { iteration, text, until: real() + DRAFT_MS });
    },
    async watch(sessionId) {
      watchers.set(sessionId, real() + WATCH_MS);
      const kept = drafts.get(sessionId);
      const draft = kept && kept.until > real() ? { iteration: kept.iteration, text: kept.text } : null;
      return { seq: views.get(sessionId)?.seq ?? 0, draft };
    },
    async idle(now) {
      if (!marker) return null;
      const ahead = marker.now - marker.at;
      return marker.at > activeUntil && now + ahead < marker.due;
    },
    async nextDue(at, asked) {
      if (!marker || asked.at >= marker.at) marker = { due: at ?? Number.POSITIVE_INFINITY, ...asked };
    },
  };
}

function isNewer(view: LiveView, old: LiveView | undefined): boolean {
  return !old || view.fence > old.fence || (view.fence === old.fence && view.seq > old.seq);
}
