/** A migrated database for a test file, embedded or real, with the production adapters on it. */
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { type LocalPostgres, startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import { realPostgres } from '../kit/servers.ts';

export type TestDatabase = Awaited<ReturnType<typeof testDatabase>>;

/**
 * `real` only where `hasPostgres`. The caller closes it: an open embedded one keeps the test process alive. SQL_ROOT names a
 * folder with other migrations and functions than the product's, for test/money/guards.ts.
 */
export async function testDatabase(kind: 'embedded' | 'real') {
  const databaseUrl = kind === 'real' ? ((await realPostgres()) ?? undefined) : undefined;
  const local = await startPostgres({ dataDir: 'memory', databaseUrl });
  const database = connect(local.url);
  await migrateUp(database.sql, process.env.SQL_ROOT);
  return { ...local, database, ...tools(local) };
}

function tools({ pool }: LocalPostgres) {
  return {
    /** The rows of a statement, every value as Postgres' text. */
    async rows(text: string, ...values: unknown[]): Promise<Record<string, string | null>[]> {
      return (await pool.query(text, values)).rows;
    },
    /** Puts the settable clock to an instant, also backwards. */
    async setNow(ms: number): Promise<void> {
      await pool.query(`update app_clock set shift = $1::timestamptz - clock_timestamp()`, [
        new Date(ms).toISOString(),
      ]);
    },
    async expireLease(sessionId: string): Promise<void> {
      await pool.query(`update agent_sessions set lease_until = '-infinity' where id = $1`, [sessionId]);
    },
    async passBackoff(): Promise<void> {
      await pool.query(`update agent_sessions set hint_at = '-infinity'`);
    },
    async empty(): Promise<void> {
      await pool.query('truncate user_settings, idempotency_keys, stripe_objects, stripe_prices cascade');
    },
  };
}
