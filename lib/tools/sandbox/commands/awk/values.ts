/** Values of awk: numbers, texts, and texts from outside that look like numbers and compare as such. */

export type StringNumber = { readonly text: string; readonly number: number };
export type Value = number | string | StringNumber | undefined;
export type Cell = { value: Value | Map<string, Value>; origin?: Cell };

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const WHOLE = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** What came from a file, the command line or the environment. */
export const fromOutside = (text: string): Value => (WHOLE.test(text) ? { text, number: Number(text) } : text);

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  if (typeof value === 'object') return value.number;
  const [found] = NUMBER.exec(value) ?? [];
  return found === undefined ? 0 : Number(found);
}

export function toText(value: Value, format: string): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (typeof value === 'object') return value.text;
  if (Number.isInteger(value)) return Math.abs(value) < 1e16 ? String(value) : formatted('%d', [value]);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return formatted(format, [value]);
}

export function isTrue(value: Value): boolean {
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'object') return value.number !== 0;
  return value !== undefined && value !== '';
}

const isText = (value: Value): boolean => typeof value === 'string';
export function compared(a: Value, b: Value, format: string): number {
  if (!isText(a) && !isText(b)) return toNumber(a) - toNumber(b);
  const [left, right] = [toText(a, format), toText(b, format)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const exponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2');

/** As C's `%g` has it. */
function general(value: number, precision: number, keepZeros: boolean): string {
  const digits = precision === 0 ? 1 : precision;
  if (value === 0) return keepZeros ? (0).toFixed(digits - 1) : '0';
  const power = Number(value.toExponential(digits - 1).split('e')[1]);
  const isShort = power >= -4 && power < digits;
  const text = isShort ? value.toFixed(Math.min(100, digits - 1 - power)) : value.toExponential(digits - 1);
  if (keepZeros) return exponent(text);
  return exponent(text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, ''));
}

const CONVERSION = /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlLqjzt]*)([diouxXeEfFgGcsaA%])|%/g;
/** Wider would only be a way to fill the memory. */
const MOST_WIDTH = 1_000_000;

/** `sprintf`, as C and awk have it. A text that stops in the middle of a conversion is left as it is. */
export function formatted(format: string, values: Value[]): string {
  const rest = [...values];
  return format.replace(CONVERSION, (all: string, flags = '', width, precision, _size, kind) => {
    if (kind === undefined) return all;
    if (kind === '%') return '%';
    const wide = Math.min(MOST_WIDTH, width === '*' ? toNumber(rest.shift()) : Number(width ?? 0));
    const dotted = /\.[\d*]*[a-zA-Z]*$/.test(all) && all.includes('.');
    const exact =
      precision === '*' ? toNumber(rest.shift()) : dotted ? Math.min(MOST_WIDTH, Number(precision ?? 0)) : undefined;
    return padded(
      converted(kind, flags, exact, rest.shift()),
      flags + (wide < 0 ? '-' : ''),
      Math.abs(wide),
      kind,
      exact,
    );
  });
}

function converted(kind: string, flags: string, exact: number | undefined, value: Value): string {
  if (kind === 's') {
    const text = toText(value, '%.6g');
    return exact === undefined ? text : [...text].slice(0, exact).join('');
  }
  if (kind === 'c') {
    if (typeof value === 'number' || typeof value === 'object')
      return String.fromCodePoint(Math.max(0, Math.trunc(toNumber(value))) % 0x110000);
    return [...(value ?? '')][0] ?? '';
  }
  const number = toNumber(value);
  const sign = number < 0 || Object.is(number, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  if (!Number.isFinite(number)) return (number < 0 ? '-' : '') + (Number.isNaN(number) ? 'nan' : 'inf');
  const size = Math.abs(number);
  if ('di'.includes(kind))
    return (Math.trunc(size) === 0 ? sign.replace('-', '') : sign) + whole(size, 10).padStart(exact ?? 0, '0');
  if ('ouxX'.includes(kind)) {
    const base = kind === 'o' ? 8 : kind === 'u' ? 10 : 16;
    const digits = whole(size, base).padStart(exact ?? 0, '0');
    const mark = flags.includes('#') ? (base === 16 ? '0x' : base === 8 ? '0' : '') : '';
    return kind === 'X' ? (mark + digits).toUpperCase() : mark + digits;
  }
  const places = exact ?? 6;
  const text = (() => {
    if ('fF'.includes(kind))
      return size < 1e21
        ? size.toFixed(Math.min(100, places))
        : whole(size, 10) + (places > 0 ? `.${'0'.repeat(places)}` : '');
    if ('eE'.includes(kind)) return exponent(size.toExponential(Math.min(100, places)));
    return general(size, Math.min(100, places), flags.includes('#'));
  })();
  return sign + (kind === kind.toUpperCase() ? text.toUpperCase() : text);
}

const whole = (size: number, base: number): string => BigInt(Math.trunc(size)).toString(base);

function padded(text: string, flags: string, width: number, kind: string, exact: number | undefined): string {
  const length = [...text].length;
  if (length >= width) return text;
  if (flags.includes('-')) return text + ' '.repeat(width - length);
  const zeros = flags.includes('0') && kind !== 's' && kind !== 'c' && !('dioux'.includes(kind) && exact !== undefined);
  if (!zeros) return ' '.repeat(width - length) + text;
  const [, sign = '', digits = ''] = /^([+\- ]?(?:0[xX])?)(.*)$/s.exec(text) ?? [];
  return sign + '0'.repeat(width - length) + digits;
}
