/** The ports of schedules on schema/functions/schedules.sql: users behind the wall, the sweep outside it. */
import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { agentSessions, scheduleRuns, schedules, usageLedger } from '../../../schema/index.ts';
import type { Status } from '../../core/status.ts';
import { newId } from '../../ids.ts';
import {
  type DueSchedule,
  type Fired,
  type Listed,
  type ListPage,
  MOST_SCHEDULES,
  type NewSchedule,
  type Once,
  type Ordered,
  type RunPage,
  type Schedule,
  type ScheduleRun,
  type Schedules,
  UnknownCursor,
} from '../../ports/index.ts';
import type { Database, Db } from './connect.ts';
import { cursorOf, exactly, isInstant, opaque, startOf, textOf } from './cursor.ts';
import { fromInstant, toInstant, toJson } from './json.ts';
import { statusColumn } from './session-view.ts';
import { asUser } from './tenant.ts';
import { newSessionJson } from './user-sessions.ts';

export const postgresSchedules = (database: Database): Schedules => ({
  userSchedules: {
    now: async () => fromInstant(await database.call<string>('app_now')),
    create: (userId, schedule, once) => create(database, userId, schedule, once),
    list: (userId, page) => list(database, userId, page),
    async get(userId, id) {
      const [[row]] = await asUser(database, userId, (db) => [scheduleOf(db, userId, id)]);
      return row ?? null;
    },
    async change(userId, id, { nextRunAt, ...change }) {
      const json = toJson({ ...change, ...(nextRunAt !== undefined && { nextRunAt: toInstant(nextRunAt) }) });
      const [answer, [row]] = await asUser(database, userId, (db) => [
        db.execute<{ moved: boolean }>(sql`select change_schedule(${userId}, ${id}, ${json}) as moved`),
        scheduleOf(db, userId, id),
      ]);
      return answer.rows[0]!.moved ? 'moved' : (row ?? null);
    },
    async remove(userId, id) {
      // Minted before the first try, so that a blind repeat gets the answer of the first.
      const operation = newId('op');
      const [{ rows }] = await asUser(database, userId, (db) => [
        db.execute<{ answer: boolean }>(sql`select remove_schedule(${userId}, ${id}, ${operation}) as answer`),
      ]);
      return rows[0]!.answer;
    },
    runs: (userId, id, page) => runs(database, userId, id, page),
    async ran(userId, id, runId) {
      const [[row]] = await asUser(database, userId, (db) => [
        runsWhere(
          db,
          and(eq(scheduleRuns.userId, userId), eq(scheduleRuns.scheduleId, id), eq(scheduleRuns.id, runId)),
        ),
      ]);
      return row ? runOf(row) : null;
    },
    async run(userId, id, runId, ordered) {
      const fire = toJson({ run: runId, cause: 'request', ordered: orderedJson(ordered) });
      const [, [row]] = await asUser(database, userId, (db) => [
        db.execute(sql`select fire_schedule(${userId}, ${id}, ${fire})`),
        runsWhere(db, and(eq(scheduleRuns.userId, userId), eq(scheduleRuns.id, runId))),
      ]);
      return row ? runOf(row) : null;
    },
  },
  schedules: {
    async due(limit, after) {
      const place = after?.split(' ') ?? [];
      const { now, due } = await database.call<{ now: string; due: ScheduleJson[] }>('due_schedules', limit, ...place);
      return { now: fromInstant(now), due: due.map(dueOf) };
    },
    async fire({ schedule, dueAt }, nextRunAt, ordered) {
      const fire = {
        run: newId('run'),
        version: schedule.version,
        ordered: orderedJson(ordered),
        ...(dueAt === null
          ? { cause: 'waiting' }
          : { cause: 'cron', dueAt: toInstant(dueAt), nextRunAt: toInstant(nextRunAt) }),
      };
      return database.call<Fired | null>('fire_schedule', schedule.userId, schedule.id, toJson(fire));
    },
  },
});

const orderedJson = (ordered: Ordered): object =>
  'refused' in ordered ? ordered : { session: newSessionJson(ordered.session, ordered.mostLive), full: ordered.full };

type Instants = 'nextRunAt' | 'createdAt' | 'updatedAt';
type ScheduleJson = Omit<Schedule, Instants | 'maxCost' | 'waitingSince'> & { maxCost: string } & {
  [Name in Instants]: string;
} & { waitingSince: string | null; due: string | null; place: string };

function dueOf({ due, place, ...json }: ScheduleJson): DueSchedule {
  const { maxCost, nextRunAt, createdAt, updatedAt, waitingSince } = json;
  const schedule = {
    ...json,
    maxCost: BigInt(maxCost),
    nextRunAt: fromInstant(nextRunAt),
    createdAt: fromInstant(createdAt),
    updatedAt: fromInstant(updatedAt),
    waitingSince: waitingSince === null ? null : fromInstant(waitingSince),
  };
  return { schedule, dueAt: due === null ? null : fromInstant(due), place: `${place} ${json.id}` };
}

