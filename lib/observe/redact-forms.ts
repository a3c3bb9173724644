/**
 * The dresses in which a secret comes along: in an address, a form, JSON, base64 or hexadecimal, wrapped or spaced. A pattern of all of them
 * is slow, and a worker looks through every text that it writes. So plain ones are looked for as they are; the others in views of the text
 * in which every dress looks alike, in one pass each; and the pattern is run where a view has shown something.
 */

/** What is tested for at once. */
export const anyOf = (literals: readonly string[]): RegExp =>
  new RegExp([...new Set(literals)].map(escaped).join('|'), 'g');

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** As most programs write it, in one piece. */
export function literalsOf(secret: string): string[] {
  const percent = encodeURIComponent(secret);
  const lower = percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const base64 = base64Of(secret);
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, percent, lower, encodeURI(secret), json, ...base64, ...url, Buffer.from(secret).toString('hex')];
}

/**
 * Three parts of base64, for a secret that stands after a multiple of three bytes and none, one or two more, as in `user:secret`. Each part is
 * the same in the base64 of every such text.
 */
const base64Of = (secret: string): string[] =>
  [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6));
  });

/** Answers which of the secrets may be in a text in a form that is no literal. Never misses one of `patternsOf`; may name one too many. */
export function suspecting(secrets: readonly string[]): (text: string) => string[] {
  const forms = secrets.map((secret) => ({
    secret,
    written: [secret, latin1(secret)].map(spoken),
    base64: base64Of(secret),
    hex: Buffer.from(secret).toString('hex'),
  }));
  const all = {
    written: new RegExp(anyOf(forms.flatMap(({ written }) => written)).source),
    base64: new RegExp(anyOf(forms.flatMap(({ base64 }) => base64)).source),
    hex: new RegExp(anyOf(forms.map(({ hex }) => hex)).source),
  };
  return (text) => {
    // The ends of lines as JSON writes them would else be letters of a code.
    const plain = decoded(text.includes('\\') ? text.replace(BLANKS, ' ') : text);
    const seen = { written: spoken(text), base64: squeezed(plain, BASE64), hex: squeezed(unprefixed(plain), HEX) };
    const shown = all.written.test(seen.written) || all.base64.test(seen.base64) || all.hex.test(seen.hex);
    if (!shown) return [];
    const shows = ({ written, base64, hex }: (typeof forms)[number]): boolean =>
      written.some((form) => seen.written.includes(form)) ||
      base64.some((form) => seen.base64.includes(form)) ||
      seen.hex.includes(hex);
    return forms.filter(shows).map(({ secret }) => secret);
  };
}

/** The bytes of UTF-8 taken for Latin-1, as a file's are when they are looked through; non-ASCII characters in percents decode to them. */
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** Without percents and escapes, however often each was put into another, and without what only escapes or stands for a blank. */
function spoken(text: string): string {
  // By bytes: a program may leave a letter as it is that another puts into percents.
  const plain = decoded(ASCII.test(text) ? text : latin1(text));
  return /[+\\]/.test(plain) ? plain.replaceAll('+', ' ').replaceAll('\\', '') : plain;
}

/** From the first backslash of a line of them only: else each of a million would be a beginning. */
const BLANKS = /(?<!\\)\\+[rnt]/g;
const CODES = /%(?:25)*([0-9a-f]{2})|(?<!\\)(\\+)u([0-9a-f]{4})/gi;
/** Until nothing is left: a secret may have in it what looks like a code. */
function decoded(text: string): string {
  for (let left = text, pass = 0; ; pass++) {
    if (pass === PASSES || !(left.includes('%') || left.includes('\\u'))) return left;
    const next = left.replace(CODES, (_, percent?: string, slashes = '', json = '') =>
      percent === undefined ? `${slashes.length > 1 ? '\\' : ''}${latin1(charOf(json))}` : charOf(percent),
    );
    if (next === left) return left;
    left = next;
  }
}
const PASSES = 4;
const charOf = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));
const ASCII = /^[\0-\x7f]*$/;

const unprefixed = (text: string): string => (text.includes('x') ? text.replace(/0?x/g, ' ') : text);

/** Of every ASCII character: 0 where it is dropped, 1 where it ends a code, else what stands for it. */
type Table = Uint8Array;
const tableOf = (kept: string, dropped: RegExp, instead: Record<string, string>): Table =>
  Uint8Array.from({ length: 128 }, (_, code) => {
    const character = String.fromCharCode(code);
    if (dropped.test(character)) return 0;
    const stands = instead[character] ?? character;
    return kept.includes(stands) ? stands.charCodeAt(0) : 1;
  });
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64 = tableOf(ALPHABET, /[\s>\\]/, { '-': '+', _: '/' });
const HEX = tableOf(
  '0123456789abcdef',
  /[\s:,;_=%\\-]/,
  Object.fromEntries([...'ABCDEF'].map((one) => [one, one.toLowerCase()])),
);

function squeezed(text: string, table: Table): string {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const stands = table[text.charCodeAt(i)] ?? 1;
    if (stands !== 0) bytes[length++] = stands;
  }
  return bytes.toString('latin1', 0, length);
}

/** All of its forms, to be taken out. */
export const patternsOf = (secret: string): string[] => [
  written(secret),
  written(latin1(secret)),
  ...base64Of(secret).map(wrapped),
  [...Buffer.from(secret)].map(hexOf).join(BETWEEN),
];

/** Character by character, each as it is or as an address, a form or JSON writes it. */
const written = (secret: string): string =>
  [...secret]
    .map((character) => {
      const percent = [...Buffer.from(character)].map((byte) => `%(?:25){0,8}${hexOf(byte)}`).join('');
      const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
      const json = units.map((unit) => `\\\\{1,8}u${hexOf(unit >> 8)}${hexOf(unit & 0xff)}`).join('');
      const plain = /[\\"/]/.test(character) ? `\\\\{0,8}${escaped(character)}` : escaped(character);
      return `(?:${plain}|${percent}|${json}${character === ' ' ? '|\\+' : ''})`;
    })
    .join('');

/**
 * What stands between the lines of a long code: ends of lines, also as JSON writes them. Repetitions are bounded here and elsewhere: a text
 * of nothing but backslashes would be walked through from each of them.
 */
const WRAP = '(?:[\\s>]|\\\\{1,8}[rnt]){0,64}';
const EITHER: Record<string, string> = {
  '+': '(?:[+-]|%(?:25){0,8}2[bB])',
  '/': '(?:[/_]|\\\\{1,8}/|%(?:25){0,8}2[fF])',
};
const wrapped = (base64: string): string => [...base64].map((one) => EITHER[one] ?? one).join(WRAP);

/** What programs put between bytes in hexadecimal: blanks, colons, `\x`, `0x`. */
const BETWEEN = '(?:[\\s:,;_=%-]|\\\\{0,8}x|\\\\{1,8}[rnt]|0x|\\\\{1,8}u00){0,64}';

/** In either case. */
const hexOf = (byte: number): string =>
  byte
    .toString(16)
    .padStart(2, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
