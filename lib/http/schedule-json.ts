/** Schedules and their runs, as the contract describes them and as they are written. */
import { z } from '@hono/zod-openapi';
import { MOST_SCHEDULES, OVERLAPS, RUN_STATUSES, type Schedule, type ScheduleRun } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import { nextRuns } from '../schedules/cron.ts';
import { iso, isoOrNull } from './iso.ts';
import * as render from './render.ts';
import { instant, listOf, money } from './schemas.ts';

/** How many of the next instants are shown. */
const SHOWN = 5;

export const ScheduleJson = z
  .object({
    ...{ id: z.string().openapi({ example: 'sch_01k9w3x8c2m4n6p8q0r2s4t6v8' }), name: z.string() },
    ...{ cron: z.string(), time_zone: z.string(), overlap: z.enum(OVERLAPS), max_cost_microdollars: money() },
    template: z.record(z.string(), z.unknown()).openapi({ description: 'As it was sent.' }),
    enabled: z.boolean().openapi({ description: 'False: paused, until it is resumed.' }),
    next_run_at: instant()
      .nullable()
      .openapi({ description: 'The next instant; its session starts within about a minute. Null: paused.' }),
    next_runs: z.array(instant()).openapi({ description: 'The next five instants.' }),
    waiting_since: instant().nullable().openapi({ description: 'Since when a run waits for the last session to end.' }),
    last_session_id: z.string().nullable(),
    created_at: instant(),
    updated_at: instant(),
  })
  .openapi('Schedule');

export const RunJson = z
  .object({
    id: z.string(),
    due_at: instant().openapi({ description: 'The instant of the pattern that it is for, or that of the request.' }),
    at: instant().openapi({ description: 'When it was made.' }),
    cause: z.enum(['cron', 'request']),
    status: z.enum(RUN_STATUSES).openapi({
      description:
        '`started`: it has a session. `waiting`: for the last session to end. `skipped`: that had not ended. `refused`: no session could be had.',
    }),
    reason: z.string().nullable().openapi({ description: 'Why no session was started.' }),
    session_id: z.string().nullable(),
    session_status: z.string().nullable().openapi({ description: 'As it is now. Null: there is no session.' }),
    cost_microdollars: money('What its session has cost so far.'),
  })
  .openapi('ScheduleRun');

export const RunList = listOf(RunJson).extend({
  cost_30_days_microdollars: money('What the sessions of all runs of the last 30 days have cost so far.'),
});

/** `now`: by the database's clock. */
export const scheduleJson = (schedule: Schedule, now: number) => ({
  id: schedule.id,
  name: schedule.name,
  cron: schedule.cron,
  time_zone: schedule.timeZone,
  overlap: schedule.overlap,
  max_cost_microdollars: render.money(schedule.maxCost),
  template: schedule.template,
  enabled: schedule.enabled,
  next_run_at: isoOrNull(schedule.nextRunAt),
  next_runs: schedule.enabled ? comingRuns(schedule, now) : [],
  waiting_since: isoOrNull(schedule.waitingSince),
  last_session_id: schedule.lastSessionId,
  created_at: iso(schedule.createdAt),
  updated_at: iso(schedule.updatedAt),
});

/** None of a pattern that cannot be read any more: the sweep pauses its schedule. */
function comingRuns({ cron, timeZone }: Schedule, now: number): string[] {
  try {
    return nextRuns(cron, timeZone, now, SHOWN).map(iso);
  } catch {
    return [];
  }
}

export const runJson = (run: ScheduleRun) => ({
  id: run.id,
  due_at: iso(run.dueAt),
  at: iso(run.at),
  cause: run.cause,
  status: run.status,
  reason: run.reason,
  session_id: run.sessionId,
  session_status: run.sessionStatus,
  cost_microdollars: render.money(run.cost),
});

export const tooManyOf = (what: 'schedules' | 'triggers'): Problem =>
  new Problem(
    'too_many_schedules',
    `You have ${MOST_SCHEDULES} ${what}, the most that a user may have. Nothing was made and nothing was spent; delete one.`,
  );
