/**
 * Time in a run: everything that waits in real time waits a twentieth of what it does in production, so that a lease runs out in two
 * seconds and not in 45. The proportions stay (but for one, below), and so does the code: constants are replaced in the run's database and in what its workers load.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { SourcePatch } from './evidence.ts';

export const SCALE = 20;
const PRODUCTION = { leaseMs: 45_000, heartbeatMs: 15_000, hintMs: 30_000, cronMs: 60_000, longestMs: 960_000 };

export const LEASE_MS = PRODUCTION.leaseMs / SCALE;
export const HEARTBEAT_MS = PRODUCTION.heartbeatMs / SCALE;
export const CRON_MS = PRODUCTION.cronMs / SCALE;
const HINT_MS = PRODUCTION.hintMs / SCALE;

/** A killed iteration is taken up again within two minutes of production's time: a lease and a minute of the cron, at most. */
export const MOST_RECOVERY_MS = 120_000 / SCALE;

/** In the workers: the heartbeat, the time kept back after a call, and the hint that stands in for a lost marker. */
const WAITS: [file: string, name: string][] = [
  ['lib/attend.ts', 'HEARTBEAT_MS'],
  ['lib/perform.ts', 'MARGIN_MS'],
  ['lib/drive.ts', 'STAND_IN_MS'],
];

/** Throws if one of them is not there any more under its name. */
export const scaledSource = (): SourcePatch[] =>
  WAITS.map(([file, name]) => {
    const [found, ms] =
      new RegExp(`\\b${name} = ([\\d_]+)`).exec(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')) ?? [];
    if (!found) throw new Error(`${file} has no ${name}`);
    return { file, from: found, to: `${name} = ${Number(ms!.replaceAll('_', '')) / SCALE}` };
  });

/**
 * As the database prints its functions. The longest pause between two hints grows with how late a session is. Where the run's clock leaps
 * every session is hours late, and that pause is made shorter still; where the clock is steady it keeps its proportion.
 */
const scaledSql = (steady: boolean): [RegExp, string][] => [
  [/'00:00:45'::interval|interval '45 s'/g, `interval '${LEASE_MS} ms'`],
  [/'00:00:30'::interval|interval '30 s'/g, `interval '${HINT_MS} ms'`],
  [/'00:16:00'::interval|interval '16 min'/g, `interval '${steady ? PRODUCTION.longestMs / SCALE : 4 * HINT_MS} ms'`],
];

/** Throws if it finds fewer waits than there are: the run would stand still for minutes. */
export async function quicken(pool: pg.Pool, { steady }: { steady: boolean }): Promise<void> {
  const { rows } = await pool.query<{ text: string }>(
    `select pg_get_functiondef(oid) as text from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'`,
  );
  let changed = 0;
  for (const { text } of rows) {
    const scaled = scaledSql(steady).reduce((before, [from, to]) => before.replace(from, to), text);
    if (scaled === text) continue;
    await pool.query(scaled);
    changed += 1;
  }
  if (changed < 4) throw new Error(`only ${changed} functions of the database have a lease or a pause in them`);
}
