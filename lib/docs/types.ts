/** Schemas of the contract in words and tables. */
import { type Contract, nameOfRef, type Schema } from './contract.ts';
import { slug } from './links.ts';

const EVENT = /^Agent.*Event$/;

/** A text for a cell of a table. */
export const cell = (text: string): string => text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');

/** A link to where a schema of this name is shown. Events have a page of their own. */
export const schemaLink = (name: string): string =>
  `[${name}](${name === 'Event' ? 'events.md' : `schemas.md#${slug(name)}`})`;

const code = (value: unknown): string => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const anyOf = (words: string[]): string => [...new Set(words)].join(' or ');

/** What a number counts, which its name says everywhere in the API. */
function unitOf(name: string): string | null {
  if (name.endsWith('_microdollars')) return 'microdollars';
  if (/_ms$/.test(name)) return 'milliseconds';
  if (/_seconds$/.test(name)) return 'seconds';
  if (/(^|_)bytes$/.test(name)) return 'bytes';
  if (/_percent(age)?$|_pct$|^percentage$/.test(name)) return 'percent';
  if (/_tokens$/.test(name)) return 'tokens';
  return null;
}

function scalar(type: string, { format }: Schema, name: string): string {
  if (type === 'null') return 'null';
  if (format === 'date-time') return 'instant, UTC';
  if (format === 'date') return 'date, UTC';
  if (format === 'binary') return 'bytes';
  if (type === 'integer' || type === 'number') {
    const unit = format === 'int64' && !name.endsWith('_microdollars') ? 'microdollars' : unitOf(name);
    return unit ?? (type === 'integer' ? 'whole number' : 'number');
  }
  return { string: 'text', boolean: 'true or false', object: 'object' }[type] ?? type;
}

/** A schema's type in words, with a link where it has a name. `name`: the field's, which tells the unit. */
export function typeOf(schema: Schema, name = ''): string {
  const choices =
    schema.oneOf ??
    schema.anyOf ??
    schema.allOf?.filter((one) => Object.keys(one).some((key) => key !== 'description'));
  if (schema.$ref) return schemaLink(nameOfRef(schema.$ref));
  if (choices) return anyOf(choices.map((one) => typeOf(one, name)));
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map((value) => (value === null ? 'null' : code(value))).join(', ');
  const types = [schema.type ?? 'object'].flat();
  const words = types.map((type) => {
    if (type === 'array') return `list of ${typeOf(schema.items ?? {}, name)}`;
    if (type !== 'object') return scalar(type, schema, name);
    const { additionalProperties: others } = schema;
    return typeof others === 'object' && !schema.properties && Object.keys(others).length > 0
      ? `object of ${typeOf(others)}`
      : schema.type === undefined && !schema.properties
        ? 'anything'
        : 'object';
  });
  return anyOf(words);
}

/** What a value must be beyond its type, and what it is where it is left out. */
function bounds(schema: Schema): string[] {
  const number = (value: number) => value.toLocaleString('en');
  const { minimum: least, maximum: most } = schema;
  return [
    ...(least !== undefined && most !== undefined ? [`${number(least)} to ${number(most)}.`] : []),
    ...(least !== undefined && least !== 0 && most === undefined ? [`At least ${number(least)}.`] : []),
    ...(least === undefined && most !== undefined ? [`At most ${number(most)}.`] : []),
    ...(schema.maxLength === undefined ? [] : [`At most ${number(schema.maxLength)} characters.`]),
    ...(schema.maxItems === undefined ? [] : [`At most ${number(schema.maxItems)} items.`]),
    ...(schema.default === undefined ? [] : [`Left out: ${code(schema.default)}.`]),
  ];
}

/** The last column of a field or a parameter. */
export function meaning(schema: Schema, description = schema.description): string {
  const said = description ?? schema.allOf?.map((one) => one.description).find(Boolean);
  const sentence = said && (/[.:`]$/.test(said) ? said : `${said}.`);
  return cell([sentence, ...bounds(schema)].filter(Boolean).join(' '));
}

/** `name`: with a path, as in `sleep.reason` and `files[].path`. */
type Field = { name: string; schema: Schema; required: boolean };

/** The fields of an object and of the objects in it, as far as these have no name of their own. */
export function fieldsOf(schema: Schema, before = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const name = before + key;
    const inner = field.items ? fieldsOf(field.items, `${name}[].`) : fieldsOf(field, `${name}.`);
    return [{ name, schema: field, required: schema.required?.includes(key) ?? false }, ...inner];
  });
}

/** A table of fields. Of what is sent it says which must be there; of what is answered, which may be left out. */
export function fieldTable(schema: Schema, isSent: boolean): string {
  const fields = fieldsOf(schema);
  if (fields.length === 0) return '';
  const rows = fields.map(({ name, schema: field, required }) => {
    const note = isSent === required ? (isSent ? 'Required. ' : 'May be absent. ') : '';
    return `| \`${name}\` | ${cell(typeOf(field, name))} | ${note}${meaning(field)} |`;
  });
  return ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** An alternative of named schemas, or one with the fields of others. */
export const partsOf = (schema: Schema): string[] =>
  [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])].flatMap(({ $ref }) =>
    $ref ? [schemaLink(nameOfRef($ref))] : [],
  );

export const isEvent = (name: string): boolean => EVENT.test(name);

/** Follows a reference, and lays together what `allOf` names. */
export function resolved(contract: Contract, schema: Schema): Schema {
  if (schema.$ref) return resolved(contract, contract.components.schemas[nameOfRef(schema.$ref)]!);
  if (!schema.allOf) return schema;
  const parts = schema.allOf.map((one) => resolved(contract, one));
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map((one) => one.properties)),
    required: parts.flatMap((one) => one.required ?? []),
  };
}
