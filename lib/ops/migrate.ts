/**
 * Migrations over Neon's HTTP driver: every `migrations/NNNN_name.sql` has a `.down.sql` beside it, and each goes up or down as one atomic
 * batch, its row in the journal included. Two runners at once are safe: they take turns, and whoever comes second finds the row
 * and goes on. Repeating either direction does nothing more.
 *
 * They run while the old code serves. A batch that waits for a table too long gives way, since whoever asks for the same table next would
 * wait behind it; it is tried again, as is one that Postgres chose as the victim of a deadlock with a request.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NeonQueryFunction } from '@neondatabase/serverless';

type Sql = NeonQueryFunction<false, false>;
type Migration = { name: string; up: string; down: string; hash: string };

const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));
const BREAKPOINT = '--> statement-breakpoint';
/** One number for all runners of this program, in the space that the database shares. */
const LOCK = 'select pg_advisory_xact_lock(4061990217)';
const PATIENCE = `set local lock_timeout = '2s'`;
const ATTEMPTS = 30;
/** Deadlock, lock not available in time, serialisation: nothing has happened. */
const PASSING = new Set(['40P01', '55P03', '40001']);
const UNIQUE_VIOLATION = '23505';
/** Raised by `removeRow`: the row was gone, so another runner has taken this migration down. */
const DIVISION_BY_ZERO = '22012';

/** Applies what is missing, in order of name, and says what it applied. Throws if an applied migration's text has changed since. */
export async function migrateUp(sql: Sql, folder: string = FOLDER): Promise<string[]> {
  const all = await readMigrations(folder);
  const applied = await journal(sql);
  const done: string[] = [];
  for (const { name, up, hash } of all) {
    const before = applied.get(name);
    if (before && before !== hash) throw new Error(`migration ${name} was changed after it had been applied`);
    if (before) continue;
    const row = () => sql`insert into circadian_migrations (name, hash) values (${name}, ${hash})`;
    if (await batch(sql, () => [row(), ...statements(sql, up)], UNIQUE_VIOLATION)) done.push(name);
  }
  return done;
}

/** Takes the newest `steps` migrations down (all by default: the whole schema, and all data with it) and says which. */
export async function migrateDown(
  sql: Sql,
  steps: number = Number.POSITIVE_INFINITY,
  folder: string = FOLDER,
): Promise<string[]> {
  const applied = await journal(sql);
  const all = (await readMigrations(folder)).filter(({ name }) => applied.has(name)).reverse();
  const undone: string[] = [];
  for (const { name, down } of all.slice(0, steps)) {
    const removeRow = () =>
      sql`with gone as (delete from circadian_migrations where name = ${name} returning 1) select 1 / count(*) from gone`;
    if (await batch(sql, () => [removeRow(), ...statements(sql, down)], DIVISION_BY_ZERO)) undone.push(name);
  }
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

function statements(sql: Sql, text: string) {
  return text
    .split(BREAKPOINT)
    .filter((statement) => statement.trim() !== '')
    .map((statement) => sql.query(statement));
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

async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_\w+\.sql$/.test(file)).sort();
  return Promise.all(
    files.map(async (file) => {
      const name = file.slice(0, -'.sql'.length);
      const up = await readFile(`${folder}/${file}`, 'utf8');
      const down = await readFile(`${folder}/${name}.down.sql`, 'utf8');
      return { name, up, down, hash: createHash('sha256').update(up).digest('hex') };
    }),
  );
}
