/** The Triggers port: users behind the wall, where secrets cannot be read; what a message names outside it. */
import { and, desc, eq, sql } from 'drizzle-orm';
import { inboundTriggers } from '../../../schema/index.ts';
import {
  type Listed,
  type ListPage,
  MOST_SCHEDULES,
  type NewTrigger,
  type Trigger,
  type TriggerAction,
  type TriggerChange,
  type Triggers,
  UnknownCursor,
} from '../../ports/index.ts';
import type { Database, Db } from './connect.ts';
import { cursorOf, placeOf } from './cursor.ts';
import { toJson } from './json.ts';
import { asUser } from './tenant.ts';

export const postgresTriggers = (database: Database): Triggers => ({
  create: (userId, trigger) => create(database, userId, trigger),
  list: (userId, page) => list(database, userId, page),
  async get(userId, id) {
    const [[row]] = await asUser(database, userId, (db) => [triggerOf(db, userId, id)]);
    return row ? shown(row) : null;
  },
  change: (userId, id, change) => changed(database, userId, id, change),
  async remove(userId, id) {
    const [gone] = await asUser(database, userId, (db) => [
      db.delete(inboundTriggers).where(own(userId, id)).returning({ id: inboundTriggers.id }),
    ]);
    return gone.length > 0;
  },
  async find(id) {
    const { secret, formerSecret } = inboundTriggers;
    const former = sql<
      string | null
    >`case when ${inboundTriggers.formerUntil} > (select app_now()) then ${formerSecret} end`;
    const query = () =>
      database.db
        .select({ ...columns, secret, former })
        .from(inboundTriggers)
        .where(eq(inboundTriggers.id, id));
    const [row] = await database.repeat(query);
    if (!row) return null;
    const { secret: present, former: before, ...trigger } = row;
    return { trigger: shown(trigger), secrets: before === null ? [present] : [present, before] };
  },
  async used(userId, id) {
    const longAgo = sql`coalesce(${inboundTriggers.lastUsedAt}, '-infinity') < (select app_now()) - interval '1 min'`;
    await asUser(database, userId, (db) => [
      db
        .update(inboundTriggers)
        .set({ lastUsedAt: sql`app_now()` })
        .where(and(own(userId, id), longAgo)),
    ]);
  },
});

const columns = {
  id: inboundTriggers.id,
  userId: inboundTriggers.userId,
  name: inboundTriggers.name,
  createdAt: inboundTriggers.createdAt,
  updatedAt: inboundTriggers.updatedAt,
  lastUsedAt: inboundTriggers.lastUsedAt,
  template: inboundTriggers.template,
  maxCost: inboundTriggers.maxCostMicrodollars,
  sessionId: inboundTriggers.sessionId,
};

type Row = Omit<Trigger, 'template' | 'maxCost' | 'sessionId'> & {
  template: Record<string, unknown> | null;
  maxCost: bigint | null;
  sessionId: string | null;
};

/** A check of the table says that it is one of the two. */
const shown = ({ template, maxCost, sessionId, ...row }: Row): Trigger => ({
  ...row,
  ...({ template, maxCost, sessionId } as TriggerAction),
});

const own = (userId: string, id: string) => and(eq(inboundTriggers.userId, userId), eq(inboundTriggers.id, id));

const triggerOf = (db: Db, userId: string, id: string) =>
  db.select(columns).from(inboundTriggers).where(own(userId, id));

/** Of requests at once each sees the others' triggers, since the user is locked first. */
async function create(database: Database, userId: string, trigger: NewTrigger): Promise<Trigger | 'full'> {
  const { id, name, secret, template, maxCost, sessionId } = trigger;
  const json = template === null ? null : toJson(template);
  const [, , [row]] = await asUser(database, userId, (db) => [
    db.execute(sql`select 1 from user_settings where user_id = ${userId} for no key update`),
    db.execute(sql`
      insert into inbound_triggers (id, user_id, created_at, updated_at, name, session_id, template, max_cost_microdollars, secret)
        select ${id}, ${userId}, app_now(), app_now(), ${name}, ${sessionId}, ${json}::json, ${maxCost === null ? null : String(maxCost)}::bigint, ${secret}
          where (select count(*) from inbound_triggers where user_id = ${userId}) < ${MOST_SCHEDULES}
        on conflict (id) do nothing`),
    triggerOf(db, userId, id),
  ]);
  return row ? shown(row) : 'full';
}

async function list(database: Database, userId: string, { limit, cursor }: ListPage): Promise<Listed<Trigger>> {
  const place = cursor === null ? null : placeOf(cursor);
  if (cursor !== null && place === null) throw new UnknownCursor();
  const { createdAt, id } = inboundTriggers;
  const older = place ? sql`(${createdAt}, ${id}) < (${place.createdAt}::timestamptz, ${place.id})` : undefined;
  const exact = sql<string>`to_char(${createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const [rows] = await asUser(database, userId, (db) => [
    db
      .select({ ...columns, exact })
      .from(inboundTriggers)
      .where(and(eq(inboundTriggers.userId, userId), older))
      .orderBy(desc(createdAt), desc(id))
      .limit(limit + 1),
  ]);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const data = rows.slice(0, limit).map(({ exact: _, ...row }) => shown(row));
  return { data, next: last ? cursorOf({ createdAt: last.exact, id: last.id }) : null };
}

/** A repeat of a rotation finds its secret there, and moves nothing more. */
async function changed(
  database: Database,
  userId: string,
  id: string,
  { name, action, secret }: TriggerChange,
): Promise<Trigger | null> {
  const [, [row]] = await asUser(database, userId, (db) => [
    db.execute(sql`select change_trigger(${userId}, ${id}, ${toJson({ name, action, secret })})`),
    triggerOf(db, userId, id),
  ]);
  return row ? shown(row) : null;
}
