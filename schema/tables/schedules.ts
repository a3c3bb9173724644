import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, json, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant, money } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * A template of sessions, and when one is started from it. Users write the terms; `fire_schedule` alone moves the rest.
 *
 * - `template`: the body of POST /v1/sessions as its user sent it, read anew at each run.
 * - `version` grows with each change of the terms, so that no run is made from terms that were read before.
 * - `next_run_at` (settable clock): the next instant of the pattern, and the key under which its run is made once. `infinity`: paused.
 * - `waiting_since`: the due instant of the one run that waits until the last session has ended.
 * - `due_at`: when a sweep must look: at `next_run_at`, or at once for a waiting run whose turn has come.
 * - `last_session_id`: the session of the last run that was started.
 * - `deleted_at`: its user removed it; `purge` takes its runs and the row.
 */
export const schedules = pgTable(
  'schedules',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    version: integer('version').notNull().default(1),
    enabled: boolean('enabled').notNull().default(true),
    nextRunAt: instant('next_run_at').notNull(),
    waitingSince: instant('waiting_since'),
    dueAt: instant('due_at').notNull(),
    lastSessionId: id('last_session_id'),
    deletedAt: instant('deleted_at'),
    name: text('name').notNull(),
    cron: text('cron').notNull(),
    timeZone: text('time_zone').notNull(),
    overlap: text('overlap', { enum: ['skip', 'queue'] }).notNull(),
    maxCostMicrodollars: money('max_cost_microdollars').notNull(),
    template: json('template').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [
    index('schedules_list').on(t.userId, t.createdAt, t.id),
    index('schedules_due').on(t.dueAt, t.id).where(sql`${t.dueAt} < 'infinity'`),
    index('schedules_waiting').on(t.lastSessionId).where(sql`${t.waitingSince} is not null`),
    index('schedules_deleted').on(t.deletedAt).where(sql`${t.deletedAt} is not null`),
    check('overlap_known', sql`${t.overlap} in ('skip', 'queue')`),
    check('paused_is_not_next', sql`${t.enabled} or ${t.nextRunAt} = 'infinity'`),
  ],
);

/**
 * What became of each due instant of a schedule, and of each run that was asked for. Kept for 400 days. `reason`: the sentence of a run that
 * started no session. `session_id`: no reference, since a session may be removed before its run.
 */
export const scheduleRuns = pgTable(
  'schedule_runs',
  {
    id: id('id').primaryKey(),
    scheduleId: id('schedule_id')
      .notNull()
      .references(() => schedules.id, { onDelete: 'cascade' }),
    userId: id('user_id').notNull(),
    dueAt: instant('due_at').notNull(),
    at: instant('at').notNull(),
    cause: text('cause', { enum: ['cron', 'request'] }).notNull(),
    status: text('status', { enum: ['started', 'waiting', 'skipped', 'refused'] }).notNull(),
    reason: text('reason'),
    sessionId: id('session_id'),
  },
  (t) => [
    uniqueIndex('schedule_runs_once').on(t.scheduleId, t.dueAt),
    index('schedule_runs_passing').on(t.dueAt),
    check('run_status_known', sql`${t.status} in ('started', 'waiting', 'skipped', 'refused')`),
    check('started_with_session', sql`(${t.status} = 'started') = (${t.sessionId} is not null)`),
  ],
);
