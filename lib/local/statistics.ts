/**
 * What autovacuum does elsewhere: the embedded Postgres has no worker for it. Without statistics it takes every table for a small one, and reads
 * a session's whole journal for each page of it.
 */
import type pg from 'pg';

const LOOK_MS = 10_000;
/** As `autovacuum_analyze_threshold` and `autovacuum_analyze_scale_factor` have it; and what has rows, but was never analysed. */
const STALE = `
  select relid::regclass::text as name from pg_stat_user_tables join pg_class on oid = relid
    where n_mod_since_analyze > 50 + 0.1 * n_live_tup or (reltuples = -1 and pg_relation_size(relid) > 0)`;

/** Looks after them now, without being waited for, and every ten seconds, of real time, until the function that it answers is called. */
export function keepStatistics(pool: pg.Pool): () => void {
  let isLooking = false;
  const look = async () => {
    // The single connection may be taken for long by a transaction.
    if (isLooking) return;
    isLooking = true;
    // They only make it faster: where they cannot be had now, the next look has them.
    await refreshStatistics(pool).catch(() => {});
    isLooking = false;
  };
  void look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Of the tables that have changed much since the last time, or were never analysed; resolves with their names. */
export async function refreshStatistics(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(STALE);
  for (const { name } of rows) await pool.query(`analyze ${name}`);
  return rows.map(({ name }) => name);
}
