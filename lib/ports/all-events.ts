/** The journals of all sessions of a user as one sequence, and how far somebody has seen it. */
import type { LogEntry } from '../core/events.ts';

/**
 * How far somebody has seen: of the sessions in `seen` all entries up to the number there, of all others every entry up to the instant `until`
 * (milliseconds, the database's clock). It says so of each entry exactly, whatever order transactions are committed in.
 */
export type EventsPlace = { until: number; seen: Readonly<Record<string, number>> };

/**
 * `place`: after these entries. `more`: there are others already. `working`: a session of the user is due, so that more will come soon. `lost`: what
 * came after the place cannot be told, so there are no entries and `place` is the end; what is known of the sessions is to be read anew.
 */
export type AllEvents = {
  events: (LogEntry & { sessionId: string; seq: number; at: number; iteration: number })[];
  place: EventsPlace;
  more: boolean;
  working: boolean;
  lost: boolean;
};

/**
 * An entry is written with the instant at which its transaction was under way. After so long it is there for all to read, or never will be: a request to
 * the database ends within a minute, its repeats included.
 */
export const SETTLED_MS = 120_000;

/** Entries that come after the end of a session, such as a corrected bill, are looked for so long. */
export const AFTER_END_MS = 86_400_000;

/** How far back a place may lie: so many entries are read at most for one who comes back. */
export const MOST_BACK_MS = 86_400_000;

/**
 * Whether nothing can be told from there on: it lies too far back, or was given by a database that has had more entries than this one, which was
 * restored. `ends`: the last entries of the sessions.
 */
export const isLost = (place: EventsPlace, now: number, ends: Iterable<{ id: string; seq: number }>): boolean =>
  place.until < now - MOST_BACK_MS || place.until > now || [...ends].some(({ id, seq }) => (place.seen[id] ?? 0) > seq);

/** The place after one more entry. */
export const seenAlso = (place: EventsPlace, { sessionId, seq }: { sessionId: string; seq: number }): EventsPlace => ({
  ...place,
  seen: { ...place.seen, [sessionId]: seq },
});

/** The same for all, where nothing is left: what is settled needs no number any more. `moved`: sessions with entries after `until`. */
export function placeAtEnd(
  until: number,
  now: number,
  moved: Iterable<{ id: string; seq: number; at: number }>,
): EventsPlace {
  const settled = Math.max(until, Math.floor((now - SETTLED_MS) / 60_000) * 60_000);
  const seen: Record<string, number> = {};
  for (const { id, seq, at } of moved) if (at > settled - MARGIN_MS) seen[id] = seq;
  return { until: settled, seen };
}

/** A session's row is changed a moment before its entry is written. */
export const MARGIN_MS = 1_000;
