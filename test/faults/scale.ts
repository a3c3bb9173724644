/**
 * Time in a run: everything that waits in real time waits a twentieth of what it does in production, so that a lease runs out in two
 * seconds and not in 45. The proportions stay (but for one, below), and so does the code: constants are replaced in the run's database and in what its workers load.
 */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { SourcePatch } from './evidence.ts';

export const SCALE = 20;
/** `hintMs` and `longestMs`: the shortest and the longest pause between two hints of a sweep. */
const PRODUCTION = { leaseMs: 45_000, heartbeatMs: 15_000, hintMs: 30_000, cronMs: 60_000, longestMs: 960_000 };

export const LEASE_MS = PRODUCTION.leaseMs / SCALE;
export const HEARTBEAT_MS = PRODUCTION.heartbeatMs / SCALE;
export const CRON_MS = PRODUCTION.cronMs / SCALE;
export const HINT_MS = PRODUCTION.hintMs / SCALE;
/**
 * The longest pause between two hints grows with how late a session is. Where the run's clock leaps every session is hours late, and that
 * pause is made shorter still; where the clock is steady it keeps its proportion.
 */
export const longestPauseMs = (steady: boolean): number => (steady ? PRODUCTION.longestMs / SCALE : 4 * HINT_MS);
/** Lambda's limit and a lease: after it whatever ran when a marker was lost has ended. */
export const LONGEST_INVOCATION_MS = (15 * 60_000 + PRODUCTION.leaseMs) / SCALE;
/** Of the hint that stands in for a marker which could not be set. */
export const STAND_IN_MS = 60_000 / SCALE;

/** A killed iteration is taken up again within two minutes of production's time: a lease and a minute of the cron, at most. */
export const MOST_RECOVERY_MS = 120_000 / SCALE;

/** In the workers: the heartbeat, the time kept back after a call, the hint that stands in for a lost marker, and for how long a marker reaches (R10). */
const WAITS: [file: string, name: string][] = [
  ['lib/engine/heartbeat.ts', 'HEARTBEAT_MS'],
  ['lib/engine/perform.ts', 'MARGIN_MS'],
  ['lib/engine/drive.ts', 'STAND_IN_MS'],
  ['lib/core/times.ts', 'LEASE_MS'],
  ['lib/core/times.ts', 'CRON_MS'],
  ['lib/core/times.ts', 'INVOCATION_MS'],
];

/** Throws if one of them is not there any more under its name. */
export const scaledSource = (): SourcePatch[] =>
  WAITS.map(([file, name]) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const [found, ms] = new RegExp(`\\bconst ${name} = ([\\d_ *+]+);`).exec(text) ?? [];
    if (!found) throw new Error(`${file} has no ${name}`);
    return { file, from: found, to: `const ${name} = (${ms}) / ${SCALE};` };
  });

/** In the database: every function with a lease or a pause in it. */
const WAITING = ['claim', 'heartbeat', 'outage_pause', 'outage_until', 'redrive', 'save', 'settle_notices', 'sweep'];

/** As the database prints its functions. */
const scaledSql = (steady: boolean): [RegExp, string][] => [
  [/'00:00:45'::interval|interval '45 s'/g, `interval '${LEASE_MS} ms'`],
  [/'00:00:30'::interval|interval '30 s'/g, `interval '${HINT_MS} ms'`],
  [/interval '1 minute'/g, `interval '${60_000 / SCALE} ms'`],
  [/'00:16:00'::interval|interval '16 min'/g, `interval '${longestPauseMs(steady)} ms'`],
];

/** Throws if those that wait are not those that are known to: one that kept production's time would make the run stand still for minutes. */
export async function quicken(pool: Pick<pg.Pool, 'query'>, { steady }: { steady: boolean }): Promise<void> {
  const { rows } = await pool.query<{ name: string; text: string }>(
    `select proname as name, pg_get_functiondef(oid) as text from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'`,
  );
  const changed = new Set<string>();
  for (const { name, text } of rows) {
    const scaled = scaledSql(steady).reduce((before, [from, to]) => before.replace(from, to), text);
    if (scaled === text) continue;
    await pool.query(scaled);
    changed.add(name);
  }
  const wrong = [
    ...WAITING.filter((name) => !changed.has(name)).map((name) => `${name} has no lease or pause that could be scaled`),
    ...[...changed].filter((name) => !WAITING.includes(name)).map((name) => `${name} waits, and is not known to`),
  ];
  if (wrong.length > 0) throw new Error(`Functions of the database: ${wrong.join('; ')}`);
}
