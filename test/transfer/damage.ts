/** Documents that were damaged or made up: one value of a good one is replaced, lost or added. */
import fc from 'fast-check';
import type { Doc } from './kit.ts';

type Place = (string | number)[];

/** All places of a JSON value, the inner ones too. */
export function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...place, key]))];
}

/** `doc` with another value at a place, or without it (`undefined`). */
export function changed(doc: Doc, place: Place, value: unknown): Doc {
  const copy = structuredClone(doc);
  const last = place.at(-1);
  if (last === undefined) return value;
  const parent = place.slice(0, -1).reduce((at, key) => at[key], copy);
  if (value !== undefined) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

const values = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    -1e308,
    2 ** 31,
    2 ** 53,
    9e15,
    '',
    ' ',
    'x',
    '\0',
    '\ud800',
    [],
    {},
    [[]],
  ),
  fc.constantFrom<unknown>(
    '2026-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:60Z',
    '+275760-09-13T00:00:00.000Z',
    'infinity',
    '2026-11-10',
  ),
  fc.constantFrom<unknown>(
    'ended',
    'sleeping',
    'tool_use',
    'tool_result',
    'user',
    'assistant',
    '../../etc/passwd',
    '/a/../b',
    'AAA=',
    'agent.started',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
);

/** One to three changes of `doc`, each at any of its places, or one of its parts in the place of another. */
export const damaged = (doc: Doc): fc.Arbitrary<Doc> => {
  const places = placesOf(doc);
  const place = fc.constantFrom(...places);
  const at = (where: Place) => where.reduce((value, key) => value?.[key], doc);
  const change = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(place, values) },
    fc.tuple(place, place).map(([to, from]) => [to, at(from)] as [Place, unknown]),
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) =>
    changes.reduce((copy, [where, value]) => {
      try {
        return changed(copy, where, value);
      } catch {
        return copy; // an earlier change has taken this place away
      }
    }, doc),
  );
};
