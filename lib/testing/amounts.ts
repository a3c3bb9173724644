/** Money and time as tests write them. */
import * as z from 'zod';
import { microdollars } from '../../cli/text.ts';
import { utcDate } from '../budget/instant.ts';
import { dayOrInstantIn } from '../http/schemas.ts';

/** `$50`, or whole microdollars. */
export type Money = string | number | bigint;

/** Whole microdollars. Throws a sentence. */
export function moneyOf(amount: Money): bigint {
  const read = typeof amount === 'string' ? microdollars(amount) : amount;
  if (read !== null && (typeof read === 'bigint' || Number.isSafeInteger(read)) && read >= 0) return BigInt(read);
  throw new Error(
    `${amount} is no amount of money. Write dollars as '$50' or '$1.67', or whole microdollars as a number.`,
  );
}

const UNITS_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/** `1 day`, `90 minutes`, or milliseconds. */
export type Span = number | `${number} ${keyof typeof UNITS_MS}` | `${number} ${keyof typeof UNITS_MS}s`;

/** Milliseconds. Throws a sentence. */
export function spanOf(span: Span): number {
  if (typeof span === 'number' && span >= 0) return span;
  const [, count, unit] = /^(\d+(?:\.\d+)?) (second|minute|hour|day|week)s?$/.exec(String(span)) ?? [];
  if (count === undefined) throw new Error(`${span} is no span of time. Write '1 day', '90 minutes', or milliseconds.`);
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

const Instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** Milliseconds of an ISO 8601 date, which begins in UTC, or of an instant with its zone. Throws a sentence. */
export function instantOf(text: string): number {
  if (Instant.safeParse(text).success) return Date.parse(text);
  throw new Error(
    `${text} is no date, and no instant with its zone. Write it as 2026-12-01, 2026-12-01T09:00:00Z or 2026-12-01T09:00:00+02:00.`,
  );
}

/** The UTC date on which a budget begins anew, of what the API takes for one. Throws a sentence. */
export function renewalOf(text: string): string {
  if (dayOrInstantIn().safeParse(text).success) return utcDate(text);
  throw new Error(
    `${text} is no date on which a budget can begin anew. Write it as 2026-12-31, or as an instant with its zone, between 1970 and 9999.`,
  );
}
