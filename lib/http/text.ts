import { Problem } from '../problem.ts';
import { cleanText } from '../text.ts';

/** Deeper JSON than this is refused: nobody means it, and walking it could exhaust the stack. */
const MAX_DEPTH = 64;

/** Cleans all texts of a JSON value, keys included. Throws `invalid_request` where it is nested too deep. */
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
