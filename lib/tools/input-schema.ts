/** What the model is told of a tool's input: JSON Schema made from zod, and what it cannot say. */
import * as z from 'zod';

/** Throws for a type that JSON Schema has no word for. */
export function schemaOf(input: z.ZodObject): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' }) as Record<string, unknown>;
  return schema;
}

/** `field`: such as `stops.at`; empty for the input as a whole. `why`: a sentence without its full stop. */
export type Unsayable = { field: string; why: string };

/** The innermost types that `schemaOf` would throw for, each once. */
export function unsayable(input: z.ZodObject): Unsayable[] {
  const found = new Map<string, { path: string[]; why: string }>();
  z.toJSONSchema(input, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, path }) => {
      const why = faultOf(zodSchema);
      if (why) found.set(path.join('/'), { path: path.map(String), why });
    },
  });
  // Inner places are met before outer ones, and later fields before earlier ones.
  const places = [...found].reverse();
  const isInnermost = (place: string): boolean =>
    !places.some(([other]) => other !== place && (place === '' || other.startsWith(`${place}/`)));
  return places.flatMap(([place, { path, why }]) => (isInnermost(place) ? [{ field: fieldOf(path), why }] : []));
}

function faultOf(schema: z.core.$ZodType): string | null {
  try {
    z.toJSONSchema(schema, { io: 'input' });
    return null;
  } catch (error) {
    return (error as Error).message.replace(/\.$/, '');
  }
}

/** Of a path in a JSON Schema: the names alone, without the words that lead to them. */
const fieldOf = (path: string[]): string => path.filter((_, i) => path[i - 1] === 'properties').join('.');

/** A request with another name among the fields of a tool's input is refused as a whole: https://github.com/anthropics/claude-code/issues/79418 */
export const FIELD_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
