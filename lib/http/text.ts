import { Problem } from '../problem.ts';
import { cleanText, MOST_LEVELS } from '../text.ts';

/** Cleans all texts of a JSON value, keys included. Throws `invalid_request` where it is nested too deep. */
export function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MOST_LEVELS) {
    const message = `Nested more than ${MOST_LEVELS} levels deep.`;
    throw new Problem('invalid_request', `${message} Nothing was done; send a flatter body.`, {
      errors: [{ path: '', message }],
    });
  }
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item, depth + 1)]));
}
