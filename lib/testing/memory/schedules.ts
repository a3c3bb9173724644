/** Schedules by the words of the port (lib/ports/schedules.ts), not by those of the SQL: the two must agree. */
import type { Fired, Ordered, RunStatus, Schedule, ScheduleRun, Schedules } from '../../ports/index.ts';
import { MOST_SCHEDULES } from '../../ports/index.ts';
import { pageOf } from './lists.ts';
import { copy, type RunRow, type ScheduleRow, type Store } from './store.ts';
import { memoryDesk } from './user-sessions.ts';
import { sessionView } from './view.ts';

const DAY_MS = 86_400_000;

function isBusy(store: Store, { lastSessionId }: Schedule): boolean {
  const row = lastSessionId === null ? undefined : store.sessions.get(lastSessionId);
  return row !== undefined && row.state.state !== 'ended' && !row.removed;
}

/** When a sweep must look at it. */
export const lookAt = (store: Store, row: Schedule): number =>
  row.waitingSince !== null && !isBusy(store, row) ? store.now : row.nextRunAt;

export function memorySchedules(store: Store): Schedules {
  const find = (userId: string, id: string) => {
    const row = store.schedules.get(id);
    return row?.userId === userId ? row : null;
  };
  const shown = ({ order: _, ...row }: ScheduleRow): Schedule => copy(row);
  const runsOf = (id: string) => [...store.runs.values()].filter(({ scheduleId }) => scheduleId === id);
  const shownRun = ({ scheduleId: _, ...run }: RunRow): ScheduleRun => {
    const row = run.sessionId === null ? undefined : store.sessions.get(run.sessionId);
    const sessionStatus = row && !row.removed ? sessionView(store, row).status : null;
    return copy({ ...run, sessionStatus, cost: row?.cost ?? 0n });
  };

  /** Starts the session of a run that is there, or says why not. */
  async function start(row: ScheduleRow, run: RunRow, ordered: Ordered): Promise<Fired> {
    const refuse = (reason: string): Fired => {
      Object.assign(run, { status: 'refused', reason });
      return { run: 'refused', sessionId: null };
    };
    if ('refused' in ordered) return refuse(ordered.refused);
    const { session, mostLive, full } = ordered;
    if ((await memoryDesk(store).create(row.userId, session, null, mostLive)) === 'full') return refuse(full);
    Object.assign(run, { status: 'started', reason: null, sessionId: session.id });
    row.lastSessionId = session.id;
    return { run: 'started', sessionId: session.id };
  }

  async function begin(row: ScheduleRow, run: RunRow, ordered: Ordered): Promise<Fired> {
    const waiting = runsOf(row.id).find(({ status }) => status === 'waiting');
    const busy = isBusy(store, row);
    store.runs.set(run.id, run);
    if (!busy && !waiting) return start(row, run, ordered);
    const another = waiting ? ', and another one waits for that' : '';
    if (row.overlap === 'skip' || (busy && waiting)) {
      const reason = `The run before has not ended${another}. Nothing was started and nothing was spent.`;
      Object.assign(run, { status: 'skipped', reason });
    } else run.status = 'waiting';
    const fired = waiting && !busy ? await start(row, waiting, ordered) : null;
    if (fired || run.status === 'waiting') row.waitingSince = run.status === 'waiting' ? run.dueAt : null;
    return { run: run.status, sessionId: fired?.sessionId ?? null };
  }

  const newRun = (row: Schedule, id: string, dueAt: number, cause: ScheduleRun['cause']): RunRow => ({
    ...{ id, scheduleId: row.id, dueAt, at: store.now, cause, reason: null, sessionId: null },
    status: 'refused' satisfies RunStatus as RunStatus,
  });

  return {
    userSchedules: {
      now: async () => store.now,
      async create(userId, schedule, once) {
        const key = once && `${userId} schedule ${once.key}`;
        const earlier = key ? store.operations.get(key) : undefined;
        if (earlier && earlier.fingerprint !== once?.fingerprint) return 'conflict';
        const made = store.schedules.get(earlier?.sessionId ?? schedule.id);
        if (made) return shown(made);
        if (earlier) return 'conflict';
        if ([...store.schedules.values()].filter((row) => row.userId === userId).length >= MOST_SCHEDULES)
          return 'full';
        if (key && once) store.operations.set(key, { fingerprint: once.fingerprint, sessionId: schedule.id });
        const row: ScheduleRow = {
          ...copy(schedule),
          ...{ userId, version: 1, waitingSince: null, lastSessionId: null, order: store.schedules.size },
          ...{ createdAt: store.now, updatedAt: store.now },
        };
        store.schedules.set(row.id, row);
        return shown(row);
      },
      async list(userId, page) {
        const rows = [...store.schedules.values()]
          .filter((row) => row.userId === userId)
          .sort((a, b) => b.order - a.order);
        const { data, next } = pageOf(rows, page, ({ id }) => id);
        return { data: data.map(shown), next };
      },
      async get(userId, id) {
        const row = find(userId, id);
        return row && shown(row);
      },
      async change(userId, id, change) {
        const row = find(userId, id);
        if (!row) return null;
        if (change.version !== undefined && change.version !== row.version) return 'moved';
        Object.assign(row, copy(change), { version: row.version + 1, updatedAt: store.now });
        if (change.enabled === false && row.waitingSince !== null) {
          const waiting = runsOf(id).find(({ status }) => status === 'waiting');
          const reason =
            'The schedule was paused before this run had its turn. Nothing was started and nothing was spent.';
          Object.assign(waiting!, { status: 'skipped', reason });
          row.waitingSince = null;
        }
        return shown(row);
      },
      async remove(userId, id) {
        if (!find(userId, id)) return false;
        for (const run of runsOf(id)) store.runs.delete(run.id);
        return store.schedules.delete(id);
      },
      async runs(userId, id, page) {
        if (!find(userId, id)) return null;
        const rows = runsOf(id).sort((a, b) => b.dueAt - a.dueAt);
        const { data, next } = pageOf(rows, page, ({ dueAt }) => String(dueAt));
        const recent = rows.filter(({ dueAt }) => dueAt > store.now - 30 * DAY_MS).map(shownRun);
        return { data: data.map(shownRun), next, cost30Days: recent.reduce((sum, { cost }) => sum + cost, 0n) };
      },
      async ran(userId, id, runId) {
        const run = find(userId, id) && store.runs.get(runId);
        return run?.scheduleId === id ? shownRun(run) : null;
      },
      async run(userId, id, runId, ordered) {
        const row = find(userId, id);
        if (!row) return null;
        const earlier = store.runs.get(runId);
        if (earlier) return shownRun(earlier);
        const run = newRun(row, runId, store.now, 'request');
        await begin(row, run, ordered);
        return shownRun(run);
      },
    },
    schedules: {
      async due(limit, after) {
        if (store.stop.stopped) return { due: [], now: store.now };
        const due = [...store.schedules.values()]
          .map((row) => ({
            row,
            at: lookAt(store, row),
            place: `${String(lookAt(store, row)).padStart(15, '0')} ${row.id}`,
          }))
          .filter(({ at, place }) => at <= store.now && place > (after ?? ''))
          .sort((a, b) => (a.place < b.place ? -1 : 1))
          .slice(0, limit)
          .map(({ row, place }) => ({
            ...{ schedule: shown(row), place },
            dueAt: row.nextRunAt <= store.now ? row.nextRunAt : null,
          }));
        return { due, now: store.now };
      },
      async fire({ schedule, dueAt }, nextRunAt, ordered) {
        const row = store.schedules.get(schedule.id);
        if (!row || row.version !== schedule.version) return null;
        if (dueAt === null) {
          const waiting = runsOf(row.id).find(({ status }) => status === 'waiting');
          if (!waiting || isBusy(store, row)) return null;
          row.waitingSince = null;
          return start(row, waiting, ordered);
        }
        if (row.nextRunAt !== dueAt) return null;
        row.nextRunAt = nextRunAt;
        if (nextRunAt === Number.POSITIVE_INFINITY) Object.assign(row, { enabled: false, version: row.version + 1 });
        return begin(row, newRun(row, `run_${schedule.id}_${dueAt}`, dueAt, 'cron'), ordered);
      },
    },
  };
}
