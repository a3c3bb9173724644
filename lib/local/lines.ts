/** Cuts what arrives in pieces into lines, one cutter per source. The end without a line break waits for the rest. */
export function lineCutter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  };
}

const AGAIN_MS = 60_000;

/**
 * Shows a warning that repeats itself once a minute, and with its next line how often it was left out meanwhile. What tells lines apart is
 * their `message`; other lines, and errors, are all shown. `now`: milliseconds of real time.
 */
function seldom(show: (line: string) => void, now: () => number): (line: string) => void {
  const shown = new Map<string, { at: number; more: number }>();
  return (line) => {
    const message = /"level":"warn"/.test(line) ? /"message":"([^"]*)"/.exec(line)?.[1] : undefined;
    if (message === undefined) return show(line);
    const before = shown.get(message);
    if (before && now() - before.at < AGAIN_MS) {
      before.more += 1;
      return;
    }
    shown.set(message, { at: now(), more: 0 });
    show(before?.more ? `${line} (and ${before.more} more like it within a minute)` : line);
  };
}

/** Of requests that were not counted, which nobody here need know: there is one user, and a busy start is enough for it. */
const OF_NO_CONCERN = /"message":"rate limiter away"/;

/**
 * What of the functions' logs people see: what went wrong, `seldom` where it repeats itself. They hold a line per transition; `all` (LOG=all) shows
 * each as it comes.
 */
export function logger(all: boolean, show: (line: string) => void, now: () => number): (line: string) => void {
  const told = seldom(show, now);
  return (line) => {
    if (all) show(line);
    else if (!/"level":"info"/.test(line) && !OF_NO_CONCERN.test(line)) told(line);
  };
}
