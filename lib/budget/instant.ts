/** Instants and UTC dates of the money rules. Pure: nothing here reads a clock. */

/** Milliseconds (UTC) inside the system; a Date or an ISO 8601 string is welcome from callers outside it. */
export type Instant = number | Date | string;

export const DAY_MS = 86_400_000;

/** Milliseconds of an instant. Throws `RangeError` if it is none. */
export function toMs(instant: Instant): number {
  const ms = typeof instant === 'number' ? instant : new Date(instant).getTime();
  if (!Number.isFinite(ms)) throw new RangeError(`${JSON.stringify(instant)} is not an instant`);
  return ms;
}

/** The UTC date of an instant, `YYYY-MM-DD`. */
export const utcDate = (instant: Instant): string => new Date(toMs(instant)).toISOString().slice(0, 10);

/** Days since 1970-01-01 of the UTC date of an instant. */
export const dayNumber = (instant: Instant): number => Math.floor(toMs(instant) / DAY_MS);
