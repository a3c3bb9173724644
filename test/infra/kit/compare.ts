/** Compares a value as a whole and names each place that differs, so that a rule shows which of its parts was broken. */

type Leaf = string | number | boolean | null | undefined | RegExp;

/** Every leaf under its path; empty lists and objects are leaves of their own. */
function leavesOf(value: unknown, path: string, found = new Map<string, Leaf>()): Map<string, Leaf> {
  if (value === null || typeof value !== 'object' || value instanceof RegExp) return found.set(path, value as Leaf);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  if (entries.length === 0) found.set(path, Array.isArray(value) ? '[]' : '{}');
  for (const [key, one] of entries) leavesOf(one, path === '' ? key : `${path}.${key}`, found);
  return found;
}

const fits = (actual: Leaf, expected: Leaf): boolean =>
  expected instanceof RegExp ? typeof actual === 'string' && expected.test(actual) : actual === expected;

/**
 * Throws unless `actual` has every leaf of `expected` and no other. A RegExp in `expected` stands for every text that it fits. The error has
 * a line for each difference: `path is actual, not expected`. A property without a value counts as none.
 */
export function same(actual: unknown, expected: unknown, path = ''): void {
  const [found, wanted] = [leavesOf(actual, path), leavesOf(expected, path)];
  const paths = [...new Set([...wanted.keys(), ...found.keys()])];
  const lines = paths
    .filter((one) => !fits(found.get(one), wanted.get(one)))
    .map((one) => `${one} is ${shown(found.get(one))}, not ${shown(wanted.get(one))}`);
  if (lines.length > 0) throw new Error(lines.join('\n'));
}

const shown = (leaf: Leaf): string => (leaf === undefined ? 'missing' : String(leaf));
