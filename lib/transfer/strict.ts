/**
 * What no text of ours can hold, looked for in a whole JSON value before anything else reads it: characters that storage refuses, keys
 * that reach for a prototype, and nesting that could exhaust the stack. Elsewhere such characters are replaced (lib/http/text.ts); in a file
 * that claims to be an export they prove that it is none, or was damaged.
 */
import type { FieldError } from '../problem.ts';

/** As everywhere in the API (lib/http/text.ts), and the few levels that a document adds around what it carries. */
const MAX_DEPTH = 72;

const UNSAFE = new Set(['__proto__']);

/** The first thing that is wrong, or null. Never throws, however the value is made. */
export function flawIn(value: unknown): FieldError | null {
  const path: (string | number)[] = [];
  const flaw = look(value, path);
  return flaw === null ? null : { path: path.join('.').slice(0, 200), message: flaw };
}

/** Leaves the place of what it found in `path`. */
function look(value: unknown, path: (string | number)[]): string | null {
  if (typeof value === 'string') return flawOfText(value);
  if (typeof value !== 'object' || value === null) return null;
  if (path.length >= MAX_DEPTH) return `Nested more than ${MAX_DEPTH} levels deep`;
  for (const [key, item] of Object.entries(value)) {
    path.push(key);
    const flaw = UNSAFE.has(key) ? 'Not a name for a field' : (flawOfText(key) ?? look(item, path));
    if (flaw) return flaw;
    path.pop();
  }
  return null;
}

function flawOfText(text: string): string | null {
  if (text.includes('\0')) return 'Holds a NUL character, which no export writes';
  return text.isWellFormed() ? null : 'Holds half a surrogate pair, which no export writes';
}
