/**
 * Ids: a prefix that says what is named, then 26 lowercase characters: 48 bits of milliseconds and 80 random bits in Crockford's base 32
 * (no i, l, o, u), the form of a ULID. They sort by the time they were made and cannot be guessed, but grant nothing.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 10;

/** `newId('ses')` → `ses_01k…`. `at`: milliseconds UTC, by this machine's clock; two ids of one millisecond sort by chance. */
export const newId = (prefix: string, at: number = Date.now()): string =>
  `${prefix}_${base32(BigInt(Math.trunc(at)), TIME_CHARACTERS)}${randomText(RANDOM_BYTES)}`;

/** `bytes` random bytes as text, 8 characters for every 5 bytes. */
export const randomText = (bytes: number): string =>
  base32(BigInt(`0x${randomBytes(bytes).toString('hex')}`), Math.ceil((bytes * 8) / 5));

/** The low 5 × `length` bits of `value`, most significant first. */
export function base32(value: bigint, length: number): string {
  let text = '';
  for (let rest = value, i = 0; i < length; i++, rest >>= 5n) text = ALPHABET[Number(rest & 31n)] + text;
  return text;
}

/** What an id can look like. Whatever does not match names nothing, so that no such text need reach the database. */
export const ID = /^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/;
export const isId = (text: string): boolean => ID.test(text);
