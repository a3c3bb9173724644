/** What is loaded before a handler runs: a bundle and all that it imports statically, as the bundler splits it. */
import { join } from 'node:path/posix';

/** esbuild writes these at the head of a statement, minified or not; `import(…)` is another thing and stays out. */
const STATIC =
  /(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w$*{}\s,]*?\bfrom\s*|[{*][\w$\s,*{}]*?from\s*)?"(\.{1,2}\/[^"]+)"/g;

/** Names of the files, the entry's first. Throws for an import of a file that was not sent along. */
export const staticClosure = (
  files: Map<string, Buffer>,
  entry = 'bundle.mjs',
  found = new Set<string>(),
): Set<string> => {
  if (found.has(entry)) return found;
  const code = files.get(entry);
  if (!code) throw new Error(`${entry} was not sent along`);
  found.add(entry);
  for (const [, path] of code.toString().matchAll(STATIC)) staticClosure(files, join(entry, '..', path!), found);
  return found;
};

export const bytesOf = (files: Map<string, Buffer>, names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + files.get(name)!.length, 0);
