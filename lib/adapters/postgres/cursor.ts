/**
 * Where a page of sessions ended: the last one's place in the order (created_at, id). It stays a place in the order when that session is
 * deleted or new ones come. Opaque to clients: base64url.
 */
export type PageStart = { createdAt: string; id: string };

export const cursorOf = ({ createdAt, id }: PageStart): string =>
  Buffer.from(`${createdAt} ${id}`).toString('base64url');

/** Null for a text that no page ever gave. */
export function placeOf(cursor: string): PageStart | null {
  const [createdAt = '', id, ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const isInstant =
    /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{6}Z$/.test(createdAt) && isDay(createdAt.slice(0, 10));
  return isInstant && id && rest.length === 0 && /^[\w-]+$/.test(id) ? { createdAt, id } : null;
}

/** A day that Postgres reads: JavaScript takes the 30th of February for the 2nd of March, and has a year 0. */
export const isDay = (day: string): boolean =>
  day >= '1970-01-01' && Number.isFinite(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
