/**
 * The Postgres behind a local system: an embedded one in a folder or in memory, or a real one by its URL; always reached through
 * Neon's HTTP protocol, as in production. The embedded one belongs to one process at a time and serves one statement at a time.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { type NeonRequest, rawTypes, startNeon } from './neon.ts';
import { newDatabase } from './new-database.ts';
import { keepStatistics } from './statistics.ts';

export type { NeonRequest } from './neon.ts';

/** `url`: for `connect`. `pool`: the same database by its wire protocol, every value as text; for tests and tools. */
export type LocalPostgres = { url: string; pool: pg.Pool; close(): Promise<void> };

/** Enough for all invocations of one machine, and few enough for a server with PostgreSQL's default of 100. */
const POOL_SIZE = 20;

export async function startPostgres(options: {
  /** Folder of the embedded database, made if missing; `memory` keeps nothing. */
  dataDir: string | 'memory';
  /** A real server instead, left as it is found but for our tables. */
  databaseUrl?: string | undefined;
  /** A packed database, of which a new embedded one is made; left out: the package's own, if it has one. */
  packed?: string | undefined;
  onRequest?: (request: NeonRequest) => void;
}): Promise<LocalPostgres> {
  const { dataDir, databaseUrl, packed, ...rest } = options;
  const backend = databaseUrl ? realBackend(databaseUrl) : await embeddedBackend(dataDir, packed);
  const neon = await startNeon({ pool: backend.pool, ...rest });
  return {
    url: neon.url,
    pool: backend.pool,
    async close() {
      await neon.close();
      await backend.close();
    },
  };
}

type Backend = { pool: pg.Pool; close(): Promise<void> };

function realBackend(databaseUrl: string): Backend {
  const pool = poolOf({ connectionString: databaseUrl, max: POOL_SIZE });
  return { pool, close: () => pool.end() };
}

async function embeddedBackend(dataDir: string, packed?: string): Promise<Backend> {
  const { createPgConfig } = await import('@electric-sql/pglite/node-postgres');
  const made = () => newDatabase(packed);
  const database =
    dataDir === 'memory'
      ? await openEmbedded('memory://', await made())
      : await openFolder(join(dataDir, 'postgres'), made);
  const pool = poolOf({ ...(createPgConfig(database) as pg.PoolConfig), max: 1 });
  const forget = keepStatistics(pool);
  return {
    pool,
    async close() {
      forget();
      await pool.end();
      // Left open, it keeps the whole process alive.
      await database.close();
    },
  };
}

function poolOf(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...config, types: rawTypes } as pg.PoolConfig);
  // A lost idle connection is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}

/** A new database is made beside its place and then renamed into it, so that a kill in the middle leaves nothing half-made. */
async function openFolder(folder: string, made: () => Promise<Blob | undefined>): Promise<PGlite> {
  const exists = await stat(folder).catch(() => null);
  if (!exists) {
    const unfinished = `${folder}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await (await openEmbedded(unfinished, await made())).close();
    await rename(unfinished, folder);
  }
  return openEmbedded(folder);
}

async function openEmbedded(dataDir: string, loadDataDir?: Blob): Promise<PGlite> {
  const { PGlite } = await import('@electric-sql/pglite');
  return PGlite.create({ dataDir, ...(loadDataDir && { loadDataDir }) });
}
