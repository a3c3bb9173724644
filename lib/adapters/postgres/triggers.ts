/** The Triggers port: users behind the wall, where secrets cannot be read; what a message names outside it. */
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { inboundTriggers } from '../../../schema/index.ts';
import { newId } from '../../ids.ts';
import {
  type Listed,
  type ListPage,
  MOST_SCHEDULES,
  type NewTrigger,
  type Once,
  type Trigger,
  type TriggerAction,
  type TriggerChange,
  type Triggers,
} from '../../ports/index.ts';
import type { Database, Db } from './connect.ts';
import { cursorOf, exactly, startOf } from './cursor.ts';
import { toJson } from './json.ts';
import { asUser } from './tenant.ts';

export const postgresTriggers = (database: Database): Triggers => ({
  create: (userId, trigger, once) => create(database, userId, trigger, once),
  list: (userId, page) => list(database, userId, page),
  async get(userId, id) {
    const [[row]] = await asUser(database, userId, (db) => [triggerOf(db, userId, id)]);
    return row ? shown(row) : null;
  },
  change: (userId, id, change) => changed(database, userId, id, change),
  async rotate(userId, id, secret, operation) {
    const made = sql`select rotate_trigger_secret(${userId}, ${id}, ${operation}, ${secret}) as answer`;
    const [{ rows }, [row]] = await asUser(database, userId, (db) => [
      db.execute<{ answer: { rotated: boolean } | null }>(made),
      triggerOf(db, userId, id),
    ]);
    const answer = rows[0]?.answer;
    return answer && row ? { trigger: shown(row), isNew: answer.rotated } : null;
  },
  async remove(userId, id) {
    // Minted before the first try, so that a blind repeat gets the answer of the first.
    const operation = newId('op');
    const [{ rows }] = await asUser(database, userId, (db) => [
      db.execute<{ answer: boolean }>(sql`select remove_trigger(${userId}, ${id}, ${operation}) as answer`),
    ]);
    return rows[0]!.answer;
  },
  async find(id) {
    const secrets = sql<string[]>`counting_secrets(${inboundTriggers.secret}, ${inboundTriggers.previousSecrets})`;
    const query = () =>
      database.db
        .select({ ...columns, secrets })
        .from(inboundTriggers)
        .where(eq(inboundTriggers.id, id));
    const [row] = await database.repeat(query);
    if (!row) return null;
    const { secrets: counting, ...trigger } = row;
    return { trigger: shown(trigger), secrets: counting };
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

const own = (userId: string, id: string | SQL) => and(eq(inboundTriggers.userId, userId), eq(inboundTriggers.id, id));

const triggerOf = (db: Db, userId: string, id: string | SQL) =>
  db.select(columns).from(inboundTriggers).where(own(userId, id));

async function create(database: Database, userId: string, trigger: NewTrigger, once: Once | null) {
  const { key = null, fingerprint = null } = once ?? {};
  const made = sql`create_trigger(${userId}, ${toJson(trigger)}, ${key}, ${fingerprint}, ${MOST_SCHEDULES})`;
  const earlier = sql`(select session_id from idempotency_keys where user_id = ${userId} and scope = 'trigger' and key = ${key})`;
  const [{ rows }, [row]] = await asUser(database, userId, (db) => [
    db.execute<{ answer: { conflict?: true; full?: true } }>(sql`select ${made} as answer`),
    triggerOf(db, userId, sql`(select coalesce(${earlier}, ${trigger.id}))`),
  ]);
  const { full, conflict } = rows[0]!.answer;
  if (full) return 'full';
  return conflict || !row ? 'conflict' : shown(row);
}

async function list(database: Database, userId: string, { limit, cursor }: ListPage): Promise<Listed<Trigger>> {
  const place = startOf(cursor);
  const { createdAt, id } = inboundTriggers;
  const older = place ? sql`(${createdAt}, ${id}) < (${place.createdAt}::timestamptz, ${place.id})` : undefined;
  const exact = exactly(createdAt);
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

async function changed(
  database: Database,
  userId: string,
  id: string,
  { name, action }: TriggerChange,
): Promise<Trigger | null> {
  const [, [row]] = await asUser(database, userId, (db) => [
    db.execute(sql`select change_trigger(${userId}, ${id}, ${toJson({ name, action })})`),
    triggerOf(db, userId, id),
  ]);
  return row ? shown(row) : null;
}
