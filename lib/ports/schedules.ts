/** Schedules: sessions that start from a template, again and again (lib/ports/index.ts tells the rules of all ports). */
import type { Status } from '../core/status.ts';
import type { Listed, ListPage } from './lists.ts';
import type { NewSession, Once } from './users.ts';

/** While the last session has not ended, a due run is skipped, or one waits for its end. */
export const OVERLAPS = ['skip', 'queue'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** The most schedules of one user, and the most inbound triggers. */
export const MOST_SCHEDULES = 100;

/** What its user says of a schedule. `template`: the body of POST /v1/sessions. `maxCost`: the most of each session, in microdollars. */
export type ScheduleTerms = {
  name: string;
  cron: string;
  timeZone: string;
  template: Record<string, unknown>;
  overlap: Overlap;
  maxCost: bigint;
};

/** `id` is minted before the first try. `nextRunAt`: the first due instant, milliseconds; Infinity: paused. */
export type NewSchedule = ScheduleTerms & { id: string; enabled: boolean; nextRunAt: number };

/** `waitingSince`: the due instant of the run that waits; null: none does. `version` changes with the terms. */
export type Schedule = NewSchedule & {
  userId: string;
  version: number;
  waitingSince: number | null;
  lastSessionId: string | null;
  createdAt: number;
  updatedAt: number;
};

/**
 * Only what is given changes. Who changes the pattern, or pauses or resumes, gives `nextRunAt` as well. `version`: of the terms that the change was
 * made for.
 */
export type ScheduleChange = Partial<Omit<NewSchedule, 'id'>> & { version?: number };

/** `waiting`: until the last session has ended. `skipped`, `refused`: no session was started, and `reason` says why. */
export const RUN_STATUSES = ['started', 'waiting', 'skipped', 'refused'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** `dueAt`: the instant of the pattern, or of the request. `session` null: none was started, or it was removed. `cost` as it stands. */
export type ScheduleRun = {
  id: string;
  dueAt: number;
  at: number;
  cause: 'cron' | 'request';
  status: RunStatus;
  reason: string | null;
  sessionId: string | null;
  sessionStatus: Status | null;
  cost: bigint;
};

/** A page of runs, newest first, and what all runs of the last 30 days have cost. */
export type RunPage = Listed<ScheduleRun> & { cost30Days: bigint };

/** What a run starts, or the sentence for why it cannot. `mostLive` as of `UserSessions.create`; `full`: the sentence for that. */
export type Ordered = { session: NewSession; mostLive: number | null; full: string } | { refused: string };

/** `sessionId`: what was started now; it is due. A waiting run may have had its turn instead of the one that was fired. */
export type Fired = { run: RunStatus; sessionId: string | null };

/**
 * A schedule with something to do at `now`, by the database's clock. `dueAt` null: a waiting run may begin, and no instant of the pattern has
 * come. `place`: among what is due.
 */
export type DueSchedule = { schedule: Schedule; dueAt: number | null; place: string };

/** The user's side, each method scoped by `userId`: another user's schedule is null, as one that never was. */
export type UserSchedules = {
  /** The database's clock, milliseconds. */
  now(): Promise<number>;
  /** `full`: the user has `MOST_SCHEDULES`. */
  create(userId: string, schedule: NewSchedule, once: Once | null): Promise<Schedule | 'conflict' | 'full'>;
  /** Newest first. Throws `UnknownCursor`. */
  list(userId: string, page: ListPage): Promise<Listed<Schedule>>;
  get(userId: string, id: string): Promise<Schedule | null>;
  /**
   * To pause gives up a waiting run. `moved`: the terms have another version by now, and nothing was changed. A change that was made and tried
   * again may say so too.
   */
  change(userId: string, id: string, change: ScheduleChange): Promise<Schedule | 'moved' | null>;
  /** With the list of its runs. Their sessions stay. */
  remove(userId: string, id: string): Promise<boolean>;
  /** Throws `UnknownCursor`. */
  runs(userId: string, id: string, page: ListPage): Promise<RunPage | null>;
  /** A run that is there by the name that `run` was given; null: none, or none of this schedule. */
  ran(userId: string, id: string, runId: string): Promise<ScheduleRun | null>;
  /** A run now, under the same rule of overlap. `runId` is minted before the first try: a repeat answers with the run that is there. */
  run(userId: string, id: string, runId: string, ordered: Ordered): Promise<ScheduleRun | null>;
};

/** The sweep's side, across users. */
export type ScheduleSweep = {
  /**
   * Up to `limit` schedules with something to do, the longest due first, after the `place` of another. None while the operator has stopped
   * everything. Nothing is marked: two sweeps may get the same, and `fire` gives it to one of them.
   */
  due(limit: number, after: string | null): Promise<{ due: DueSchedule[]; now: number }>;
  /**
   * Makes the run of one due instant and moves the schedule on to `nextRunAt`, in one transaction. The due instant is its key: null, and
   * nothing was done, if another sweep has fired it, or the schedule was changed since it was read. `nextRunAt` Infinity pauses it.
   */
  fire(due: DueSchedule, nextRunAt: number, ordered: Ordered): Promise<Fired | null>;
};

/** Both sides, as they are put together. */
export type Schedules = { userSchedules: UserSchedules; schedules: ScheduleSweep };
