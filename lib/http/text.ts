import { Problem } from '../problem.ts';

/** Deeper JSON than this is refused: nobody means it, and walking it could exhaust the stack. */
const MAX_DEPTH = 64;

/** Text that Postgres and the Messages API both take: NUL and lone surrogates become U+FFFD. */
export const cleanText = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');

/** The same for all texts of a JSON value, keys included. Throws `invalid_request` where it is nested too deep. */
export function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) {
    const message = `Nested more than ${MAX_DEPTH} levels deep.`;
    throw new Problem('invalid_request', `${message} Nothing was done; send a flatter body.`, {
      errors: [{ path: '', message }],
    });
  }
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item, depth + 1)]));
}
