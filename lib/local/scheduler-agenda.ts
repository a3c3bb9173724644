/** The schedules that wait, and the timers they wait on. */
import type { Schedule, Target } from './scheduler-schedule.ts';

/** Invokes a schedule's target; throws if that failed, to be called again. */
export type Deliver = (target: Target) => Promise<void>;

/** A timer holds no more than 2^31 - 1 ms, a little under 25 days: longer waits are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createAgenda({ now, deliver, retryMs }: { now: () => number; deliver: Deliver; retryMs: number }) {
  const schedules = new Map<string, Schedule>();
  const timers = new Map<Schedule, NodeJS.Timeout>();
  /** Delivered at least once: what remains to be done for them is done by `attempt`. */
  const fired = new WeakSet<Schedule>();
  const keyOf = (group: string, name: string) => `${group}/${name}`;
  /** Removed and replaced ones are gone, even if a delivery of theirs is under way. */
  const isKept = (schedule: Schedule) => schedules.get(keyOf(schedule.GroupName, schedule.Name)) === schedule;

  const stopTimer = (schedule: Schedule): void => {
    clearTimeout(timers.get(schedule));
    timers.delete(schedule);
  };
  const after = (schedule: Schedule, delayMs: number, then: () => void): void => {
    stopTimer(schedule);
    timers.set(schedule, setTimeout(then, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS)).unref());
  };
  const remove = (schedule: Schedule): void => {
    stopTimer(schedule);
    if (isKept(schedule)) schedules.delete(keyOf(schedule.GroupName, schedule.Name));
  };
  const complete = (schedule: Schedule): void => {
    if (schedule.ActionAfterCompletion === 'DELETE') remove(schedule);
  };

  const attempt = async (schedule: Schedule, tries: number): Promise<void> => {
    fired.add(schedule);
    stopTimer(schedule);
    try {
      await deliver(schedule.Target);
      complete(schedule);
    } catch {
      if (!isKept(schedule)) return;
      if (tries > schedule.Target.RetryPolicy.MaximumRetryAttempts) return complete(schedule);
      after(schedule, retryMs * 2 ** Math.min(tries - 1, 6), () => void attempt(schedule, tries + 1));
    }
  };

  const isWaiting = (schedule: Schedule) => schedule.State === 'ENABLED' && !fired.has(schedule);
  const arm = (schedule: Schedule): void => {
    if (!isWaiting(schedule)) return;
    const ring = () => (schedule.dueAt <= now() ? void attempt(schedule, 1) : arm(schedule));
    after(schedule, schedule.dueAt - now(), ring);
  };

  return {
    get: (group: string, name: string) => schedules.get(keyOf(group, name)),
    put(schedule: Schedule): Schedule {
      schedules.set(keyOf(schedule.GroupName, schedule.Name), schedule);
      arm(schedule);
      return schedule;
    },
    remove,
    async fireDue(): Promise<void> {
      const due = [...schedules.values()].filter((schedule) => isWaiting(schedule) && schedule.dueAt <= now());
      await Promise.all(due.sort((a, b) => a.dueAt - b.dueAt).map((schedule) => attempt(schedule, 1)));
      for (const schedule of schedules.values()) arm(schedule);
    },
    close(): void {
      for (const schedule of [...schedules.values()]) remove(schedule);
    },
  };
}
