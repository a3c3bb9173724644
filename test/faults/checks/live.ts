/** G2 and R10 in Redis: a view is never ahead of the ledger, agrees with it where it is of the same version, and lets Postgres sleep only while nothing can be due. */
import { Redis } from 'ioredis';
import { ofDay, ofSession, RECOVERY } from '../../../lib/adapters/upstash/keys.ts';
import type { Violation } from '../evidence.ts';
import { type Finder, few, type Row, type Run } from './run.ts';

type Hash = Record<string, string>;

/** Of each user the last day is kept. From yesterday on it is reconciled when the run is over; an older one may be stale, or gone. */
async function days(redis: Redis, { rows }: Run): Promise<{ what: string }[]> {
  const query = `select distinct on (user_id) user_id, day, revision, allowance, ceiling, spent, held,
    day >= (app_now() at time zone 'UTC')::date - 1 as open from budget_days order by user_id, day desc`;
  const found: { what: string }[] = [];
  for (const row of await rows(query)) {
    const fault = dayFault(row, (await redis.hgetall(ofDay(row.user_id!))) as Hash);
    if (fault) found.push({ what: `${row.user_id} on ${row.day}: ${fault}` });
  }
  return found;
}

function dayFault(row: Row, view: Hash): string | null {
  // A day with a mark on it is shown to nobody, and not reconciled while its worker may still live: Postgres is asked instead.
  const marked = Object.keys(view).some((field) => field.startsWith('busy:'));
  const stale = (what: string): string | null => (row.open === 't' && !marked ? what : null);
  if (view.revision === undefined) return stale('the live view knows nothing of the day');
  const date = view.date ?? row.day!;
  if (date > row.day!) return `the live view is of ${date}, which the ledger does not know`;
  if (date < row.day!) return stale(`the live view is of ${date} still`);
  if (Number(view.revision) > Number(row.revision))
    return `the live view has revision ${view.revision}, the ledger ${row.revision}`;
  if (Number(view.revision) < Number(row.revision))
    return stale(`the live view is stale: revision ${view.revision} of ${row.revision}`);
  const wrong = ['allowance', 'ceiling', 'spent', 'held'].find((field) => view[field] !== row[field]);
  return wrong ? `the live view says ${wrong} ${view[wrong]}, the ledger ${row[wrong]}` : null;
}

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
  const view = (await redis.hgetall(RECOVERY)) as Hash;
  const [activeUntil, askedAt, ahead] = [Number(view.active_until), Number(view.asked_at), Number(view.ahead)];
  const nextDue = view.next_due === 'never' ? Number.POSITIVE_INFINITY : Number(view.next_due);
  if (!(askedAt > activeUntil) || Number.isNaN(nextDue)) return [];
  const [first] = await rows(
    `select id, due_at, 1000 * extract(epoch from due_at) as ms from agent_sessions where due_at < 'infinity' order by due_at limit 1`,
  );
  if (!first || Number(first.ms) >= Math.floor(nextDue)) return [];
  return [
    {
      what: `the recovery cron lets Postgres sleep until ${view.next_due} (clocks ${ahead} ms apart), though ${first.id} is due at ${first.due_at}`,
    },
  ];
}

export const live: Finder = async (run): Promise<Violation[]> => {
  const redis = new Redis(run.evidence.redisUrl, { maxRetriesPerRequest: 1 });
  try {
    return [
      ...few('G2', [...(await days(redis, run)), ...(await sessions(redis, run))]),
      ...few('R10', await marker(redis, run)),
    ];
  } finally {
    redis.disconnect();
  }
};
