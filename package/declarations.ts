/** Of the declarations that tsc writes, those that are published. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What people import with types; `circadian/sst` is declared by hand. */
const ENTRIES = ['lib/index', 'client/index', 'lib/testing/index'];
const NAMED = /(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g;

export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** tsc declares all that it has read. What the entries' declarations name stays, and what those name; `folder` loses the others. */
export function dropDeclarations(folder: string): void {
  const kept = new Set<string>();
  const keep = (path: string): void => {
    if (kept.has(path)) return;
    kept.add(path);
    for (const [, named] of readFileSync(path, 'utf8').matchAll(NAMED)) keep(join(path, '..', `${named}.d.ts`));
  };
  for (const entry of ENTRIES) keep(join(folder, `${entry}.d.ts`));
  for (const path of filesIn(folder)) if (path.endsWith('.d.ts') && !kept.has(path)) rmSync(path);
}
