/** Column helpers: the units that all tables share. */
import { bigint, customType, text } from 'drizzle-orm/pg-core';

/** An id minted by us (`ses_…`, `ck_…`) or given by the operator (users). Bytes compare, so `ses_` ids sort by time. */
export const id = (name: string) => text(name);

/** Integer microdollars. 2^63 of them are nine trillion dollars. */
export const money = (name: string) => bigint(name, { mode: 'bigint' });

/** A counter that may outgrow 32 bits, but never 2^53. */
export const count = (name: string) => bigint(name, { mode: 'number' });

/** Milliseconds since 1970 (UTC) in TypeScript, `timestamptz` in SQL; `Infinity` both ways. Reading drops the microseconds. */
export const instant = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  fromDriver: (text) => fromInstant(text),
  toDriver: (ms) => toInstant(ms),
});

/** A secret that another has replaced, and until when it counts, as Postgres' JSON writes an instant. */
export type PreviousSecret = { secret: string; until: string };

/** Bytes as they are. */
export const bytes = customType<{ data: Uint8Array; driverData: string | Uint8Array }>({
  dataType: () => 'bytea',
  fromDriver: (value) => (typeof value === 'string' ? Buffer.from(value.slice(2), 'hex') : value),
  toDriver: (value) => `\\x${Buffer.from(value).toString('hex')}`,
});

/** Postgres' text or JSON form of a timestamptz, as milliseconds. */
export function fromInstant(text: string): number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY;
  return text === '-infinity' ? Number.NEGATIVE_INFINITY : Date.parse(text);
}

/** What Postgres reads as a timestamptz. */
export function toInstant(ms: number): string {
  if (Number.isFinite(ms)) return new Date(ms).toISOString();
  return ms > 0 ? 'infinity' : '-infinity';
}
