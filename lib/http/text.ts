import type { FieldError } from '../problem.ts';
import { cleanText, MOST_LEVELS } from '../text.ts';
import { tooMuch } from './bounds.ts';

type FieldPath = readonly (string | number)[];

/** Cleans all texts of a JSON value, keys included. Throws `invalid_request` where it is nested too deep. */
export function clean(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MOST_LEVELS) throw tooMuch({ bound: 'depth', most: MOST_LEVELS });
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [cleanText(key), clean(item, depth + 1)]));
}

/**
 * The first number that JSON does not carry exactly from one program to another: parsing has rounded it already, or made it infinite, so it
 * must not be kept as if it were what was sent.
 */
export function inexactIn(value: unknown, place: FieldPath = []): FieldError | null {
  if (typeof value === 'number' && !isExact(value)) {
    const message = `Must lie within ±${Number.MAX_SAFE_INTEGER}: JSON carries no larger number exactly; send it as text`;
    return { path: place.join('.').slice(0, 200), message };
  }
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    const fault = inexactIn(item, [...place, key]);
    if (fault) return fault;
  }
  return null;
}

const isExact = (number: number): boolean => Math.abs(number) <= Number.MAX_SAFE_INTEGER;
