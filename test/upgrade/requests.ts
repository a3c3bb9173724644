/**
 * What a release says to Postgres, word for word: each HTTP request of its adapters with its answer's shape, as fixtures/requests-RELEASE.jsonl
 * has them. Written by record-requests.ts when a release is made, and read for ever after: old code serves on while a newer one's
 * migrations run, and comes back with a rollback.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const FOLDER = fileURLToPath(new URL('./fixtures/', import.meta.url));

/** Values as JSON text, and instants replaced by nothing but their shape. */
export type Shape = null | 'boolean' | 'number' | 'string' | 'instant' | Shape[] | { [key: string]: Shape };
/** `headers`: those that decide what the server does. `code`: of the database's error, where it refused. */
export type Request = {
  step: string;
  body: { query: string; params: unknown[] } | { queries: { query: string; params: unknown[] }[] };
  headers: Record<string, string>;
  status: number;
  code: string | null;
  shape: Shape;
};
/** `clock`: the settable clock is put to this instant. `lease`: that session's owner is dead. */
export type Line = Request | { clock: string } | { lease: string };
export type Signature = { name: string; arguments: string; result: string };
/** `newest`: the number of the last migration of that release. `functions`: its functions and rights, as statements. */
export type Recorded = { name: string; newest: string; functions: string[]; signatures: Signature[]; lines: Line[] };

export const isRequest = (line: Line): line is Request => 'body' in line;

/** The functions of the schema, with names, types and defaults of their arguments. */
export const SIGNATURES = `select proname as name, pg_get_function_arguments(oid) as arguments, pg_get_function_result(oid) as result
  from pg_proc where pronamespace = 'public'::regnamespace order by 1, 2`;

const INSTANT = /^-?infinity$|^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/;

/** The headers that say how to run a request; all else is of the connection. */
export const meaningful = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^neon-(array-mode|raw-text-output|batch-)/i.test(name)),
  );

/** The answer of the HTTP endpoint as shapes: of each statement its columns, and its first rows' values with JSON read as JSON. */
export function shapeOf(answer: unknown): Shape {
  const { results, ...one } = answer as { results?: unknown[] };
  return (results ?? [one]).map((result) => {
    const { fields, rows } = result as { fields: { name: string }[]; rows: unknown[] };
    const shapes = rows.slice(0, 3).map((row) => {
      const values = Array.isArray(row) ? row : fields.map(({ name }) => (row as Record<string, unknown>)[name]);
      return values.map(valueShape);
    });
    return { columns: fields.map(({ name }) => name) as unknown as Shape, rows: shapes };
  });
}

function valueShape(value: unknown): Shape {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.slice(0, 2).map(valueShape);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueShape(item)]));
  if (typeof value !== 'string') return typeof value as 'number' | 'boolean';
  if (INSTANT.test(value)) return 'instant';
  if (/^[[{]/.test(value)) {
    try {
      return valueShape(JSON.parse(value));
    } catch {
      return 'string';
    }
  }
  return 'string';
}

/** Where `now` lacks what code written for `then` reads; new keys of an object are no matter, new columns of a row are. */
export function differences(then: Shape, now: Shape, path = ''): string[] {
  if (Array.isArray(then)) {
    if (!Array.isArray(now) || then.length !== now.length)
      return [`${path}: was ${JSON.stringify(then)}, is ${JSON.stringify(now)}`];
    return then.flatMap((item, i) => differences(item, now[i]!, `${path}.${i}`));
  }
  if (typeof then === 'object' && then !== null) {
    if (typeof now !== 'object' || now === null || Array.isArray(now))
      return [`${path}: was an object, is ${JSON.stringify(now)}`];
    return Object.keys(then).flatMap((key) =>
      key in now ? differences(then[key]!, now[key]!, `${path}.${key}`) : [`${path}.${key}: is gone`],
    );
  }
  return then === now ? [] : [`${path}: was ${then}, is ${JSON.stringify(now)}`];
}

export function recordings(): Recorded[] {
  const names = readdirSync(FOLDER).filter((name) => /^requests-.+\.jsonl$/.test(name));
  return names.sort(new Intl.Collator('en', { numeric: true }).compare).map((name) => {
    const [head, ...lines] = readFileSync(FOLDER + name, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return { name, ...head, lines };
  });
}
