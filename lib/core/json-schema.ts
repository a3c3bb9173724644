/**
 * JSON Schemas of users: which are taken, whether the provider can hold a model to one, and whether a value fits (PURE). A schema is untrusted: it is bounded, and
 * has no `pattern`, since a pattern can take for ever, and no `$ref`, since a shape without an end has no bound. zod reads the rest.
 */
import * as z from 'zod';
import { nestedDeeper } from '../text.ts';

export type JsonSchema = Record<string, unknown>;

/** Characters of a schema as JSON, levels of it, and names of fields in all of it. */
export const SCHEMA_BOUNDS = { characters: 16_000, levels: 12, fields: 200 };
/** Characters of a result as JSON. */
export const LONGEST_RESULT_JSON = 64_000;

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];
const SAID = ['type', 'title', 'description'];
/** Each type's keywords. */
const KEYWORDS: Record<string, readonly string[]> = {
  object: ['properties', 'required', 'additionalProperties'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['enum', 'const', 'minLength', 'maxLength'],
  number: ['enum', 'const', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['enum', 'const', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: ['const', 'enum'],
  null: [],
};
/** As a request takes the names of a tool's fields: lib/tools/input-schema.ts. */
const FIELD = /^[a-zA-Z0-9_.-]{1,64}$/;
/** Names that every object of JavaScript has. */
const TAKEN = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'];

const isObject = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with the schema of a result, as a sentence without its full stop, with the place in it; null: nothing. */
export function schemaFault(schema: unknown): string | null {
  if (!isObject(schema) || schema.type !== 'object') return 'Must be a JSON Schema whose `type` is `object`';
  if (nestedDeeper(schema, SCHEMA_BOUNDS.levels)) return `Must be nested at most ${SCHEMA_BOUNDS.levels} levels deep`;
  if (JSON.stringify(schema).length > SCHEMA_BOUNDS.characters)
    return `Must be at most ${SCHEMA_BOUNDS.characters} characters of JSON`;
  const count = { fields: 0 };
  const fault = faultAt(schema, '', count);
  if (fault !== null) return fault;
  if (count.fields > SCHEMA_BOUNDS.fields) return `Must name at most ${SCHEMA_BOUNDS.fields} fields`;
  try {
    z.fromJSONSchema(schema);
    return null;
  } catch (error) {
    return `Cannot be read: ${(error as Error).message.replace(/\.$/, '')}`;
  }
}

const at = (path: string): string => (path === '' ? 'The schema' : `\`${path}\``);

function faultAt(schema: unknown, path: string, count: { fields: number }): string | null {
  if (!isObject(schema)) return `${at(path)} must be a schema`;
  if (schema.anyOf !== undefined) return choiceFault(schema, path, count);
  const types = [schema.type].flat();
  const unknown = types.find((type) => !TYPES.includes(type as string));
  if (types.length === 0 || unknown !== undefined || schema.type === undefined)
    return `${at(path)} needs a \`type\`, one or several of ${TYPES.join(', ')}, or an \`anyOf\``;
  const known = [...SAID, ...types.flatMap((type) => KEYWORDS[type as string] ?? [])];
  const other = Object.keys(schema).find((keyword) => !known.includes(keyword));
  if (other !== undefined)
    return `${at(path)} has \`${other.slice(0, 60)}\`, which is not taken here; of its type there are ${known.join(', ')}`;
  const values = (['enum', 'const'] as const).flatMap((word) =>
    schema[word] === undefined ? [] : [schema[word]].flat(),
  );
  if (values.some((value) => typeof value === 'object' && value !== null))
    return `${at(path)} may have only texts, numbers, true, false and null as \`enum\` and \`const\``;
  return objectFault(schema, path, count) ?? arrayFault(schema, path, count);
}

function choiceFault(schema: JsonSchema, path: string, count: { fields: number }): string | null {
  const { anyOf, ...rest } = schema;
  const other = Object.keys(rest).find((keyword) => keyword !== 'title' && keyword !== 'description');
  if (other !== undefined) return `${at(path)} has \`${other.slice(0, 60)}\` beside \`anyOf\``;
  if (!Array.isArray(anyOf) || anyOf.length === 0) return `${at(path)} needs a list of schemas as its \`anyOf\``;
  return first(anyOf.map((one, i) => () => faultAt(one, `${path}/anyOf/${i}`, count)));
}

function objectFault(
  { properties = {}, required = [], additionalProperties = true }: JsonSchema,
  path: string,
  count: { fields: number },
) {
  if (!isObject(properties)) return `${at(path)} needs an object of schemas as its \`properties\``;
  const names = Object.keys(properties);
  count.fields += names.length;
  const wrong = names.find((name) => !FIELD.test(name) || TAKEN.includes(name));
  if (wrong !== undefined)
    return `${at(path)} has the field \`${wrong.slice(0, 60)}\`: take at most 64 letters, digits, dots, underscores and hyphens, and no name that every object has`;
  if (!Array.isArray(required) || required.some((name) => !names.includes(name as string)))
    return `${at(path)} may require only fields that its \`properties\` name`;
  const more =
    typeof additionalProperties === 'boolean'
      ? null
      : faultAt(additionalProperties, `${path}/additionalProperties`, count);
  return more ?? first(names.map((name) => () => faultAt(properties[name], `${path}/${name}`, count)));
}

const arrayFault = ({ items }: JsonSchema, path: string, count: { fields: number }): string | null =>
  items === undefined ? null : faultAt(items, `${path}/items`, count);

function first(checks: (() => string | null)[]): string | null {
  for (const check of checks) {
    const fault = check();
    if (fault !== null) return fault;
  }
  return null;
}

/** What the provider's strict tools leave out; and how much of a schema it compiles without a doubt (documents of strict tool use, November 2026). */
const NOT_STRICT = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
];
const STRICT_BOUNDS = { fields: 30, optional: 20, choices: 10 };

/** Whether the provider can hold the model to this schema, so that no other arguments come. */
export function fitsStrict(schema: JsonSchema): boolean {
  const count = { fields: 0, optional: 0, choices: 0 };
  return (
    isStrict(schema, count) &&
    count.fields <= STRICT_BOUNDS.fields &&
    count.optional <= STRICT_BOUNDS.optional &&
    count.choices <= STRICT_BOUNDS.choices
  );
}

function isStrict(schema: JsonSchema, count: { fields: number; optional: number; choices: number }): boolean {
  if (NOT_STRICT.some((keyword) => keyword in schema)) return false;
  if (Array.isArray(schema.anyOf)) {
    count.choices += 1;
    return schema.anyOf.every((one) => isStrict(one as JsonSchema, count));
  }
  if (Array.isArray(schema.type)) count.choices += 1;
  if (typeof schema.minItems === 'number' && schema.minItems > 1) return false;
  const types = [schema.type].flat();
  if (types.includes('object')) {
    const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
    const names = Object.keys(properties);
    count.fields += names.length;
    count.optional += names.length - ((schema.required as string[]) ?? []).length;
    return schema.additionalProperties === false && names.every((name) => isStrict(properties[name]!, count));
  }
  return !types.includes('array') || (isObject(schema.items) && isStrict(schema.items, count));
}

export type Misfit = { path: string; message: string };

/** Of one value more faults than these are not told. */
const MOST_MISFITS = 10;

/** Keywords whose values are schemas by names that the schema's author chose. */
const BY_NAME = ['properties', '$defs', 'definitions', 'dependentSchemas'];
/** Keywords whose values are data. */
const DATA = ['enum', 'const', 'default', 'examples'];
/** A pattern can take for ever, and so can a shape that refers to itself. */
const UNBOUNDED = ['pattern', 'patternProperties', 'propertyNames', '$ref', '$dynamicRef', '$recursiveRef'];

/** A schema of others with nothing in it that can take for ever: what is left out, whoever runs the tool judges. */
export function boundedSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(boundedSchema);
  if (!isObject(schema)) return schema;
  // Without the patterns of names it is not known which names are additional ones.
  const loose = 'patternProperties' in schema ? [...UNBOUNDED, 'additionalProperties'] : UNBOUNDED;
  const kept = Object.entries(schema).filter(([word]) => !loose.includes(word));
  return Object.fromEntries(
    kept.map(([word, value]) => {
      if (DATA.includes(word)) return [word, value];
      if (!BY_NAME.includes(word) || !isObject(value)) return [word, boundedSchema(value)];
      return [word, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, boundedSchema(one)]))];
    }),
  );
}

/** Where the value does not fit the schema, as far as that is bounded; empty: it fits, or the schema cannot be read. */
export function misfits(schema: JsonSchema, value: unknown): Misfit[] {
  const read = reader(schema);
  const parsed = read?.safeParse(value);
  if (!parsed || parsed.success) return [];
  return parsed.error.issues.slice(0, MOST_MISFITS).map(({ path, message }) => ({ path: path.join('.'), message }));
}

function reader(schema: JsonSchema): z.ZodType | null {
  try {
    return z.fromJSONSchema(boundedSchema(schema) as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return null;
  }
}
