/**
 * Waking: hands every session that is due to the queue. Started by one-time schedules, the midnight cron and, every minute,
 * the recovery cron, which leaves Postgres asleep while nothing can be overdue. Doubled or overlapping runs are harmless: a sweep marks
 * what it takes, so each session is hinted by one of them. Afterwards it starts what schedules say (schedules.ts), looks for budget alerts and
 * sends notices (lib/notifications/send.ts) and traces (lib/traces/send.ts). At midnight it clears, last, what was deleted.
 */

import { lookForNotices, sendNotices } from '../notifications/send.ts';
import type { Measures } from '../observe/metrics.ts';
import type { Live, Log, Outbox, Queue, Sweeper, Webhook } from '../ports/index.ts';
import { lookForTraces, sendTraces, type Tracing } from '../traces/send.ts';
import { fireSchedules, type ScheduleDeps } from './schedules.ts';

/** What started it. `recovery` first asks the live view; `midnight` also clears what was deleted. */
export type Cron = 'recovery' | 'midnight' | 'schedule';

type WakeDeps = {
  sweeper: Sweeper;
  queue: Queue;
  live: Live;
  outbox: Outbox;
  webhook: Webhook;
  log: Log;
  /** Null or left out: there is no receiver of traces, and nothing looks for any. */
  tracing?: Tracing | null;
} & ScheduleDeps;

/** `remainingMs`: what is left of the invocation; `now`: its clock, milliseconds. `pageSize`: sessions per sweep. */
export type WakeOptions = { cron: Cron; remainingMs?: () => number; now?: () => number; pageSize?: number };

const PAGE_SIZE = 1_000;
/** Sweeping and sending one page take about two seconds; what does not fit is left to the next run. */
const MARGIN_MS = 10_000;

/**
 * The crons send `{"cron": "recovery"}` and `{"cron": "midnight"}`. All else, an alarm's event or an EventBridge event without such an
 * input among them, is a plain wake-up, which is always right: it asks Postgres.
 */
export function cronOf(event: unknown): Cron {
  const cron = (event as { cron?: unknown } | null | undefined)?.cron;
  return cron === 'recovery' || cron === 'midnight' ? cron : 'schedule';
}

/**
 * What the function `wake` does: as `wakeDue`, and throws afterwards if the recovery cron could not leave its marker. Then nothing is lost but
 * money: Postgres never sleeps, and nobody's requests are limited. AWS counts the error, behind which an alarm stands.
 */
export async function wakeOrFail(world: WakeDeps, options: WakeOptions): Promise<{ hinted: number }> {
  const { hinted, away } = await wakeDue(world, options);
  if (away && options.cron === 'recovery')
    throw new Error(
      'The live view in Redis is away, or throttled since its budget is spent. What is due was woken all the same, from Postgres, which cannot sleep meanwhile.',
    );
  return { hinted };
}

/**
 * Resolves when all that was due is in the queue. Throws if the queue refuses: those sessions are swept again after their backoff. `away`: the
 * live view did not take the marker.
 */
export async function wakeDue(world: WakeDeps, options: WakeOptions): Promise<{ hinted: number; away: boolean }> {
  const { cron, now = Date.now, remainingMs = () => Infinity } = options;
  if (cron === 'recovery' && (await world.live.idle(now())) === true) return { hinted: 0, away: false };
  const { overdueMs, next, ...swept } = await sweepAll(world, options);
  let { hinted } = swept;
  if (next?.schedulesDue) hinted += await fireSchedules(world, { remaining: () => remainingMs() - MARGIN_MS });
  // Last, so that it finds what the runs of schedules were told of, and hands nothing out that would have to wait.
  const look = next && (await lookForNotices(world));
  const { tracing, log } = world;
  const time = { remaining: remainingMs, elapsed: () => performance.now(), now: Date.now };
  const traces = next && tracing ? await lookForTraces({ tracing, log }, time) : undefined;
  // Without a look nobody knows whether one is to be sent again: the marker stays as it was.
  const nextSent = look && traces !== null ? earlier(look.nextDue, traces?.nextDue ?? null) : undefined;
  const told = !next || nextSent === undefined || (await tell(world, earlier(next.due, nextSent), next.asked));
  const metrics: Measures = { hinted, oldest_due_seconds: overdueMs / 1_000 };
  world.log({ level: 'info', message: 'swept', cron, metrics });
  await Promise.all([
    look && sendNotices(world, look, time),
    traces && tracing && sendTraces({ tracing, log }, traces, time),
  ]);
  // After the sending, for which a look gives the right for a minute alone.
  if (cron === 'midnight') await purge(world, remainingMs);
  return { hinted, away: !told };
}

type Asked = Parameters<Live['nextDue']>[1];
/** `next`: when the next session or schedule is due, as asked by which clocks; null if time ran out. `overdueMs`: for how long the most overdue has not moved. */
type Swept = {
  hinted: number;
  overdueMs: number;
  next: { due: number | null; asked: Asked; schedulesDue: boolean } | null;
};

async function sweepAll(world: WakeDeps, options: WakeOptions): Promise<Swept> {
  const { remainingMs = () => Infinity, now = Date.now, pageSize = PAGE_SIZE } = options;
  let hinted = 0;
  let overdueMs = 0;
  while (remainingMs() > MARGIN_MS) {
    const at = now();
    const page = await world.sweeper.sweep(pageSize);
    overdueMs = Math.max(overdueMs, page.overdueMs ?? 0);
    if (page.due.length > 0) {
      await world.queue.sendAll(page.due.map(({ id, userId }) => ({ sessionId: id, userId })));
      hinted += page.due.length;
    }
    if (page.due.length < pageSize) {
      const { nextDue: due, schedulesDue = false } = page;
      return { hinted, overdueMs, next: { due, asked: { at, now: page.now, overdueMs }, schedulesDue } };
    }
  }
  // More is due: the marker stays as it was, so that the next recovery run goes on.
  world.log({ level: 'warn', message: 'wake ran out of time', hinted });
  return { hinted, overdueMs, next: null };
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);

/** Without the marker the recovery cron asks Postgres every minute: dearer, never wrong. False: it could not be left. */
async function tell(world: WakeDeps, nextDue: number | null, asked: Asked): Promise<boolean> {
  try {
    await world.live.nextDue(nextDue, asked);
    return true;
  } catch (error) {
    world.log({ level: 'warn', message: 'live view away', error: String(error) });
    return false;
  }
}

/** In pages, while there is time. Tidying up is nothing to fail for: the next midnight does the rest. */
async function purge(world: WakeDeps, remainingMs: () => number): Promise<void> {
  try {
    let purged = 0;
    for (let page = 1; page > 0 && remainingMs() > MARGIN_MS; purged += page) page = await world.sweeper.purge();
    if (purged > 0) world.log({ level: 'info', message: 'purged', sessions: purged });
  } catch (error) {
    world.log({ level: 'warn', message: 'purge failed', error: String(error) });
  }
}
