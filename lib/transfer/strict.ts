/**
 * What no text of ours can hold, looked for in a whole JSON value before anything else reads it: characters that storage refuses, keys
 * that reach for a prototype, and nesting that could exhaust the stack. Elsewhere such characters are replaced (lib/http/text.ts); in a file
 * that claims to be an export they prove that it is none, or was damaged.
 */
import type { FieldError } from '../problem.ts';
import { firstOf } from './lists.ts';

/** As everywhere in the API (lib/http/text.ts), and the few levels that a document adds around what it carries. */
const MAX_DEPTH = 72;

const UNSAFE = new Set(['__proto__']);

/** What is wrong, and where, from the inside out: nothing is noted on the way to it, since nearly always there is nothing. */
type Flaw = { message: string; path: (string | number)[] };

/** The first thing that is wrong, or null. Never throws, however the value is made; others are served meanwhile. */
export async function flawIn(value: unknown): Promise<FieldError | null> {
  const names = Object.keys(value ?? {}).map((name) => told(flawOfName(name), [name]));
  return (
    names.find((fault) => fault !== null) ?? firstOf(value, (item, place) => told(look(item, place.length), place))
  );
}

const told = (flaw: Flaw | null, place: string[]): FieldError | null =>
  flaw && { path: [...place, ...flaw.path.reverse()].join('.').slice(0, 200), message: flaw.message };

const flawOfName = (name: string): Flaw | null =>
  flawOf(UNSAFE.has(name) ? 'Not a name for a field' : flawOfText(name));

function look(value: unknown, depth: number): Flaw | null {
  if (typeof value === 'string') return flawOf(flawOfText(value));
  if (typeof value === 'number') return flawOf(Number.isFinite(value) ? null : 'Is larger than a number of an export');
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= MAX_DEPTH) return flawOf(`Nested more than ${MAX_DEPTH} levels deep`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const flaw = look(value[i], depth + 1);
      if (flaw) return within(flaw, i);
    }
    return null;
  }
  for (const key of Object.keys(value)) {
    const flaw = flawOfName(key) ?? look(Reflect.get(value, key), depth + 1);
    if (flaw) return within(flaw, key);
  }
  return null;
}

const flawOf = (message: string | null): Flaw | null => (message === null ? null : { message, path: [] });

const within = ({ message, path }: Flaw, place: string | number): Flaw => ({ message, path: [...path, place] });

function flawOfText(text: string): string | null {
  if (text.includes('\0')) return 'Holds a NUL character, which no export writes';
  return text.isWellFormed() ? null : 'Holds half a surrogate pair, which no export writes';
}
