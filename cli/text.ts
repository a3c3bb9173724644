/** Text for terminals: what agents and others wrote is never let through as it is, because a terminal obeys what it is sent. */
import { styleText } from 'node:util';
import { dollars } from '../client/index.ts';

export type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export const painter = (color: boolean): Paint =>
  color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it takes out
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Without control characters, and without those that turn the direction of writing. Line ends and tabs stay. */
export const clean = (text: string): string => text.replace(/\r\n?/g, '\n').replace(CONTROLS, '\uFFFD');

/** What goes to people: `clean`, but for the colours of this program. */
export const printable = (text: string, color: boolean): string =>
  color
    ? text
        .split(STYLED)
        .map((part, i) => (i % 2 === 1 ? part : clean(part)))
        .join('')
    : clean(text);

/** JSON in one line, in which a terminal finds nothing to obey either. */
export const json = (value: unknown): string =>
  JSON.stringify(value).replace(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** As a shell takes it for one word. */
export const quoted = (arg: string): string =>
  /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`;

/** `clean`, in one line. */
export const oneLine = (text: string): string => clean(text).replace(/\s+/g, ' ').trim();

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const STYLED = /(\u001b\[[0-9;]*m)/;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
/** East Asian letters and pictures take two columns; what joins another letter takes none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

const columnsOf = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : /^[\p{Mn}\p{Cf}]+$/u.test(grapheme) ? 0 : 1);

export function width(text: string): number {
  let columns = 0;
  for (const part of text.split(STYLED))
    if (!STYLED.test(part)) for (const { segment } of graphemes.segment(part)) columns += columnsOf(segment);
  return columns;
}

/** At most so many columns, with `…` where something is left out. Colours stay, and end. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let left = columns - 1;
  let shown = '';
  let styled = false;
  for (const part of text.split(STYLED)) {
    if (STYLED.test(part)) {
      styled = true;
      shown += part;
      continue;
    }
    for (const { segment } of graphemes.segment(part)) {
      left -= columnsOf(segment);
      if (left < 0) return `${shown}…${styled ? '\u001b[0m' : ''}`;
      shown += segment;
    }
  }
  return shown;
}

/** In lines of so many columns, without losing a letter. */
export function wrapped(text: string, columns: number): string[] {
  const lines = [''];
  let left = columns;
  for (const { segment } of graphemes.segment(text)) {
    left -= columnsOf(segment);
    if (left < 0) {
      lines.push('');
      left = columns - columnsOf(segment);
    }
    lines[lines.length - 1] += segment;
  }
  return lines;
}

/** In lines of so many columns, broken at spaces where there are some. */
export function atSpaces(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((one) => wrapped(one, columns))) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && width(longer) <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

export const padded = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));

/** Columns under each other; the one at `flexible` gives way where the lines are longer than the terminal. */
export function table(rows: string[][], columns: number, flexible = 0): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, i) => Math.max(...rows.map((row) => width(row[i] ?? ''))));
  const fixed = widths.reduce((sum, one, i) => sum + (i === flexible ? 0 : one), 2 * Math.max(0, count - 1));
  widths[flexible] = Math.min(widths[flexible] ?? 0, Math.max(12, columns - fixed));
  return rows.map((row) =>
    row
      .map((cell, i) => padded(cut(cell, widths[i]!), widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}

/** Two amounts that are compared: where they differ, so do their texts. Microdollars. */
export function compared(a: number, b: number): [string, string] {
  if (a === b || dollars(a) !== dollars(b)) return [dollars(a), dollars(b)];
  const as = (amount: number, digits: number) => `$${(amount / 1e6).toFixed(digits)}`;
  const digits = [3, 4, 5].find((count) => as(a, count) !== as(b, count)) ?? 6;
  return [as(a, digits), as(b, digits)];
}

/** `1 step`, `2 steps`. */
export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** `6 h 12 m` of milliseconds; never less than nothing. */
export function span(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return `${Math.floor(s / 60)} min`;
  if (s < 86_400) return `${Math.floor(s / 3_600)} h ${Math.floor((s % 3_600) / 60)} m`;
  return `${Math.floor(s / 86_400)} d ${Math.floor((s % 86_400) / 3_600)} h`;
}

/** How long ago by the server's clock, or in how long. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  if (ms < 0) return `in ${span(-ms)}`;
  return ms < 60_000 ? 'now' : `${span(ms)} ago`;
}

/** `00:00 UTC`; with the day where it is not within the next 24 hours. */
export function clock(at: string, now: number): string {
  const ahead = Date.parse(at) - now;
  return `${ahead >= 0 && ahead < 86_400_000 ? '' : `${at.slice(0, 10)} `}${at.slice(11, 16)} UTC`;
}

/** Microdollars of `2.50` or `$2.50`; null for what is no amount. */
export function microdollars(text: string): number | null {
  return /^\$?\d{1,9}(\.\d{1,6})?$/.test(text) ? Math.round(Number(text.replace('$', '')) * 1e6) : null;
}
