/** Money and time as people read them. All instants are milliseconds or ISO 8601 in UTC, all money is microdollars. */
import { dateOf, isUtc, wallOf } from './zone.ts';

const MICRO = 1_000_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** `$1,234,567.80` */
function figure(micro: number, digits: number): string {
  const [whole, rest] = (Math.abs(micro) / MICRO).toFixed(digits).split('.');
  return `${micro < 0 ? '−' : ''}$${whole!.replace(/\B(?=(\d{3})+$)/g, ',')}.${rest}`;
}

/** Cents of large amounts, and of small ones so many digits that no cost is shown as zero. */
export function money(micro: number): string {
  const size = Math.abs(micro);
  return figure(micro, size === 0 || size >= 999_500 ? 2 : size >= 9_950 ? 3 : size >= 100 ? 4 : 6);
}

/** Two amounts that are compared: where they differ, so do their texts. */
export function moneys(a: number, b: number): [string, string] {
  if (a === b || money(a) !== money(b)) return [money(a), money(b)];
  const digits = [3, 4, 5, 6].find((count) => figure(a, count) !== figure(b, count)) ?? 6;
  return [figure(a, digits), figure(b, digits)];
}

/** For those who hear it: "1 dollar 2 cents". */
export function moneyAloud(micro: number): string {
  const cents = Math.round(micro / 10_000);
  const [dollars, rest] = [Math.floor(cents / 100), cents % 100];
  const part = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  if (dollars === 0) return part(rest, 'cent');
  return rest === 0 ? part(dollars, 'dollar') : `${part(dollars, 'dollar')} ${part(rest, 'cent')}`;
}

/**
 * What a person typed → microdollars; null where it is no amount above nought. `1,500` may mean either, so it is none; `1,500.00` may not.
 * `digits`: the most before the point, at most 9, so that the sum is exact.
 */
export function microdollars(text: string, digits = 7): number | null {
  if (/,\d{3}\s*$/.test(text)) return null;
  const plain = text.replace(/\d{1,3}(?:,\d{3})+(?=\.)/, (whole) => whole.replaceAll(',', ''));
  const [, whole, rest = ''] = /^\s*\$?\s*(\d+)(?:[.,](\d{1,6}))?\s*$/.exec(plain) ?? [];
  const micro = whole === undefined || whole.length > digits ? 0 : Math.round(Number(`${whole}.${rest}`) * MICRO);
  return micro > 0 ? micro : null;
}

/** How long it lasts, in its two largest units. */
export function span(ms: number): string {
  const size = Math.max(0, Math.abs(ms));
  const seconds = Math.round(size / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(size / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours < 24) return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
  const [days, left] = [Math.floor(hours / 24), hours % 24];
  return left === 0 ? `${days} d` : `${days} d ${left} h`;
}

/** The same without the second unit, for where it changes often. */
export const ago = (at: string | number, now: number): string => `${span(now - new Date(at).getTime())} ago`;

/** `14:05`, in the zone that times are shown in. */
export const clock = (at: string | number): string => wallOf(at).slice(11);
/** The same, with the word UTC where it is that. */
export const timed = (at: string | number): string => `${clock(at)}${isUtc() ? ' UTC' : ''}`;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Sat 28 Nov`, of the UTC day: all days of money are. */
export function day(at: string | number): string {
  const date = new Date(at);
  return `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}
/** The same, with the word UTC where times are those of a place. */
export const utcDay = (at: string | number): string => `${day(at)}${isUtc() ? '' : ' UTC'}`;
/** The day of the zone that times are shown in. */
export const dayOf = (at: string | number): string => day(dateOf(at));

/** Day and time. */
export const dated = (at: string | number): string => `${dayOf(at)}, ${timed(at)}`;
/** The time of an instant, with its day where that is not today. */
export const when = (at: string | number, now: number): string => (dateOf(at) === dateOf(now) ? timed(at) : dated(at));

/** `00:00 UTC`, when days of money end, and what clocks of this place show then. */
export const resets = (at: string | number): string => `${utcClock(at)} UTC${isUtc() ? '' : ` · ${clock(at)} here`}`;
/** With its UTC day, where that is not today. */
export function whenResets(at: string | number, now: number): string {
  const date = utcDate(at);
  if (date === utcDate(now)) return resets(at);
  const here = date === dateOf(at) ? clock(at) : `${dayOf(at)}, ${clock(at)}`;
  return `${day(at)}, ${utcClock(at)} UTC${isUtc() ? '' : ` · ${here} here`}`;
}
/** The first moment of a UTC date. */
export const firstOf = (date: string): string => `${day(date)}, 00:00 UTC`;
/** `Sat 28 Nov 2026, 14:05:09 UTC` */
export const exact = (at: string | number): string =>
  `${day(at)} ${new Date(at).getUTCFullYear()}, ${new Date(at).toISOString().slice(11, 19)} UTC`;

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;
/** A sentence of the API: its words, and its instants, which are ISO 8601 there. */
export const partsOf = (sentence: string): (string | { at: string })[] =>
  sentence.split(INSTANT).map((part, i) => (i % 2 === 0 || Number.isNaN(Date.parse(part)) ? part : { at: part }));

const utcDate = (at: string | number): string => new Date(at).toISOString().slice(0, 10);
const utcClock = (at: string | number): string => new Date(at).toISOString().slice(11, 16);

export function bytes(count: number): string {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** The beginning of a text, and a sign where that is not all of it. */
export const brief = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).trimEnd()}…`;

/** The first line that says something, of a text that may be long. */
export const firstLine = (text: string, most = 200): string => (/\S[^\n]*/.exec(text)?.[0] ?? '').slice(0, most);
