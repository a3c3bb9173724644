/** A place in the events of all sessions, as the `id:` of a frame: no white space, so that it fits in a header, and short for a few sessions. */
import type { EventsPlace } from '../ports/index.ts';

/** Beyond so many sessions that moved within two minutes the oldest are left out: of these a client that comes back gets entries twice. */
const MOST = 120;
const CURSOR = /^[0-9a-z]{1,10}(?:\.[0-9A-Za-z][0-9A-Za-z_-]{0,127}:[0-9a-z]{1,10})*$/;

/** The end of the year 9999, the last that an instant can be written of. */
const LAST_INSTANT = 253_402_300_799_999;

export const isCursor = (text: string): boolean =>
  text.length <= 20_000 && CURSOR.test(text) && placeOfCursor(text).until <= LAST_INSTANT;

export function cursorOfPlace({ until, seen }: EventsPlace): string {
  const entries = Object.entries(seen).slice(-MOST);
  return [until.toString(36), ...entries.map(([id, seq]) => `${id}:${seq.toString(36)}`)].join('.');
}

/** Of a text that `isCursor` takes. */
export function placeOfCursor(text: string): EventsPlace {
  const [until = '', ...entries] = text.split('.');
  const seen = entries.map((entry) => {
    const [id = '', seq = ''] = entry.split(':');
    return [id, Number.parseInt(seq, 36)] as const;
  });
  return { until: Number.parseInt(until, 36), seen: Object.fromEntries(seen) };
}
