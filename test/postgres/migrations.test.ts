/** Tables and functions go up, down and up again, on both databases, also when two run at once. */
import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { type LocalPostgres, startPostgres } from '../../lib/local/postgres.ts';
import { migrateDown, migrateUp } from '../../lib/ops/migrate.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TABLES = readdirSync(join(ROOT, 'migrations'))
  .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
  .map((file) => file.slice(0, -'.sql'.length))
  .sort();
const UP = [...TABLES, 'functions'];
const DOWN = ['functions', ...TABLES.toReversed()];

const kinds = [
  { kind: 'embedded', databaseUrl: async () => undefined },
  ...(hasPostgres ? [{ kind: 'real', databaseUrl: async () => (await realPostgres()) ?? undefined }] : []),
];

it('have a number each, the baseline the first', () => {
  expect(TABLES[0]).toBe('0000_baseline');
  expect(new Set(TABLES.map((name) => name.slice(0, 4))).size).toBe(TABLES.length);
});

describe.each(kinds)('migrations on a $kind Postgres', ({ databaseUrl }) => {
  let local: LocalPostgres;
  let sql: ReturnType<typeof connect>['sql'];
  beforeAll(async () => {
    local = await startPostgres({ dataDir: 'memory', databaseUrl: await databaseUrl() });
    sql = connect(local.url).sql;
  });
  afterAll(() => local?.close());

  const ours = async () => {
    const { rows } = await local.pool.query(`
      select relname as name from pg_class where relnamespace = 'public'::regnamespace and relname <> 'circadian_migrations_pkey'
      union all select proname from pg_proc where pronamespace = 'public'::regnamespace order by 1`);
    return rows.map(({ name }) => name);
  };

  it('goes up, down and up again, and leaves nothing behind', async () => {
    expect(await migrateUp(sql)).toEqual(UP);
    const made = await ours();
    expect(made).toContain('agent_sessions');
    expect(made).toContain('claim');
    expect(await migrateDown(sql)).toEqual(DOWN);
    expect(await ours()).toEqual(['circadian_migrations']);
    expect(await migrateUp(sql)).toEqual(UP);
    expect(await ours()).toEqual(made);
  });

  it('does nothing when it is repeated, and goes down step by step, the functions first', async () => {
    expect(await migrateUp(sql)).toEqual([]);
    expect(await migrateDown(sql, 0)).toEqual(['functions']);
    expect(await migrateDown(sql, 1)).toEqual(TABLES.slice(-1));
    expect(await migrateUp(sql)).toEqual([...TABLES.slice(-1), 'functions']);
  });

  it('replaces the functions when one of them has changed, also back, and leaves the rights as they were', async () => {
    const rights = async () =>
      (
        await local.pool.query(`select proname, prosecdef, proconfig, proacl::text from pg_proc
          where pronamespace = 'public'::regnamespace order by 1`)
      ).rows;
    const before = await rights();
    const root = await copied();
    const file = join(root, 'schema/functions/_rules.sql');
    await writeFile(file, (await readFile(file, 'utf8')).replace('9007199254740991', '9007199254740990'));
    const most = async () => (await local.pool.query('select largest_sum() as most')).rows[0].most;
    expect(await migrateUp(sql, root)).toEqual(['functions']);
    expect(await most()).toBe('9007199254740990');
    expect(await migrateUp(sql, root)).toEqual([]);
    expect(await migrateUp(sql)).toEqual(['functions']);
    expect(await most()).toBe('9007199254740991');
    expect(await rights()).toEqual(before);
  });

  it('is safe when several run at once: each migration is applied once', async () => {
    await migrateDown(sql);
    const ups = await Promise.all([migrateUp(sql), migrateUp(sql), migrateUp(sql)]);
    expect(ups.flat().sort()).toEqual(UP);
    const downs = await Promise.all([migrateDown(sql), migrateDown(sql)]);
    expect(downs.flat().sort()).toEqual(UP);
    await migrateUp(sql);
  });

  it('tries again what a request in its way made Postgres give up, and nothing else', async () => {
    const failing = (code: string, times: number) => {
      let left = times;
      const transaction: typeof sql.transaction = (queries, options) =>
        'map' in queries && queries.length > 3 && left-- > 0
          ? Promise.reject(Object.assign(new Error('given up'), { code }))
          : sql.transaction(queries, options);
      return Object.assign(((...args: Parameters<typeof sql>) => sql(...args)) as typeof sql, sql, { transaction });
    };
    await migrateDown(sql);
    expect(await migrateUp(failing('40P01', 2))).toEqual(UP);
    expect(await migrateDown(failing('55P03', 2))).toEqual(DOWN);
    await expect(migrateUp(failing('42P01', 1))).rejects.toThrow('given up');
    await migrateUp(sql);
  });

  it('refuses a migration that was changed after it had been applied, and applies none by half', async () => {
    const root = await copied();
    const baseline = join(root, 'migrations/0000_baseline.sql');
    await writeFile(baseline, `${await readFile(baseline, 'utf8')}\n`);
    await expect(migrateUp(sql, root)).rejects.toThrow('0000_baseline was changed');
    await cp(join(ROOT, 'migrations/0000_baseline.sql'), baseline);
    await writeFile(
      join(root, 'migrations/9999_broken.sql'),
      'create table half (n int);\n--> statement-breakpoint\nselect nonsense;',
    );
    await writeFile(join(root, 'migrations/9999_broken.down.sql'), 'drop table half;');
    await expect(migrateUp(sql, root)).rejects.toThrow('nonsense');
    expect(await ours()).not.toContain('half');
  });

  it('replaces no function by half', async () => {
    const root = await copied();
    const access = join(root, 'schema/access.sql');
    await writeFile(access, `${await readFile(access, 'utf8')}\nselect nonsense;\n`);
    await writeFile(
      join(root, 'schema/functions/zzz.sql'),
      'create or replace function half() returns int language sql as $$ select 1 $$;\n',
    );
    await expect(migrateUp(sql, root)).rejects.toThrow('nonsense');
    expect(await ours()).not.toContain('half');
    expect(await migrateUp(sql)).toEqual([]);
  });
});

/** A copy of all SQL files. */
async function copied(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const name of ['migrations', 'schema']) await cp(join(ROOT, name), join(root, name), { recursive: true });
  return root;
}

it('has a way down for every migration, and one journal entry of drizzle-kit each', async () => {
  const journal = JSON.parse(await readFile(join(ROOT, 'migrations/meta/_journal.json'), 'utf8'));
  expect(journal.entries.map(({ tag }: { tag: string }) => tag)).toEqual(TABLES);
  for (const name of TABLES)
    expect((await readFile(join(ROOT, `migrations/${name}.down.sql`), 'utf8')).trim()).not.toBe('');
});
