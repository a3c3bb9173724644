/**
 * `npm run swarm`: 64 workers, 100,000 calls, one budget, a real PostgreSQL of this machine. SWARM_CALLS, SWARM_WORKERS, SWARM_SESSIONS
 * and SWARM_SEED change it. Exit status 1 if a single guarantee did not hold, 2 without PostgreSQL.
 */
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { startPostgres as openPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import { postgresFolder, startPostgres } from '../kit/daemons.ts';
import type { Report } from './checks.ts';
import { swarm } from './swarm.ts';

const number = (name: string, usual: number) => Number(process.env[name] ?? usual);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

export function table({ counts, seconds, callsPerSecond, violated, ...money }: Report): string {
  const dollars = (micro: bigint) => `$${(Number(micro) / 1e6).toFixed(6)}`;
  const lines: [string, string | number][] = [
    ...Object.entries(counts),
    ['seconds', seconds.toFixed(1)],
    ['calls per second', callsPerSecond.toFixed(1)],
    ['days', money.days],
    ['bill', dollars(money.bill)],
    ['spent', dollars(money.spent)],
    ['of it charged on doubt', dollars(money.unknown)],
    ['ceilings of these days', dollars(money.ceilings)],
    ['most over a ceiling', dollars(money.over)],
    ['violations', violated.length],
  ];
  return lines.map(([name, value]) => `${name.padEnd(24)} ${String(value).padStart(16)}`).join('\n');
}

async function main(): Promise<number> {
  const bin = postgresFolder();
  if (!bin) {
    print('PostgreSQL is not installed here: nothing was tried.');
    return 2;
  }
  const daemon = await startPostgres(bin);
  const local = await openPostgres({ dataDir: 'memory', databaseUrl: daemon.url });
  try {
    await migrateUp(connect(local.url).sql);
    let told = 0;
    const report = await swarm({
      url: local.url,
      rows: async (text, ...values) => (await local.pool.query(text, values)).rows,
      calls: number('SWARM_CALLS', 100_000),
      workers: number('SWARM_WORKERS', 64),
      sessions: number('SWARM_SESSIONS', 128),
      seed: number('SWARM_SEED', 1),
      onProgress(calls) {
        if (calls - told < 10_000) return;
        told = calls;
        process.stderr.write(`${calls} calls\n`);
      },
    });
    print(table(report));
    for (const violation of report.violated.slice(0, 20)) print(violation);
    return report.violated.length > 0 || report.over > 0n ? 1 : 0;
  } finally {
    await local.close();
    await daemon.stop();
  }
}

process.exitCode = await main();
