/** Cursors of lists: where a page ended, opaque to clients as base64url. What none of ours can have said is refused before Postgres reads it. */
import { type Column, type SQL, sql } from 'drizzle-orm';
import { UnknownCursor } from '../../ports/index.ts';

/**
 * Where a page of sessions ended: the last one's place in the order (created_at, id). It stays a place in the order when that session is
 * deleted or new ones come.
 */
export type PageStart = { createdAt: string; id: string };

export const opaque = (text: string): string => Buffer.from(text).toString('base64url');
export const textOf = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

export const cursorOf = ({ createdAt, id }: PageStart): string => opaque(`${createdAt} ${id}`);

/** A column of instants as cursors have it: to the microsecond. */
export const exactly = (column: Column): SQL<string> =>
  sql<string>`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The place that a page begins after; null: the first page. Throws `UnknownCursor` for a text that no page ever gave. */
export function startOf(cursor: string | null): PageStart | null {
  if (cursor === null) return null;
  const [createdAt = '', id = '', ...rest] = textOf(cursor).split(' ');
  if (!isInstant(createdAt) || !/^[\w-]+$/.test(id) || rest.length > 0) throw new UnknownCursor();
  return { createdAt, id };
}

/** An instant to the microsecond as `exactly` writes it. */
export const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{6}Z$/.test(text) && isDay(text.slice(0, 10));

/** A day that Postgres reads: JavaScript takes the 30th of February for the 2nd of March, and has a year 0. */
export const isDay = (day: string): boolean =>
  day >= '1970-01-01' && Number.isFinite(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
