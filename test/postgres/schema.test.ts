/** The files under schema/ and the database say the same: each function once, each body sound, each table as drizzle has it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFunctions, statementsOf } from '../../lib/ops/schema-files.ts';
import * as schema from '../../schema/index.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const tables = (Object.values(schema) as unknown[]).filter((one) => is(one, PgTable)).map((one) => getTableConfig(one));

describe.each(['embedded', ...(hasPostgres ? ['real'] : [])] as const)('the schema of an %s Postgres', (kind) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase(kind as 'embedded' | 'real');
  }, 120_000);
  afterAll(() => db?.close());

  it('has the functions that the files define, and each file defines others', async () => {
    const { names } = await readFunctions(ROOT);
    const found = await db.rows(`select proname as name from pg_proc where pronamespace = 'public'::regnamespace`);
    expect(found.map(({ name }) => name).sort()).toEqual(names.sort());
    expect(new Set(names).size).toBe(names.length);
  });

  it('takes every function body also where Postgres looks into it', async () => {
    const { statements } = await readFunctions(ROOT);
    for (const statement of statements) await db.rows(statement);
  });

  it('has the columns of the tables as drizzle has them', async () => {
    const found = await db.rows(`select table_name as "table", column_name as "column", is_nullable as "nullable",
      format_type(atttypid, atttypmod) as "type", coalesce(is_identity, 'NO') as "identity", column_default is not null as "default"
      from information_schema.columns join pg_attribute on attrelid = format('public.%I', table_name)::regclass and attname = column_name
      where table_schema = 'public' and table_name <> 'circadian_migrations' order by 1, 2`);
    const wanted = tables.flatMap(({ name, columns }) =>
      columns.map((column) => ({
        table: name,
        column: column.name,
        nullable: column.notNull ? 'NO' : 'YES',
        type: column.getSQLType().replace('numeric(6, 2)', 'numeric(6,2)'),
        identity: 'NO',
        default: column.hasDefault ? 't' : 'f',
      })),
    );
    const byName = (a: { table?: unknown; column?: unknown }, b: typeof a) =>
      `${a.table}.${a.column}` < `${b.table}.${b.column}` ? -1 : 1;
    expect(found.sort(byName)).toEqual(wanted.sort(byName));
  });

  it('has the indexes, checks and foreign keys of drizzle', async () => {
    const found =
      await db.rows(`select relname as name from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace
        and not exists (select from pg_constraint where conindid = pg_class.oid)
      union all select conname from pg_constraint where connamespace = 'public'::regnamespace and contype in ('c', 'f')`);
    const wanted = tables.flatMap(({ indexes, checks, foreignKeys }) => [
      ...indexes.map(({ config }) => config.name),
      ...checks.map(({ name }) => name),
      ...foreignKeys.map((key) => key.getName()),
    ]);
    expect(found.map(({ name }) => name).sort()).toEqual(wanted.sort());
  });
});

it('leaves drizzle-kit nothing to generate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drizzle-'));
  try {
    cpSync(join(ROOT, 'migrations'), folder, { recursive: true });
    const before = readdirSync(folder).length;
    const args = ['generate', '--dialect=postgresql', '--schema=./schema/index.ts', `--out=${relative(ROOT, folder)}`];
    const said = execFileSync(join(ROOT, 'node_modules/.bin/drizzle-kit'), args, { cwd: ROOT, encoding: 'utf8' });
    expect(said).toContain('No schema changes');
    expect(readdirSync(folder)).toHaveLength(before);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a file is read as statements', () => {
  it('that end with a line, outside of quoted bodies and comments', () => {
    const one = 'select 1;';
    const two = `create function two() as $$\nbegin\n  perform 1;  -- not here;\nend $$;`;
    const three = `update t\n  set a = 1;  -- said;`;
    expect(statementsOf(['-- One; of them;', one, '', two, three, '-- the end;', ''].join('\n'))).toEqual([
      one,
      two,
      three,
    ]);
  });

  it('and none is lost for want of an end', () => {
    expect(() => statementsOf('select 1')).toThrow('has no end');
  });
});
