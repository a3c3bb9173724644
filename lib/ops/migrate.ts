/**
 * The database as this code needs it, over Neon's HTTP driver: first the tables, then everything that is replaced in place.
 *
 * - `migrations/NNNN_name.sql`, each with a `.down.sql` beside it, goes up or down as one atomic batch, its row in the journal included.
 * - `schema/functions/*.sql` and `schema/access.sql` are applied together, as one atomic batch, when their joint hash is not the recorded one.
 *   An older release that is deployed again brings its own functions back.
 *
 * Two runners at once are safe: they take turns, and the second finds the row and goes on. Repeating either direction does nothing more.
 *
 * They run while the old code serves. A batch that waits for a table too long gives way, because every later request for that table would
 * wait behind it; it is tried again, as is a batch that Postgres chose as the victim of a deadlock with a request.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NeonQueryFunction } from '@neondatabase/serverless';
import { FUNCTIONS, readFunctions, readMigrations } from './schema-files.ts';

type Sql = NeonQueryFunction<false, false>;

/** The folder that has `migrations/` and `schema/`. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** One number for all runners of this program, in the space that the database shares. */
const LOCK = 'select pg_advisory_xact_lock(4061990217)';
const PATIENCE = `set local lock_timeout = '2s'`;
/** A function in SQL may name one that comes after it. */
const UNCHECKED = 'set local check_function_bodies = off';
const ATTEMPTS = 30;
/** Deadlock, lock not available in time, serialisation: nothing has happened. */
const PASSING = new Set(['40P01', '55P03', '40001']);
const UNIQUE_VIOLATION = '23505';
/** Raised by a statement that found no row to write: another runner was first. */
const DIVISION_BY_ZERO = '22012';

/** Applies what is missing, in order of name, and says what it applied. Throws if an applied migration's text has changed since. */
export async function migrateUp(sql: Sql, root: string = ROOT): Promise<string[]> {
  const applied = await journal(sql);
  const done: string[] = [];
  for (const { name, up, hash } of await readMigrations(root)) {
    const before = applied.get(name);
    if (before && before !== hash) throw new Error(`migration ${name} was changed after it had been applied`);
    if (before) continue;
    const row = () => sql`insert into circadian_migrations (name, hash) values (${name}, ${hash})`;
    if (await batch(sql, () => [row(), ...up.map((text) => sql.query(text))], UNIQUE_VIOLATION)) done.push(name);
  }
  const { statements, hash } = await readFunctions(root);
  if (applied.get(FUNCTIONS) === hash) return done;
  const row =
    () => sql`with written as (insert into circadian_migrations as was (name, hash) values (${FUNCTIONS}, ${hash})
    on conflict (name) do update set hash = excluded.hash, applied_at = clock_timestamp() where was.hash <> excluded.hash returning 1)
    select 1 / count(*) from written`;
  const all = () => [row(), sql.query(UNCHECKED), ...statements.map((text) => sql.query(text))];
  if (await batch(sql, all, DIVISION_BY_ZERO)) done.push(FUNCTIONS);
  return done;
}

/**
 * Takes the functions down, and then the newest `steps` migrations (all by default: the whole schema, and all data with it). Says what it
 * took down. The next `migrateUp` brings the functions back.
 */
export async function migrateDown(
  sql: Sql,
  steps: number = Number.POSITIVE_INFINITY,
  root: string = ROOT,
): Promise<string[]> {
  const applied = await journal(sql);
  const undone: string[] = [];
  const undo = async (name: string, down: string[]) => {
    const removeRow = () =>
      sql`with gone as (delete from circadian_migrations where name = ${name} returning 1) select 1 / count(*) from gone`;
    const queries = () => [removeRow(), ...down.map((text) => sql.query(text))];
    if (applied.has(name) && (await batch(sql, queries, DIVISION_BY_ZERO))) undone.push(name);
  };
  const { names } = await readFunctions(root);
  await undo(FUNCTIONS, [`drop function if exists ${names.join(', ')} cascade`]);
  const newestFirst = (await readMigrations(root)).filter(({ name }) => applied.has(name)).reverse();
  for (const { name, down } of newestFirst.slice(0, steps)) await undo(name, down);
  return undone;
}

/** False: another runner was first, and nothing happened. */
async function batch(sql: Sql, queries: () => ReturnType<Sql>[], takenBy: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await sql.transaction([sql.query(LOCK), sql.query(PATIENCE), ...queries()]);
      return true;
    } catch (error) {
      const { code, table } = error as { code?: string; table?: string };
      const first = code === takenBy && (code !== UNIQUE_VIOLATION || table === 'circadian_migrations');
      if (first) return false;
      if (attempt >= ATTEMPTS || !PASSING.has(code ?? '')) throw error;
      await sleep(100 + 400 * Math.random());
    }
  }
}

async function journal(sql: Sql): Promise<Map<string, string>> {
  const created = sql`create table if not exists circadian_migrations (
    name text primary key, hash text not null, applied_at timestamptz not null default clock_timestamp())`;
  const [, , rows] = await sql.transaction([
    sql.query(LOCK),
    created,
    sql`select name, hash from circadian_migrations`,
  ]);
  return new Map(rows!.map((row) => [row.name as string, row.hash as string]));
}
