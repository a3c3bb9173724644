/**
 * The settable clock: real time plus an offset. The offset that counts is the database's (`app_now()`); this process follows it and keeps
 * a copy in DATA_DIR, so that the clock survives the loss of either. It never goes back (R6).
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is used of a `pg` pool. */
export type Database = {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
};

export type LocalClock = {
  /** Milliseconds UTC. At most a few milliseconds behind `app_now()`, never ahead of it: what is due here is due there. */
  now(): number;
  /** Moves to `at` (milliseconds) unless it is past that already, on disk and in the database; answers where it stands. */
  moveTo(at: number): Promise<number>;
};

const MILLISECONDS = '(extract(epoch from %s) * 1000)::float8 as now';
const selectNow = (instant: string) => `select ${MILLISECONDS.replace('%s', instant)}`;

/** An instant that has passed may only be set where nothing has happened yet. */
const SET_IF_FRESH = `
  update app_clock set shift = make_interval(secs => extract(epoch from $1::timestamptz - clock_timestamp())::float8)
  where not exists (select from agent_sessions) and not exists (select from usage_ledger)`;

/**
 * `dataDir` null keeps nothing on disk. `startAt`: where the clock of a new data directory starts, milliseconds; of one that has a clock
 * it is ignored.
 */
export async function openClock(options: {
  database: Database;
  dataDir: string | null;
  startAt: number | null;
}): Promise<LocalClock> {
  const { database, dataDir, startAt } = options;
  const file = dataDir === null ? null : join(dataDir, 'clock.json');
  let offset = 0;

  /** Whatever the answer took, this clock then lies behind the database's. */
  const follow = async (text: string, values: unknown[] = []): Promise<number> => {
    const { rows } = await database.query(text, values);
    offset = Number(rows[0]?.now) - Date.now();
    if (file) writeWhole(file, JSON.stringify({ offsetMs: offset }));
    return Number(rows[0]?.now);
  };
  const moveTo = (at: number) => follow(selectNow('advance_clock($1::timestamptz)'), [new Date(at).toISOString()]);

  const kept = file && existsSync(file) ? Number(JSON.parse(readFileSync(file, 'utf8')).offsetMs) : null;
  if (kept !== null) {
    await moveTo(Date.now() + kept);
  } else if (startAt !== null) {
    await database.query(SET_IF_FRESH, [new Date(startAt).toISOString()]);
    await moveTo(startAt);
  } else {
    await follow(selectNow('app_now()'));
  }
  return { now: () => Math.floor(Date.now() + offset), moveTo };
}

/** A kill in the middle leaves the file as it was. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