const columns = {
  id: schedules.id,
  userId: schedules.userId,
  name: schedules.name,
  cron: schedules.cron,
  timeZone: schedules.timeZone,
  template: schedules.template,
  overlap: schedules.overlap,
  maxCost: schedules.maxCostMicrodollars,
  enabled: schedules.enabled,
  nextRunAt: schedules.nextRunAt,
  version: schedules.version,
  waitingSince: schedules.waitingSince,
  lastSessionId: schedules.lastSessionId,
  createdAt: schedules.createdAt,
  updatedAt: schedules.updatedAt,
};

const scheduleOf = (db: Db, userId: string, id: string) =>
  db
    .select(columns)
    .from(schedules)
    .where(own(userId, eq(schedules.id, id)));

const own = (userId: string, which: SQL | undefined) =>
  and(eq(schedules.userId, userId), isNull(schedules.deletedAt), which);

async function create(database: Database, userId: string, schedule: NewSchedule, once: Once | null) {
  const made = toJson({ ...schedule, nextRunAt: toInstant(schedule.nextRunAt) });
  const key = once?.key ?? null;
  const earlier = sql`(select session_id from idempotency_keys where user_id = ${userId} and scope = 'schedule' and key = ${key})`;
  const [answer, [row]] = await asUser(database, userId, (db) => [
    db.execute<{ answer: { conflict?: true; full?: true } }>(
      sql`select create_schedule(${userId}, ${made}, ${key}, ${once?.fingerprint ?? null}, ${MOST_SCHEDULES}) as answer`,
    ),
    db
      .select(columns)
      .from(schedules)
      .where(own(userId, sql`${schedules.id} = (select coalesce(${earlier}, ${schedule.id}))`)),
  ]);
  const told = answer.rows[0]!.answer;
  if (told.full) return 'full';
  return told.conflict || !row ? 'conflict' : row;
}

async function list(database: Database, userId: string, { limit, cursor }: ListPage): Promise<Listed<Schedule>> {
  const place = startOf(cursor);
  const { createdAt, id } = schedules;
  const older = place ? sql`(${createdAt}, ${id}) < (${place.createdAt}::timestamptz, ${place.id})` : undefined;
  const [rows] = await asUser(database, userId, (db) => [
    db
      .select({ ...columns, exact: exactly(createdAt) })
      .from(schedules)
      .where(own(userId, older))
      .orderBy(desc(createdAt), desc(id))
      .limit(limit + 1),
  ]);
  const data = rows.slice(0, limit).map(({ exact: _, ...row }) => row);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return { data, next: last ? cursorOf({ createdAt: last.exact, id: last.id }) : null };
}

/** A session's own sum while it is there; the ledger's once it was purged. */
const cost = sql<string>`coalesce(${agentSessions.costMicrodollars}, (select sum(${usageLedger.cost}) from ${usageLedger}
  where ${usageLedger.userId} = ${scheduleRuns.userId} and ${usageLedger.sessionId} = ${scheduleRuns.sessionId}), 0)::text`;

const runsWhere = (db: Db, which: ReturnType<typeof and>) =>
  db
    .select({
      id: scheduleRuns.id,
      dueAt: scheduleRuns.dueAt,
      at: scheduleRuns.at,
      cause: scheduleRuns.cause,
      status: scheduleRuns.status,
      reason: scheduleRuns.reason,
      sessionId: scheduleRuns.sessionId,
      sessionStatus: sql<Status | null>`case when ${agentSessions.id} is not null and ${agentSessions.deletedAt} is null then ${statusColumn} end`,
      cost,
      exact: exactly(scheduleRuns.dueAt),
    })
    .from(scheduleRuns)
    .leftJoin(agentSessions, eq(agentSessions.id, scheduleRuns.sessionId))
    .where(which);

type RunRow = Omit<ScheduleRun, 'cost'> & { cost: string; exact: string };
const runOf = ({ exact: _, ...row }: RunRow): ScheduleRun => ({ ...row, cost: BigInt(row.cost) });

async function runs(
  database: Database,
  userId: string,
  id: string,
  { limit, cursor }: ListPage,
): Promise<RunPage | null> {
  const place = cursor === null ? null : textOf(cursor);
  if (place !== null && !isInstant(place)) throw new UnknownCursor();
  const own = and(eq(scheduleRuns.userId, userId), eq(scheduleRuns.scheduleId, id));
  const [[found], rows, [sum]] = await asUser(database, userId, (db) => [
    scheduleOf(db, userId, id),
    runsWhere(db, and(own, place === null ? undefined : sql`${scheduleRuns.dueAt} < ${place}::timestamptz`))
      .orderBy(desc(scheduleRuns.dueAt))
      .limit(limit + 1),
    db
      .select({ cost: sql<string>`coalesce(sum(${cost}::bigint), 0)::text` })
      .from(scheduleRuns)
      .leftJoin(agentSessions, eq(agentSessions.id, scheduleRuns.sessionId))
      .where(and(own, sql`${scheduleRuns.dueAt} > (select app_now()) - interval '30 days'`)),
  ]);
  if (!found) return null;
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    data: rows.slice(0, limit).map(runOf),
    next: last ? opaque(last.exact) : null,
    cost30Days: BigInt(sum!.cost),
  };
}
