import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { newId } from '../../ids.ts';
import { OVERLAPS, type Schedule, type ScheduleChange, type ScheduleRun } from '../../ports/index.ts';
import { Problem } from '../../problem.ts';
import { cronFault, nextRun } from '../../schedules/cron.ts';
import { sha256 } from '../auth/api-keys.ts';
import { changeOf } from '../change-of.ts';
import type { HttpEnv, Ready } from '../deps.ts';
import { conflict, once, replayed } from '../idempotency.ts';
import { invalid, notFound, OF_BODIES, problems } from '../problems.ts';
import * as render from '../render.ts';
import { RunJson, RunList, runJson, ScheduleJson, scheduleJson, tooManyOf } from '../schedule-json.ts';
import { answers, body, cursorParam, IdempotencyKey, limitParam, listOf, nameIn, SessionId } from '../schemas.ts';
import { MaxCost, orderOf, orderOfSchedule, sentTemplate, Template } from '../templates.ts';
import { withMarker, withWakeUp } from '../wake-session.ts';

const tags = ['schedules'];
const security = [{ UserKey: [] }];
const ScheduleId = SessionId.extend({
  id: SessionId.shape.id.openapi({ description: 'The `id` of a schedule.', example: 'sch_01k9w3x8c2m4n6p8q0r2s4t6v8' }),
});

const terms = {
  name: nameIn(),
  cron: z.string().max(200).openapi({
    description:
      'Five fields: minute, hour, day, month, weekday; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. A day or a weekday is enough where both are named. At most 288 instants a day.',
    example: '30 8 * * 1-5',
  }),
  time_zone: z.string().max(64).openapi({ description: 'A name of the IANA database.', example: 'Europe/Berlin' }),
  overlap: z.enum(OVERLAPS).openapi({
    description:
      'While the last session has not ended: `skip` starts nothing; `queue` lets one run wait for the end, and no more than one.',
  }),
  max_cost_microdollars: MaxCost,
  template: Template,
};

const Wanted = z.strictObject({ ...terms, overlap: terms.overlap.default('skip') }).openapi('NewSchedule');
const Change = changeOf(terms).openapi('ScheduleChange');

const OF_TERMS = ['unknown_agent', 'unknown_model', 'retired_model', 'unknown_tier', 'no_budget'] as const;

const create = createRoute({
  method: 'post',
  path: '/v1/schedules',
  operationId: 'createSchedule',
  summary: 'Start a session from a template, again and again',
  description:
    'Each due instant becomes one run. Runs that were missed, as in an outage, become one. The template is checked now as well as at each run.',
  ...{ tags, security },
  request: { headers: IdempotencyKey, body: body(Wanted) },
  responses: answers(
    201,
    ScheduleJson,
    'The schedule. `Location` is its address.',
    ...OF_BODIES,
    ...OF_TERMS,
    'too_many_schedules',
    'idempotency_conflict',
  ),
});

const list = createRoute({
  method: 'get',
  path: '/v1/schedules',
  operationId: 'listSchedules',
  summary: 'Your schedules, newest first',
  description: 'Paused ones, too. `next_run_at` is null where nothing comes next.',
  ...{ tags, security },
  request: { query: z.object({ limit: limitParam(20, 100), cursor: cursorParam() }) },
  responses: answers(200, listOf(ScheduleJson).openapi('ScheduleList'), 'A page.', 'invalid_request'),
});

const get = createRoute({
  method: 'get',
  path: '/v1/schedules/{id}',
  operationId: 'getSchedule',
  summary: 'One schedule, with its next instants',
  description: 'The instants are by its pattern in its time zone, in UTC. A change of clocks is already in them.',
  ...{ tags, security },
  request: { params: ScheduleId },
  responses: answers(200, ScheduleJson, 'The schedule.', 'not_found'),
});

const change = createRoute({
  method: 'patch',
  path: '/v1/schedules/{id}',
  operationId: 'changeSchedule',
  summary: 'Change its terms; sessions that have begun keep theirs',
  description: 'Only what is given changes. A new template replaces the old one as a whole.',
  ...{ tags, security },
  request: { params: ScheduleId, body: body(Change) },
  responses: answers(200, ScheduleJson, 'The schedule.', ...OF_BODIES, ...OF_TERMS, 'not_found'),
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/schedules/{id}',
  operationId: 'deleteSchedule',
  summary: 'Delete it and the list of its runs; its sessions stay and go on',
  description: 'Nothing is started any more. What its sessions cost stays in the usage.',
  ...{ tags, security },
  request: { params: ScheduleId },
  responses: { ...problems('not_found'), 204: { description: 'It is gone.' } },
});

