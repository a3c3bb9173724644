/**
 * In which time zone times are shown: that of the browser, or UTC. A day of money is a UTC day in either, and its end says so. Instants are
 * milliseconds or ISO 8601.
 */
const UTC = 'UTC';
const MINUTE = 60_000;
/** No local day is longer. */
const LONGEST_DAY_MINUTES = 26 * 60;

let format: Intl.DateTimeFormat | null = null;
const watchers = new Set<() => void>();

/** From now on. Throws `RangeError` where there is no such zone. */
export function showTimesIn(zone: string): void {
  format =
    zone === UTC
      ? null
      : new Intl.DateTimeFormat('en-GB', {
          ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit' },
          ...{ hour: '2-digit', minute: '2-digit' },
        });
  for (const watcher of watchers) watcher();
}
export const isUtc = (): boolean => format === null;
/** What it gives back ends it. */
export function watchZone(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

/** What clock and calendar of the zone show: `2026-11-10T13:30`. */
export function wallOf(at: string | number): string {
  if (format === null) return new Date(at).toISOString().slice(0, 16);
  const parts = Object.fromEntries(format.formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}
export const dateOf = (at: string | number): string => wallOf(at).slice(0, 10);

/** When the next day of the zone begins, in milliseconds. */
export function nextDay(at: number): number {
  const date = dateOf(at);
  const from = Math.floor(at / MINUTE) * MINUTE;
  let [before, after] = [0, LONGEST_DAY_MINUTES];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (dateOf(from + middle * MINUTE) === date) before = middle;
    else after = middle;
  }
  return from + after * MINUTE;
}
