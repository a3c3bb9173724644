/** Migrations go up, down and up again, on both databases, also when two run at once. */
import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { type LocalPostgres, startPostgres } from '../../lib/local/postgres.ts';
import { migrateDown, migrateUp } from '../../lib/ops/migrate.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';

const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));
const ALL = readdirSync(FOLDER)
  .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
  .map((file) => file.slice(0, -'.sql'.length))
  .sort();

const kinds = [
  { kind: 'embedded', databaseUrl: async () => undefined },
  ...(hasPostgres ? [{ kind: 'real', databaseUrl: async () => (await realPostgres()) ?? undefined }] : []),
];

it('have a number each, the tables the first', () => {
  expect(ALL.slice(0, 2)).toEqual(['0000_tables', '0001_money']);
  expect(new Set(ALL.map((name) => name.slice(0, 4))).size).toBe(ALL.length);
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
    expect(await migrateUp(sql)).toEqual(ALL);
    const made = await ours();
    expect(made).toContain('agent_sessions');
    expect(made).toContain('claim');
    expect(await migrateDown(sql)).toEqual([...ALL].reverse());
    expect(await ours()).toEqual(['circadian_migrations']);
    expect(await migrateUp(sql)).toEqual(ALL);
    expect(await ours()).toEqual(made);
  });

  it('does nothing when it is repeated, and goes down step by step', async () => {
    expect(await migrateUp(sql)).toEqual([]);
    expect(await migrateDown(sql, 2)).toEqual(ALL.slice(-2).reverse());
    expect(await migrateUp(sql)).toEqual(ALL.slice(-2));
  });

  it('is safe when several run at once: each migration is applied once', async () => {
    await migrateDown(sql);
    const ups = await Promise.all([migrateUp(sql), migrateUp(sql), migrateUp(sql)]);
    expect(ups.flat().sort()).toEqual(ALL);
    const downs = await Promise.all([migrateDown(sql), migrateDown(sql)]);
    expect(downs.flat().sort()).toEqual(ALL);
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
    expect(await migrateUp(failing('40P01', 2))).toEqual(ALL);
    expect(await migrateDown(failing('55P03', 2))).toEqual([...ALL].reverse());
    await expect(migrateUp(failing('42P01', 1))).rejects.toThrow('given up');
    await migrateUp(sql);
  });

  it('refuses a migration that was changed after it had been applied, and applies none by half', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
    try {
      await cp(FOLDER, folder, { recursive: true });
      const last = join(folder, '0005_brakes.sql');
      await writeFile(last, `${await readFile(last, 'utf8')}\n`);
      await expect(migrateUp(sql, folder)).rejects.toThrow('0005_brakes was changed');
      await cp(join(FOLDER, '0005_brakes.sql'), last);
      await writeFile(
        join(folder, '9999_broken.sql'),
        'create table half (n int);\n--> statement-breakpoint\nselect nonsense;',
      );
      await writeFile(join(folder, '9999_broken.down.sql'), 'drop table half;');
      await expect(migrateUp(sql, folder)).rejects.toThrow('nonsense');
      expect(await ours()).not.toContain('half');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

it('has a way down for every migration, and one journal entry of drizzle-kit each', async () => {
  const journal = JSON.parse(await readFile(join(FOLDER, 'meta/_journal.json'), 'utf8'));
  expect(journal.entries.map(({ tag }: { tag: string }) => tag)).toEqual(ALL);
  for (const name of ALL) expect((await readFile(join(FOLDER, `${name}.down.sql`), 'utf8')).trim()).not.toBe('');
});