const switched = <V extends 'pause' | 'resume'>(verb: V, summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/v1/schedules/{id}/${verb}` as const,
    operationId: `${verb}Schedule`,
    ...{ summary, description, tags, security },
    request: { params: ScheduleId },
    responses: answers(200, ScheduleJson, 'The schedule.', ...OF_BODIES, 'not_found'),
  });
const pause = switched('pause', 'Start nothing until resumed', 'A run that waits is given up. Sessions go on.');
const resume = switched(
  'resume',
  'Go on with the next instant',
  'What would have been due meanwhile is not made up for.',
);

const run = createRoute({
  method: 'post',
  path: '/v1/schedules/{id}/run',
  operationId: 'runSchedule',
  summary: 'A run now, beside the pattern and under the same rule of overlap',
  description: 'Also of a paused schedule. Its `status` says whether a session was started.',
  ...{ tags, security },
  request: { params: ScheduleId, headers: IdempotencyKey },
  responses: answers(
    201,
    RunJson,
    'The run. `Location` is the address of its session, if it has one.',
    ...OF_BODIES,
    ...OF_TERMS,
    'not_found',
  ),
});

const runs = createRoute({
  method: 'get',
  path: '/v1/schedules/{id}/runs',
  operationId: 'listScheduleRuns',
  summary: 'What became of each due instant, newest first',
  description: 'For 400 days.',
  ...{ tags, security },
  request: { params: ScheduleId, query: z.object({ limit: limitParam(20, 100), cursor: cursorParam() }) },
  responses: answers(200, RunList.openapi('ScheduleRunList'), 'A page.', 'not_found', 'invalid_request'),
});

export const schedules = (deps: Ready) =>
  new OpenAPIHono<HttpEnv>()
    .openapi(create, async (c) => {
      const { template, max_cost_microdollars, time_zone: timeZone, ...wanted } = c.req.valid('json');
      const user = c.get('user');
      const maxCost = BigInt(max_cost_microdollars);
      const nextRunAt = await firstRun(deps, wanted.cron, timeZone);
      await orderOf(deps, user, { template, maxCost });
      const kept = { ...wanted, timeZone, maxCost, template: (await sentTemplate(c)) ?? {} };
      const schedule = { ...kept, id: newId('sch'), enabled: true, nextRunAt };
      const key = c.req.valid('header')['Idempotency-Key'];
      const unique = key === undefined ? null : await once(c, key);
      const made = await withMarker(deps, user.id, () => deps.userSchedules.create(user.id, schedule, unique));
      if (made === 'conflict') throw conflict();
      if (made === 'full') throw tooManyOf('schedules');
      const headers = { Location: `/v1/schedules/${made.id}`, ...replayed(made.id !== schedule.id) };
      return c.json(await shown(deps, made), 201, headers);
    })
    .openapi(list, async (c) => {
      const { limit, cursor = null } = c.req.valid('query');
      const { data, next } = await deps.userSchedules.list(c.get('user').id, { limit, cursor });
      const now = await deps.userSchedules.now();
      return c.json({ data: data.map((one) => scheduleJson(one, now)), next_cursor: next }, 200);
    })
    .openapi(get, async (c) =>
      c.json(await shown(deps, await found(deps, c.get('user').id, c.req.valid('param').id)), 200),
    )
    .openapi(change, async (c) => {
      const user = c.get('user');
      const { template: _, max_cost_microdollars: cost, time_zone: timeZone, ...rest } = c.req.valid('json');
      const template = await sentTemplate(c);
      const wanted = {
        ...rest,
        ...(timeZone !== undefined && { timeZone }),
        ...(cost !== undefined && { maxCost: BigInt(cost) }),
        ...(template && { template }),
      };
      const made = await changed(deps, user.id, c.req.valid('param').id, async (was) => {
        if (template || cost !== undefined)
          await orderOfSchedule(deps, user, { ...was, ...wanted }, Date.parse('2026-01-01'));
        if (rest.cron === undefined && timeZone === undefined) return wanted;
        const first = await firstRun(deps, rest.cron ?? was.cron, timeZone ?? was.timeZone);
        return { ...wanted, ...(was.enabled && { nextRunAt: first }) };
      });
      return c.json(await shown(deps, made), 200);
    })
    .openapi(remove, async (c) => {
      if (!(await deps.userSchedules.remove(c.get('user').id, c.req.valid('param').id))) throw notFound('schedule');
      return c.body(null, 204);
    })
    .openapi(pause, async (c) => {
      const pausing = { enabled: false, nextRunAt: Number.POSITIVE_INFINITY };
      const made = await deps.userSchedules.change(c.get('user').id, c.req.valid('param').id, pausing);
      if (!made || made === 'moved') throw notFound('schedule');
      return c.json(await shown(deps, made), 200);
    })
    .openapi(resume, async (c) => {
      const made = await changed(deps, c.get('user').id, c.req.valid('param').id, async (was) =>
        was.enabled ? null : { enabled: true, nextRunAt: await firstRun(deps, was.cron, was.timeZone) },
      );
      return c.json(await shown(deps, made), 200);
    })
    .openapi(run, async (c) => {
      const user = c.get('user');
      const schedule = await found(deps, user.id, c.req.valid('param').id);
      const key = c.req.valid('header')['Idempotency-Key'];
      const runId =
        key === undefined ? newId('run') : `run_${sha256(`${user.id}\n${schedule.id}\n${key}`).slice(0, 32)}`;
      // What was done is told, whatever could be had now.
      const before = key === undefined ? null : await deps.userSchedules.ran(user.id, schedule.id, runId);
      if (before) return c.json(runJson(before), 201, { ...placeOf(before), ...replayed(true) });
      const ordered = await orderOfSchedule(deps, user, schedule, await deps.userSchedules.now());
      const hint = { sessionId: ordered.session.id, userId: user.id };
      const made = await withWakeUp(deps, hint, () => deps.userSchedules.run(user.id, schedule.id, runId, ordered));
      if (!made) throw notFound('schedule');
      return c.json(runJson(made), 201, placeOf(made));
    })
    .openapi(runs, async (c) => {
      const { limit, cursor = null } = c.req.valid('query');
      const page = await deps.userSchedules.runs(c.get('user').id, c.req.valid('param').id, { limit, cursor });
      if (!page) throw notFound('schedule');
      const sum = { cost_30_days_microdollars: render.money(page.cost30Days) };
      return c.json({ data: page.data.map(runJson), next_cursor: page.next, ...sum }, 200);
    });

async function found(deps: Ready, userId: string, id: string): Promise<Schedule> {
  const schedule = await deps.userSchedules.get(userId, id);
  if (!schedule) throw notFound('schedule');
  return schedule;
}

/** How often a change is made anew because another one came first. */
const MOST_TRIES = 5;

/** What `changeOf` the schedule as it stands says, made of no other; null: nothing. */
async function changed(
  deps: Ready,
  userId: string,
  id: string,
  changeOf: (was: Schedule) => Promise<ScheduleChange | null>,
): Promise<Schedule> {
  for (let i = 0; i < MOST_TRIES; i++) {
    const was = await found(deps, userId, id);
    const wanted = await changeOf(was);
    if (wanted === null) return was;
    const change = { ...wanted, version: was.version };
    const made = await withMarker(deps, userId, () => deps.userSchedules.change(userId, id, change));
    if (made === null) throw notFound('schedule');
    if (made !== 'moved') return made;
  }
  throw new Problem(
    'unavailable',
    'The schedule was changed by other requests again and again. Nothing of this request was done and nothing was spent; send it again.',
    { retryAfter: 1 },
  );
}

const placeOf = ({ sessionId }: ScheduleRun): Record<string, string> =>
  sessionId === null ? {} : { Location: `/v1/sessions/${sessionId}` };

const shown = async (deps: Ready, schedule: Schedule) => scheduleJson(schedule, await deps.userSchedules.now());

/** The first due instant. Throws the problem of a pattern or a zone that cannot be had. */
async function firstRun(deps: Ready, cron: string, timeZone: string): Promise<number> {
  const now = await deps.userSchedules.now();
  const fault = cronFault(cron, timeZone, now);
  if (fault) throw invalid([{ path: fault.field, message: fault.message }]);
  return nextRun(cron, timeZone, now);
}
