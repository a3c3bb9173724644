/** Runs every query of queries.ts on a seeded database and says what it read. */
import pg from 'pg';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { rawTypes, startNeon } from '../../lib/local/neon.ts';
import { type Meter, meter } from './measure.ts';
import { queriesOn } from './queries.ts';
import type { Query } from './query.ts';
import { usersOf } from './seed.ts';

/** `failed`: what went wrong instead, such as a request that took longer than a client waits. */
export type Line = Pick<Query, 'name' | 'kind'> & {
  read: number;
  returned: number;
  blocks: number;
  ms: number;
  statements: number;
  failed?: string;
};

const WRITTEN =
  'agent_sessions, session_days, idempotency_keys, budget_days, budget_holds, agent_messages, agent_events';

/** All pages are in memory, as those that are asked for often are: else the planner reads small tables whole rather than by an index. */
const IN_MEMORY = '-c random_page_cost=1.1';

/** `timeoutMs`: of each request, in real time. `sessions`: as it was seeded. Nothing of what the queries write stays, but what the last is about. */
export async function lines(url: string, sessions: number, timeoutMs = 60_000): Promise<Line[]> {
  const pool = new pg.Pool({ connectionString: url, types: rawTypes, max: 2, options: IN_MEMORY } as pg.PoolConfig);
  const tool: Meter = meter(pool);
  const neon = await startNeon({ pool: tool.pool });
  const measured: Line[] = [];
  try {
    for (const { name, kind, before = [], lasting, run } of queriesOn(connect(neon.url, { timeoutMs, attempts: 1 }), {
      users: usersOf(sessions),
    })) {
      tool.before = before;
      if (lasting) {
        for (const statement of lasting) await pool.query(statement);
        await pool.query('vacuum analyze agent_sessions');
      }
      // What was taken back is left behind as dead rows, which nobody's queries meet in such numbers.
      const swept = () => before.length > 0 && pool.query(`vacuum ${WRITTEN}`);
      // The first run fills caches and plans.
      await run().catch(() => {});
      await swept();
      tool.reset();
      const outcome = await run().then(
        (returned) => ({ returned }),
        (error: Error) => ({ returned: 0, failed: error.message }),
      );
      await swept();
      measured.push({ name, kind, ...tool.cost, ...outcome });
    }
  } finally {
    await neon.close();
    await pool.end();
  }
  return measured;
}

export function tableOf(measured: Line[]): string {
  const number = (value: number) => Math.round(value).toLocaleString('en');
  return [
    '| | query | rows read | rows returned | blocks | ms |',
    '|---|---|---:|---:|---:|---:|',
    ...measured.map(({ kind, name, read, returned, blocks, ms, failed }) =>
      failed
        ? `| ${kind} | ${name} | ${failed.slice(0, 80)} | | | |`
        : `| ${kind} | ${name} | ${number(read)} | ${number(returned)} | ${number(blocks)} | ${ms.toFixed(1)} |`,
    ),
  ].join('\n');
}
