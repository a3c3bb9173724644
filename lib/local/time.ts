/**
 * What passes with time: the two crons, and moving the clock. A move is made while nothing runs. Then the alarms of the time that was passed
 * over ring. The midnight cron runs if there was a midnight. The caller waits until every sleeper that became due has gone on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database, LocalClock } from './clock.ts';
import type { Invoker } from './lambda/invoker.ts';
import type { Poller } from './poller.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A session whose hint got lost is hinted again after 30 s. The caller waits at most twice as long. */
const WAIT_MS = 60_000;
const ASK_MS = 25;

export type TimeOptions = {
  clock: LocalClock;
  database: Database;
  invoker: Invoker;
  pollers: Poller[];
  /** Delivers the alarms that have become due, and arms the others anew. */
  fireDue: () => Promise<void>;
  /** Forgets the snapshots of the live view: they are of the time before the move. */
  forget: () => Promise<void>;
  /** Of the recovery cron. */
  everyMs?: number;
};

export type Time = {
  /** See `ClockRouteOptions.move`. */
  move(at: number): Promise<number>;
  close(): void;
};

/** Sweeps at once, then by the crons. `move` must not be called twice at a time. */
export function startTime(options: TimeOptions): Time {
  const { clock, invoker, pollers } = options;
  const wake = (cron: 'recovery' | 'midnight' | 'schedule') => invoker.invokeAsync('wake', { cron });
  let midnight: NodeJS.Timeout | undefined;

  const armMidnight = (): void => {
    clearTimeout(midnight);
    const next = nextMidnight(clock.now());
    midnight = setTimeout(() => {
      // Timers may be early by a millisecond; armed again, it comes to its own.
      if (clock.now() >= next) wake('midnight');
      armMidnight();
    }, next - clock.now());
  };

  const still = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      // In this order: a poller that has just taken a message waits for its invocation, which a paused invoker would never start.
      await Promise.all(pollers.map((poller) => poller.pause()));
      await invoker.pause();
      return await work();
    } finally {
      invoker.resume();
      for (const poller of pollers) poller.resume();
    }
  };

  const move = async (at: number): Promise<number> => {
    const midnightAhead = nextMidnight(clock.now());
    const now = await still(() => clock.moveTo(at));
    await options.forget().catch(() => undefined);
    armMidnight();
    await options.fireDue().catch(() => undefined);
    const cron = now >= midnightAhead ? 'midnight' : 'schedule';
    await invoker.invoke('wake', { cron }).catch(() => wake('schedule'));
    await sleepersGone(options.database);
    return clock.now();
  };

  const recovery = setInterval(() => wake('recovery'), options.everyMs ?? MINUTE_MS);
  armMidnight();
  wake('schedule');
  return {
    move,
    close: () => {
      clearInterval(recovery);
      clearTimeout(midnight);
    },
  };
}

const nextMidnight = (at: number): number => (Math.floor(at / DAY_MS) + 1) * DAY_MS;

/** Due, asleep, and not yet taken up by a worker. */
const OVERDUE = `
  select exists (
    select from agent_sessions where state in ('sleeping', 'exceeded') and due_at <= app_now() and fence = saved_fence
  ) as overdue`;

async function sleepersGone(database: Database): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < WAIT_MS) {
    const { rows } = await database.query(OVERDUE);
    if (rows[0]?.overdue !== true && rows[0]?.overdue !== 't') return;
    await delay(ASK_MS);
  }
}
