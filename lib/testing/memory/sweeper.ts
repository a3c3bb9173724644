/** What the wake function asks. */
import type { Sweeper } from '../../ports/index.ts';
import { openHolds } from './money.ts';
import { lookAt } from './schedules.ts';
import { HINT_BACKOFF_MS, journal, LONGEST_BACKOFF_MS, type SessionRow, type Store } from './store.ts';

/** Again after as long as it has not moved: a queue with a backlog must not fill with hints of the same session. */
const backoff = (waitedMs: number) => Math.min(LONGEST_BACKOFF_MS, Math.max(HINT_BACKOFF_MS, waitedMs));

export function memorySweeper(store: Store): Sweeper {
  const moving = () =>
    [...store.sessions.values()].filter((row) => row.state.state !== 'ended' && Number.isFinite(row.due));
  const wanted = (row: SessionRow) => row.due <= store.now && row.hintAt <= store.real && row.leaseUntil <= store.real;
  return {
    async sweep(limit) {
      const rows = moving()
        .filter(wanted)
        .sort((a, b) => a.due - b.due)
        .slice(0, store.stop.stopped ? 0 : limit);
      for (const row of rows) row.hintAt = store.real + backoff(store.now - Math.max(row.due, row.updatedAt));
      const looks = [...store.schedules.values()].map((row) => lookAt(store, row)).filter(Number.isFinite);
      const dues = [...moving().map(({ due }) => due), ...looks];
      const nextDue = dues.length > 0 ? Math.min(...dues) : null;
      const schedulesDue = !store.stop.stopped && looks.some((at) => at <= store.now);
      return { due: rows.map(({ id, userId }) => ({ id, userId })), nextDue, now: store.now, schedulesDue };
    },
    async recordDeadLetter(id, reason) {
      const row = store.sessions.get(id);
      if (row && row.state.state !== 'ended') journal(store, row, [{ type: 'agent.retrying', data: { reason } }]);
    },
    async purge() {
      const gone = [...store.sessions.values()].filter(
        (row) => row.removed && row.state.state === 'ended' && openHolds(store, row.id).length === 0,
      );
      for (const row of gone) {
        store.sessions.delete(row.id);
        for (const [key, one] of store.deliveries) if (one.sessionId === row.id) store.deliveries.delete(key);
      }
      return gone.length;
    },
  };
}
