/** G2 and R10 in Redis: a view is never ahead of the ledger, agrees with it where it is of the same version, and lets Postgres sleep only while nothing can be due. */
import { Redis } from 'ioredis';
import { ofSession, RECOVERY } from '../../../lib/adapters/upstash/keys.ts';
import type { Violation } from '../evidence.ts';
import { type Finder, few, type Run } from './run.ts';

type Hash = Record<string, string>;

async function sessions(redis: Redis, { rows }: Run): Promise<{ what: string }[]> {
  const found: { what: string }[] = [];
  for (const row of await rows('select id, fence, seq, cost_microdollars as cost, deleted_at from agent_sessions')) {
    const view = (await redis.hgetall(ofSession(row.id!, 'state'))) as Hash;
    if (view.fence === undefined) continue;
    const [ahead, same] = [
      Number(view.fence) > Number(row.fence) || (view.fence === row.fence && Number(view.seq) > Number(row.seq)),
      view.fence === row.fence && view.seq === row.seq,
    ];
    const cost = await redis.get(ofSession(row.id!, 'cost'));
    if (ahead)
      found.push({
        what: `${row.id}: the live view is at ${view.fence}/${view.seq}, the journal at ${row.fence}/${row.seq}`,
      });
    // A late settlement of an old owner changes the cost alone, and nobody mirrors it.
    else if (same && cost !== null && Number(cost) < Number(row.cost) && row.deleted_at === null)
      found.push({ what: `${row.id}: the live view says that it cost ${cost}, the ledger ${row.cost}` });
  }
  return found;
}

/** Would the recovery cron sleep now, by lib/adapters/upstash/live.ts, and past what? */
async function marker(redis: Redis, { rows }: Run): Promise<{ what: string }[]> {
  const parts = (await redis.mget(RECOVERY)).map((part) => part?.split(' ') ?? []);
  const dues: number[] = [];
  for (const [activeUntil, askedAt, , due] of parts) {
    const nextDue = due === 'never' ? Number.POSITIVE_INFINITY : Number(due);
    if (!(Number(askedAt) > Number(activeUntil)) || Number.isNaN(nextDue)) return [];
    dues.push(nextDue);
  }
  const nextDue = Math.min(...dues);
  const [first] = await rows(
    `select id, due_at, 1000 * extract(epoch from due_at) as ms from agent_sessions where due_at < 'infinity' order by due_at limit 1`,
  );
  if (!first || Number(first.ms) >= Math.floor(nextDue)) return [];
  return [
    {
      what: `the recovery cron lets Postgres sleep until ${Number.isFinite(nextDue) ? nextDue : 'never'} (clocks ${parts[0]![2]} ms apart), though ${first.id} is due at ${first.due_at}`,
    },
  ];
}

export const live: Finder = async (run): Promise<Violation[]> => {
  const redis = new Redis(run.evidence.redisUrl, { maxRetriesPerRequest: 1 });
  try {
    return [...few('G2', await sessions(redis, run)), ...few('R10', await marker(redis, run))];
  } finally {
    redis.disconnect();
  }
};
