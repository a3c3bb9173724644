/**
 * A timeline whose times are those of a place. Its days stay UTC days, which are the days of money; where a day of the place begins between two rows,
 * a row says so. No row says that the place sets its clocks back, as at the end of summer time: there alone a time may be earlier than the one above.
 */
import { dayOf } from './text.ts';
import type { Row } from './timeline.ts';
import { isUtc, nextDay } from './zone.ts';

export type HereRow = { kind: 'here'; key: string; word: string };

export function withMidnights(rows: readonly Row[]): readonly (Row | HereRow)[] {
  if (isUtc()) return rows;
  const shown: (Row | HereRow)[] = [];
  let next = '';
  for (const row of rows) {
    const at = row.kind === 'day' ? row.date : row.kind === 'step' ? row.at : row.event.at;
    const begins = row.kind !== 'day' && next !== '' && at >= next;
    if (begins) shown.push({ kind: 'here', key: `h${row.key}`, word: dayOf(at) });
    if (begins || row.kind === 'day') next = new Date(nextDay(Date.parse(at))).toISOString();
    shown.push(row);
  }
  return shown;
}
