/**
 * Fires the schedules that are due: each due instant becomes one run, however often this dies and whoever else does the same (the port's
 * `fire`). Runs that were missed become one: the schedule moves on to the first instant after now. The sweep before has told the recovery
 * cron that something is due. So what is not done, or not hinted, is found again within a minute.
 */
import type { DueSchedule, Live, Log, Ordered, Queue, QueueMessage, Schedule, ScheduleSweep } from '../ports/index.ts';
import { nextRun } from '../schedules/cron.ts';

export type ScheduleDeps = {
  schedules: ScheduleSweep;
  /** The session of a run that was due at `dueAt`, by what this deployment has now, or why there is none. Throws what is broken. */
  order: (schedule: Schedule, dueAt: number) => Promise<Ordered>;
  queue: Queue;
  live: Live;
  log: Log;
};

/** Read at a time, and fired side by side. */
const PAGE = 50;
const LOT = 10;

/** Never throws: what cannot be read is due still, and sessions and notices do not wait for it. Answers how many sessions were started. `remaining`: milliseconds in which a new lot may begin. */
export async function fireSchedules(world: ScheduleDeps, time: { remaining: () => number }): Promise<number> {
  let started = 0;
  let after: string | null = null;
  while (time.remaining() > 0) {
    const page = await dueAfter(world, after);
    if (page === null) break;
    for (let i = 0; i < page.due.length && time.remaining() > 0; i += LOT) {
      const lot = page.due.slice(i, i + LOT);
      const hints = (await Promise.all(lot.map((due) => fireOne(world, due, page.now)))).flat();
      await hint(world, hints);
      started += hints.length;
    }
    if (page.due.length < PAGE) break;
    after = page.due.at(-1)!.place;
  }
  return started;
}

type Page = Awaited<ReturnType<ScheduleSweep['due']>>;

async function dueAfter({ schedules, log }: ScheduleDeps, after: string | null): Promise<Page | null> {
  try {
    return await schedules.due(PAGE, after);
  } catch (error) {
    log({ level: 'warn', message: 'schedules not read', error: String(error) });
    return null;
  }
}

/** One that fails keeps nobody else waiting: it stays due, and the next minute tries again. */
async function fireOne(world: ScheduleDeps, due: DueSchedule, now: number): Promise<QueueMessage[]> {
  const { id, userId, waitingSince } = due.schedule;
  try {
    const next = nextOf(due, now);
    const ordered = next === null ? UNREADABLE : await world.order(due.schedule, waitingSince ?? due.dueAt ?? now);
    const fired = await world.schedules.fire(due, next ?? Number.POSITIVE_INFINITY, ordered);
    if (!fired) return [];
    world.log({ level: 'info', message: 'schedule fired', schedule: id, run: fired.run });
    return fired.sessionId === null ? [] : [{ sessionId: fired.sessionId, userId }];
  } catch (error) {
    world.log({ level: 'error', message: 'schedule not fired', schedule: id, error: String(error) });
    return [];
  }
}

const UNREADABLE: Ordered = {
  refused:
    'The pattern or the time zone cannot be read any more, so the schedule was paused. Nothing was started and nothing was spent; change them and resume it.',
};

/** Null: a release of croner or of the zones reads the stored pattern no more. */
function nextOf({ dueAt, schedule }: DueSchedule, now: number): number | null {
  if (dueAt === null) return schedule.nextRunAt;
  try {
    return nextRun(schedule.cron, schedule.timeZone, now);
  } catch {
    return null;
  }
}

/** A lost hint costs a minute: the session is due, and the recovery cron finds it. */
async function hint({ queue, live, log }: ScheduleDeps, hints: QueueMessage[]): Promise<void> {
  if (hints.length === 0) return;
  try {
    await Promise.all(hints.map(({ userId }) => live.forget(userId)));
  } catch (error) {
    log({ level: 'warn', message: 'live view away', error: String(error) });
  }
  await queue.sendAll(hints).catch((error: unknown) => {
    log({ level: 'warn', message: 'hint not sent', sessions: hints.length, error: String(error) });
  });
}
