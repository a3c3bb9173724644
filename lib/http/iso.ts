/** Instants as answers have them. */

/** Milliseconds as ISO 8601 in UTC. */
export const iso = (at: number): string => new Date(at).toISOString();

/** Null stays null, and so does what never comes: "only a user moves it". */
export const isoOrNull = (at: number | null): string | null => (at === null || !Number.isFinite(at) ? null : iso(at));
