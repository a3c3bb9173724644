/** Databases for scenarios: one is migrated and gets the recorder, and every stage is a copy of it, so that a stage takes a moment to set. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { connect } from '../../../lib/adapters/postgres/connect.ts';
import { startPostgres } from '../../../lib/local/postgres.ts';
import { migrateUp } from '../../../lib/ops/migrate.ts';
import { installRecorder } from '../checks/recorder.ts';
import type { SqlPatch } from '../evidence.ts';
import { applySql } from './apply.ts';

export type Lab = {
  /** The URL of a fresh database with these patches in it. Throws if one does not fit. */
  database(patches: SqlPatch[]): Promise<string>;
};

const name = (): string => `lab_${randomUUID().replaceAll('-', '')}`;
const urlOf = (serverUrl: string, database: string): string => serverUrl.replace(/\/[^/]*$/, `/${database}`);

/** `serverUrl`: a real PostgreSQL and a superuser of it, whose databases nobody needs. */
export async function openLab(serverUrl: string): Promise<Lab> {
  const healthy = name();
  await withClient(serverUrl, (client) => client.query(`create database ${healthy}`));
  const local = await startPostgres({ dataDir: 'memory', databaseUrl: urlOf(serverUrl, healthy) });
  try {
    await migrateUp(connect(local.url).sql);
    await installRecorder((text) => local.pool.query(text));
  } finally {
    await local.close();
  }
  return {
    async database(patches) {
      const copy = name();
      await withClient(serverUrl, async (client) => {
        await client.query(`create database ${copy} template ${healthy}`);
        // A deadlock is to be told at once, not after a second.
        await client.query(`alter database ${copy} set deadlock_timeout = '50ms'`);
      });
      const url = urlOf(serverUrl, copy);
      if (patches.length > 0)
        await withClient(url, (client) => applySql((text, values) => client.query(text, values), patches));
      return url;
    },
  };
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
