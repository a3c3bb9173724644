/** The journals of all sessions of a user as one sequence, and how far somebody has seen it. */
import type { LogEntry } from '../core/events.ts';

/**
 * How far somebody has seen: of the sessions in `seen` all entries up to the number there, of all others every entry up to the instant `until`
 * (milliseconds, the database's clock). It says so of each entry exactly, whatever order transactions are committed in.
 */
export type EventsPlace = { until: number; seen: Readonly<Record<string, number>> };

/** `place`: after these entries. `more`: there are others already. `working`: a session of the user is due, so that more will come soon. */
export type AllEvents = {
  events: (LogEntry & { sessionId: string; seq: number; at: number; iteration: number })[];
  place: EventsPlace;
  more: boolean;
  working: boolean;
};

/**
 * An entry is written with the instant at which its transaction was under way. After so long it is there for all to read, or never will be: a request to
 * the database ends within a minute, its repeats included.
 */
export const SETTLED_MS = 120_000;

/** Entries that come after the end of a session, such as a corrected bill, are looked for so long. */
export const AFTER_END_MS = 86_400_000;

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
