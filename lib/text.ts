/** Text and JSON that Postgres, the Messages API and this code all take. */

/** NUL and lone surrogates become U+FFFD, since Postgres stores neither. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

/** With a comma at each thousand. */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** White space, controls, formats, what a font leaves out (fillers, variation selectors), the blank Braille cell and the null note head. */
const UNSEEN = /^[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]*$/u;

/** Nobody would see anything of it: the Messages API refuses such a text, and it tells nothing to anybody. */
export const isBlank = (text: string): boolean => UNSEEN.test(text);

/** JSON is walked by recursion in many places, also by JSON.stringify: deeper than this it is not taken in. */
export const MOST_LEVELS = 64;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Whether objects and arrays lie within each other more than `levels` deep. Level by level, so that no depth exhausts the stack. */
export function nestedDeeper(value: unknown, levels = MOST_LEVELS): boolean {
  let level = [value].filter(isObject);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true;
    level = level.flatMap((part) => Object.values(part).filter(isObject));
  }
  return false;
}
