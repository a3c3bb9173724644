/**
 * How much a JSON text of somebody else's may hold, counted in its raw bytes before anything parses it: a few thousand bytes can describe
 * millions of empty values, and building them is what takes the memory and the time.
 */
import { Problem } from '../problem.ts';

/** `depth`: levels of lists and objects. `items`, `fields`: of one list, of one object. `values`: of the whole text. */
export type BodyBounds = { depth: number; items: number; fields: number; values: number };
export type Excess = { bound: keyof BodyBounds; most: number };

/** Takes the next bytes of the text. Answers the first bound that is passed, and the same from then on; null while none is. */
export type BodyMeter = (bytes: Uint8Array) => Excess | null;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * One linear pass with no more memory than there are levels. What is no JSON is counted as far as a parser would get, so whatever a
 * parser builds of the text was counted here.
 */
export function meter(bounds: BodyBounds): BodyMeter {
  /** Of every open list or object: which it is, and how many elements it has had. */
  const kinds: ('items' | 'fields')[] = ['items'];
  const counts: number[] = [1];
  const left = { depth: 0, values: 1, inText: false, escaped: false };
  let excess: Excess | null = null;
  const passed = (bound: keyof BodyBounds): Excess => ({ bound, most: bounds[bound] });

  return (bytes) => {
    // Plain variables for the loop: on what closures share it runs a quarter as fast.
    let { depth, values, inText, escaped } = left;
    for (let i = 0; excess === null && i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (inText) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inText = false;
      } else if (byte === QUOTE) inText = true;
      else if (byte === COMMA) {
        const kind = kinds[depth]!;
        counts[depth]! += 1;
        values += 1;
        if (counts[depth]! > bounds[kind]) excess = passed(kind);
        else if (values > bounds.values) excess = passed('values');
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth += 1;
        values += 1;
        kinds[depth] = byte === OPEN_LIST ? 'items' : 'fields';
        counts[depth] = 1;
        if (depth > bounds.depth) excess = passed('depth');
        else if (values > bounds.values) excess = passed('values');
      } else if ((byte === CLOSE_LIST || byte === CLOSE_OBJECT) && depth > 0) depth -= 1;
    }
    Object.assign(left, { depth, values, inText, escaped });
    return excess;
  };
}

const SAYS: Record<keyof BodyBounds, (most: number) => string> = {
  depth: (most) => `is nested more than ${most} levels deep`,
  items: (most) => `has a list of more than ${most} elements`,
  fields: (most) => `has an object of more than ${most} fields`,
  values: (most) => `holds more than ${most} values`,
};

/** The end of a sentence about the text. */
export const tellExcess = ({ bound, most }: Excess): string => SAYS[bound](most);

/** Nesting is a fault of form, as any other field's; a number of values is a size. */
export function tooMuch(excess: Excess): Problem {
  const what = `The body ${tellExcess(excess)}`;
  if (excess.bound === 'depth') {
    const errors = [{ path: '', message: what }];
    return new Problem('invalid_request', `${what}. Nothing was done and nothing was spent; send a flatter one.`, {
      errors,
    });
  }
  return new Problem('payload_too_large', `${what}. Nothing was done and nothing was spent; send less.`);
}
