/**
 * When a schedule is due: five fields of cron in a time zone, evaluated by croner. Pure: the caller says from when. At a change of clocks, a
 * time that is skipped is due at the first instant after the gap. One that comes twice is due once, the first time. An hour or minute with a
 * wildcard or a step goes by real time: every hour is every hour.
 */
import { Cron } from 'croner';

/** The most runs of a day: one every five minutes. */
export const MOST_RUNS_A_DAY = 288;
const DAY_MS = 86_400_000;
/** Five fields, or a name such as `@daily`. Dates would be taken for patterns, and `?` for the moment of parsing. */
const FIVE_FIELDS = /^(?:[\dA-Za-z*/,#+-]+ +){4}[\dA-Za-z*/,#+-]+$/;
const NAMED = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/i;
/** A name of the IANA database: an offset knows no daylight saving. */
const ZONE = /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/;

/** Why a schedule cannot be had, as the message of a field. */
export type CronFault = { field: 'cron' | 'time_zone'; message: string };

/** Null: it can be had. `now`: from when on it must be due once, in milliseconds. */
export function cronFault(cron: string, timeZone: string, now: number): CronFault | null {
  if (!isZone(timeZone))
    return { field: 'time_zone', message: 'Must be a time zone of the IANA database, such as Europe/Berlin or UTC' };
  const refuse = (message: string): CronFault => ({ field: 'cron', message });
  if (!FIVE_FIELDS.test(cron) && !NAMED.test(cron))
    return refuse(
      'Must be five fields (minute, hour, day, month, weekday), or one of @hourly, @daily, @weekly, @monthly, @yearly',
    );
  try {
    const pattern = read(cron, timeZone);
    const first = pattern.nextRun(new Date(now));
    if (first === null) return refuse('Never comes: no month has such a day');
    if (isTooOften(pattern, first.getTime()))
      return refuse(`Comes more than ${MOST_RUNS_A_DAY} times a day; every five minutes is the most`);
    return null;
  } catch (error) {
    const [, why = 'is no pattern of cron'] = /^CronPattern: (.{1,200})/s.exec((error as Error).message) ?? [];
    return refuse(`Cannot be read: ${why.replace(/\.$/, '')}`);
  }
}

/** The first instant strictly after `after`; Infinity: there is none. Milliseconds. Of a schedule that has no fault. */
export const nextRun = (cron: string, timeZone: string, after: number): number =>
  nextRuns(cron, timeZone, after, 1)[0] ?? Number.POSITIVE_INFINITY;

/** The first `count` instants after `after`. */
export const nextRuns = (cron: string, timeZone: string, after: number, count: number): number[] =>
  read(cron, timeZone)
    .nextRuns(count, new Date(after))
    .map((at) => at.getTime());

/** A list of hours is a list of times, each of which is due on every day: only wildcards and steps go by real time. */
const read = (cron: string, timeZone: string): Cron =>
  new Cron(cron, { mode: '5-part', timezone: timeZone, fixedTimeRule: 'no-wildcard' });

/** Looked at for two days around its first instant: a day on which it comes at all has all that a day can have. */
function isTooOften(pattern: Cron, first: number): boolean {
  const runs: number[] = [];
  let at = pattern.nextRun(new Date(first - DAY_MS - 1));
  for (; at !== null && at.getTime() < first + 2 * DAY_MS; at = pattern.nextRun(at)) {
    runs.push(at.getTime());
    if (runs.length > MOST_RUNS_A_DAY && at.getTime() - runs.at(-MOST_RUNS_A_DAY - 1)! < DAY_MS) return true;
  }
  return false;
}

function isZone(name: string): boolean {
  try {
    return ZONE.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
