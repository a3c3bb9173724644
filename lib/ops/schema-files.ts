/** The SQL files that make the database, read as single statements: Neon's HTTP driver takes one statement a query. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

/** `up`, `down`: statements. `hash`: of the whole file that goes up. */
export type Migration = { name: string; up: string[]; down: string[]; hash: string };
/** `names`: of the functions that the files define. `hash`: of all files together. */
export type Functions = { statements: string[]; names: string[]; hash: string };

/** The name of the functions' row in the journal of migrations. */
export const FUNCTIONS = 'functions';
const DROPPED = 'dropped.sql';
const BREAKPOINT = '--> statement-breakpoint';

export async function readMigrations(root: string): Promise<Migration[]> {
  const folder = `${root}/migrations`;
  const files = (await readdir(folder)).filter((file) => /^\d{4}_\w+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -'.sql'.length);
      const up = await readFile(`${folder}/${file}`, 'utf8');
      const down = await readFile(`${folder}/${name}.down.sql`, 'utf8');
      return { name, up: parts(up), down: parts(down), hash: hashOf(up) };
    }),
  );
}

/** In the order in which they are applied: what is dropped, the functions by name of their file, the rights. */
export async function readFunctions(root: string): Promise<Functions> {
  const folder = `${root}/schema/functions`;
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql') && file !== DROPPED).sort();
  const paths = [...[DROPPED, ...files].map((file) => `${folder}/${file}`), `${root}/schema/access.sql`];
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^create or replace function (\w+)/gm)].map(([, name]) => name!),
  );
  return { statements: texts.flatMap(statementsOf), names, hash: hashOf(texts.join('\0')) };
}

const parts = (text: string): string[] => text.split(BREAKPOINT).filter((part) => part.trim() !== '');
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * A statement ends with the `;` that ends a line, or stands before its comment, outside `$$`, the only quotes that bodies have here. Lines
 * of comments between statements are left out.
 */
export function statementsOf(text: string): string[] {
  const statements: string[] = [];
  let open: string[] = [];
  let quoted = false;
  for (const line of text.split('\n')) {
    const code = line.replace(/--.*/, '');
    if (!quoted && code.trim() === '') continue;
    open.push(line);
    if (code.split('$$').length % 2 === 0) quoted = !quoted;
    if (quoted || !/;\s*$/.test(code)) continue;
    statements.push(open.join('\n'));
    open = [];
  }
  if (open.length > 0) throw new Error(`a statement has no end: ${open.join('\n')}`);
  return statements;
}
