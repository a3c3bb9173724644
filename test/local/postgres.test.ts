/** The embedded Postgres: what is written stays, a start that died in the middle is forgotten, and it knows how large its tables are. */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { packNewDatabase } from '../../lib/local/new-database.ts';
import { type LocalPostgres, type NeonRequest, startPostgres } from '../../lib/local/postgres.ts';

it('keeps its rows from one start to the next, and makes a new folder in one step', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'circadian-data-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await mkdir(join(dataDir, 'postgres.new'));
  await writeFile(join(dataDir, 'postgres.new', 'PG_VERSION'), 'half made');

  const first = await startPostgres({ dataDir });
  await connect(first.url).sql.transaction((sql) => [
    sql`create table kept (n bigint)`,
    sql`insert into kept values (${2 ** 53})`,
  ]);
  await first.close();
  expect(await readdir(dataDir)).toEqual(['postgres']);

  const requests: NeonRequest[] = [];
  const second = await startPostgres({ dataDir, onRequest: (request) => requests.push(request) });
  const { sql } = connect(second.url);
  const rows = await sql`select n, n + 1 as next, 'x' || ${'\u00e9'} as text, null as nothing from kept`.finally(() =>
    second.close(),
  );
  expect(rows).toEqual([{ n: '9007199254740992', next: '9007199254740993', text: 'xé', nothing: null }]);
  expect(requests).toEqual([
    { statements: [expect.stringContaining('from kept')], atomic: false, bytes: expect.any(Number) },
  ]);
}, 120_000);

const sizeOf = async (pool: LocalPostgres['pool'], table: string) =>
  (await pool.query('select reltuples from pg_class where relname = $1', [table])).rows[0].reltuples;

it('knows how large a table has become, as a server with autovacuum does', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { pool, close } = await startPostgres({ dataDir: 'memory' });
  onTestFinished(close);
  await pool.query('create table grown as select generate_series(1, 1000) as n');
  await pool.query('select pg_stat_force_next_flush()');
  expect(await sizeOf(pool, 'grown')).toBe('-1');
  vi.advanceTimersByTime(10_000);
  await vi.waitFor(async () => expect(await sizeOf(pool, 'grown')).toBe('1000'), 20_000);
}, 60_000);

it('knows from the start how large a small table is that nobody has changed since, and leaves an empty one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const dataDir = await mkdtemp(join(tmpdir(), 'circadian-data-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startPostgres({ dataDir });
  await first.pool.query('create table small as select generate_series(1, 20) as n');
  await first.pool.query('create table bare (n int)');
  expect(await sizeOf(first.pool, 'small')).toBe('-1');
  await first.close();

  const { pool, close } = await startPostgres({ dataDir });
  onTestFinished(close);
  // No timer is moved on, as `vi.waitFor` would. What is asked takes its turn behind the look.
  for (let turns = 0; turns < 3; turns++) await pool.query('select 1');
  expect(await sizeOf(pool, 'small')).toBe('20');
  expect(await sizeOf(pool, 'bare')).toBe('-1');
}, 60_000);

it('asks once, and not again every ten seconds, while a transaction has the connection', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { pool, close } = await startPostgres({ dataDir: 'memory' });
  onTestFinished(close);
  await pool.query('create table grown as select generate_series(1, 1000) as n');
  const transaction = await pool.connect();
  vi.advanceTimersByTime(30_000);
  const waiting = pool.waitingCount;
  transaction.release();
  expect(waiting).toBe(1);
  await vi.waitFor(async () => expect(await sizeOf(pool, 'grown')).toBe('1000'), 20_000);

  await pool.query('create table later as select generate_series(1, 1000) as n');
  vi.advanceTimersByTime(10_000);
  await vi.waitFor(async () => expect(await sizeOf(pool, 'later')).toBe('1000'), 20_000);
}, 60_000);

/** What tells one database from another, and what a table or a query could notice of how it was made. */
const TOLD = `
  select (select system_identifier::text from pg_control_system()) as id, version(), datname, pg_encoding_to_char(encoding) as encoding,
      datcollate, datctype, rolname, current_setting('timezone') as zone
    from pg_database d join pg_roles r on r.oid = d.datdba order by datname`;

it('is made of a packed one where there is one, in a folder and in memory, and is as initdb makes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'circadian-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const packed = join(folder, 'new-database.tar.br');
  await packNewDatabase(packed);
  expect((await stat(packed)).size).toBeLessThan(2_000_000);

  const told = async (options: Parameters<typeof startPostgres>[0]) => {
    const { pool, close } = await startPostgres(options);
    const { rows } = await pool.query<Record<string, string>>(TOLD).finally(close);
    return { ids: new Set(rows.map(({ id }) => id)), rows: rows.map(({ id: _, ...row }) => row) };
  };
  const made = await told({ dataDir: 'memory' });
  const unpacked = await told({ dataDir: 'memory', packed });
  expect(unpacked.rows).toEqual(made.rows);
  expect(unpacked.ids).not.toEqual(made.ids);
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  expect(await told({ dataDir, packed })).toEqual(unpacked);
  expect(await told({ dataDir })).toEqual(unpacked);
}, 120_000);
