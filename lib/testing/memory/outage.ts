/** A user whose calls may have been billed and brought nothing: one probe at a time, the cheapest first, with growing pauses. */
import { isOwned, nudge, type SessionRow, type Store } from './store.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const pause = (doubts: number) => Math.min(HOUR_MS, MINUTE_MS * 2 ** (Math.min(doubts, 10) - 1));

/** Null: there is none. Otherwise when `row` may try; `now`: it may, as the probe. */
export function outageOf(store: Store, row: SessionRow, least: bigint): { until: number } | 'now' | null {
  const outage = store.outages.get(row.userId);
  if (!outage || outage.until <= store.now - 24 * HOUR_MS) return null;
  const { until, probe } = outage;
  const cheaper = least < outage.first.least;
  if (store.now < until) {
    if (cheaper) outage.first = { id: row.id, least };
    return { until: outage.first.id === row.id ? until : until + MINUTE_MS };
  }
  if (probe && store.holds.get(probe)?.class === 'held') return { until: store.now + MINUTE_MS / 2 };
  if (outage.first.id !== row.id && !cheaper && store.now < until + MINUTE_MS) return { until: until + MINUTE_MS };
  return 'now';
}

/** What the end of the call `key` says of the provider. */
export function noteOutage(store: Store, row: SessionRow, key: string, says: 'doubt' | 'over' | undefined): void {
  const outage = store.outages.get(row.userId);
  if (says === 'doubt') {
    store.heldBack.add(row.id);
    const old = outage && outage.until <= store.now - 24 * HOUR_MS;
    if (outage && !old && outage.probe !== key) return;
    const doubts = (old ? 0 : (outage?.doubts ?? 0)) + 1;
    const first = { id: row.id, least: row.least };
    store.outages.set(row.userId, { doubts, until: store.now + pause(doubts), first, probe: null });
  } else if (says === 'over' && outage) {
    store.outages.delete(row.userId);
    const others = [...store.sessions.values()].filter(
      (one) => one.userId === row.userId && store.heldBack.delete(one.id),
    );
    for (const one of others) {
      const { state } = one;
      const sleeps = state.state === 'sleeping' && state.reason === 'overloaded' && one.due > store.now;
      if (one === row || state.state === 'ended') continue;
      if (isOwned(one)) one.commandSeq += 1;
      else if (sleeps) nudge(store, one);
    }
  }
}
