/** The journals of all sessions of a user (lib/ports/all-events.ts). */
import { type AllEvents, type EventsPlace, isLost, placeAtEnd, SETTLED_MS, seenAlso } from '../../ports/index.ts';
import { copy, type Store } from './store.ts';

export function memoryAllEvents(store: Store, userId: string, asked: EventsPlace | null, limit: number): AllEvents {
  const sessions = [...store.sessions.values()].filter((row) => row.userId === userId && !row.removed);
  const ends = sessions.map((row) => ({ id: row.id, seq: row.journal.length, at: row.updatedAt }));
  const lost = asked !== null && isLost(asked, store.now, ends);
  const place = lost ? null : asked;
  const until = place?.until ?? store.now - SETTLED_MS;
  const seen = place?.seen ?? {};
  const isNew = (id: string, createdAt: number, { seq, at }: { seq: number; at: number }) => {
    if (id in seen) return seq > seen[id]!;
    return createdAt > until || at > until;
  };
  const found = sessions
    .flatMap((row) =>
      row.journal
        .filter((entry) => place !== null && isNew(row.id, row.createdAt, entry))
        .map((entry) => ({ ...copy(entry), sessionId: row.id })),
    )
    .sort((a, b) => a.at - b.at || (a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : a.seq - b.seq));
  const events = found.slice(0, limit);
  const working = sessions.some((row) => row.completedAt === null && row.due <= store.now);
  const ended = events.reduce(seenAlso, { until, seen });
  if (found.length > limit) return { events, place: ended, more: true, working, lost };
  return { events, place: placeAtEnd(until, store.now, ends), more: false, working, lost };
}
