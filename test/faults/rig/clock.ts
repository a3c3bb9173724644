/** The run's clock: the database's, which only the harness moves, and which never goes back. */
import type pg from 'pg';

export type Clock = {
  /** Milliseconds, as `app_now()` has it. */
  now(): number;
  advance(ms: number): Promise<void>;
  /** A second past the next midnight. */
  toMidnight(): Promise<void>;
};

const DAY_MS = 86_400_000;

/** `onMove`: alarms may have become due. */
export async function openClock(pool: pg.Pool, onMove: () => void): Promise<Clock> {
  let offset = 0;
  const follow = async (text: string, values: unknown[] = []) => {
    const { rows } = await pool.query<{ now: string }>(text, values);
    offset = Number(rows[0]!.now) - Date.now();
  };
  const now = () => Math.floor(Date.now() + offset);
  const moveTo = async (at: number) => {
    const to = new Date(at).toISOString();
    await follow('select extract(epoch from advance_clock($1::timestamptz)) * 1000 as now', [to]);
    onMove();
  };
  await follow('select extract(epoch from app_now()) * 1000 as now');
  return {
    now,
    advance: (ms) => moveTo(now() + ms),
    toMidnight: () => moveTo((Math.floor(now() / DAY_MS) + 1) * DAY_MS + 1_000),
  };
}
