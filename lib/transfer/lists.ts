/** Lists of a document that a user sends. */
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';

/** So many faulty elements are told of a list; the rest of it is not even looked at. */
const FEW = 5;

/** So many elements are looked at before others are served: a millisecond or ten. */
const SLICE = 1_000;

type Length = { least?: number; most?: number };

/** Zod's own lists look at every element, and say of each of a million what is wrong with it. */
export const list = <T extends z.ZodType>(item: T, length: Length = {}) =>
  array.transform((values, ctx): z.output<T>[] => {
    const { found, look } = looking(item, values, length, ctx);
    while (look());
    return found;
  });

/** The same of a list as long as the whole document, which others need not wait for. Only for `parseAsync`. */
export const longList = <T extends z.ZodType>(item: T, length: Length = {}) =>
  array.transform(async (values, ctx): Promise<z.output<T>[]> => {
    const { found, look } = looking(item, values, length, ctx);
    while (look()) await setImmediate();
    return found;
  });

const array = z.custom<unknown[]>(Array.isArray, 'Must be a list');

/** `look` looks at the next slice, and says whether there is another. */
function looking<T extends z.ZodType>(item: T, values: unknown[], length: Length, ctx: z.core.$RefinementCtx) {
  const { least = 0, most = Number.POSITIVE_INFINITY } = length;
  const found: z.output<T>[] = [];
  let [next, faulty] = [0, 0];
  const one = (): void => {
    const input = values[next];
    const { success, data, error } = item.safeParse(input);
    if (success) found.push(data);
    else {
      faulty += 1;
      for (const issue of error.issues) ctx.issues.push({ ...issue, input, path: [next, ...issue.path] } as never);
    }
    next += 1;
  };
  const look = (): boolean => {
    if (values.length < least) return refuse(ctx, `Must have at least ${least} elements`);
    if (values.length > most) return refuse(ctx, `Must have at most ${most} elements`);
    const end = Math.min(values.length, next + SLICE);
    while (next < end && faulty < FEW) one();
    return next < values.length && faulty < FEW;
  };
  return { found, look };
}

function refuse(ctx: z.core.$RefinementCtx, message: string): false {
  ctx.issues.push({ code: 'custom', message, input: ctx.value });
  return false;
}

/** Goes through the elements of an object's lists, and gives others their turn now and then; ends with the first answer that is not null. */
export async function firstOf<T>(
  value: unknown,
  look: (item: unknown, place: string[]) => T | null,
): Promise<T | null> {
  if (typeof value !== 'object' || value === null) return look(value, []);
  let looked = 0;
  for (const [key, field] of Object.entries(value)) {
    for (const [i, item] of Array.isArray(field) ? field.entries() : [['', field] as const]) {
      const found = look(item, i === '' ? [key] : [key, String(i)]);
      if (found !== null) return found;
      looked += 1;
      if (looked % SLICE === 0) await setImmediate();
    }
  }
  return null;
}

/** Whether the value is made of at most `most` others, however they lie in each other. */
export const isSmall = (value: unknown, most: number): boolean => left(value, most) >= 0;

function left(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null || most < 0) return most - 1;
  let rest = most - 1;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (rest < 0) break;
    rest = left(item, rest);
  }
  return rest;
}
