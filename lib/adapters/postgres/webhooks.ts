/** The Webhooks port: each method one request, behind the wall (tenant.ts). */
import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm';
import { webhookDeliveries, webhooks } from '../../../schema/index.ts';
import type { Notice, NoticeType } from '../../core/notices.ts';
import { newId } from '../../ids.ts';
import { type ListPage, MOST_WEBHOOKS } from '../../ports/index.ts';
import type { WebhookDelivery, Webhooks, WebhookView } from '../../ports/webhooks.ts';
import type { Database, Db } from './connect.ts';
import { cursorOf, exactly, startOf } from './cursor.ts';
import { toJson } from './json.ts';
import { asUser } from './tenant.ts';

const { id, userId: owner, url, format, events, includeText, description, enabled } = webhooks;
const { disabledReason, managedBy, failingSince, createdAt, updatedAt } = webhooks;
/** All but the secrets. */
const SHOWN = {
  ...{ id, url, format, events, includeText, description, enabled },
  ...{ disabledReason, managedBy, failingSince, createdAt, updatedAt },
};
type Row = Pick<typeof webhooks.$inferSelect, keyof typeof SHOWN>;
type Asked = { managed?: boolean; disabled?: boolean; event?: string } | null;

export function postgresWebhooks(database: Database): Webhooks {
  /** A function's answer, and the rows that show what it did. */
  const asking = async <T>(userId: string, made: SQL, shown: (db: Db) => ReturnType<typeof rowsOf>) => {
    const [{ rows }, found] = await asUser(database, userId, (db) => [
      db.execute<{ answer: T }>(sql`select ${made} as answer`),
      shown(db),
    ]);
    return { answer: rows[0]?.answer ?? null, view: found[0] ? viewOf(found[0]) : null };
  };
  return {
    async create(userId, webhook, once) {
      const { key = null, fingerprint = null } = once ?? {};
      const made = sql`create_webhook(${userId}, ${toJson(webhook)}, ${key}, ${fingerprint}, ${MOST_WEBHOOKS})`;
      const earlier = sql`(select session_id from idempotency_keys where user_id = ${userId} and scope = 'webhook' and key = ${key})`;
      const { answer, view } = await asking<{ conflict?: true; full?: true }>(userId, made, (db) =>
        rowsOf(db, userId, sql`(select coalesce(${earlier}, ${webhook.id}))`),
      );
      if (answer?.full) return 'full';
      return answer?.conflict || !view ? 'conflict' : view;
    },
    async list(userId) {
      const [rows] = await asUser(database, userId, (db) => [rowsOf(db, userId)]);
      return rows.map(viewOf);
    },
    async get(userId, one) {
      const [[row]] = await asUser(database, userId, (db) => [rowsOf(db, userId, one)]);
      return row ? viewOf(row) : null;
    },
    async change(userId, one, change) {
      const made = sql`change_webhook(${userId}, ${one}, ${toJson(change)})`;
      const { answer, view } = await asking<Asked>(userId, made, (db) => rowsOf(db, userId, one));
      return answer?.managed ? 'managed' : view;
    },
    async rotate(userId, one, secret, operation) {
      const made = sql`rotate_webhook_secret(${userId}, ${one}, ${operation}, ${secret})`;
      const { answer, view } = await asking<{ managed?: true; rotated?: boolean }>(userId, made, (db) =>
        rowsOf(db, userId, one),
      );
      if (answer?.managed) return 'managed';
      return answer && view && { view, isNew: answer.rotated === true };
    },
    async remove(userId, one) {
      const made = sql`remove_webhook(${userId}, ${one}, ${newId('op')})`;
      const { answer } = await asking<Asked>(userId, made, (db) => rowsOf(db, userId, one));
      return answer && (answer.managed ? 'managed' : 'removed');
    },
    test: (userId, one, event) => asked(database, userId, one, event, true),
    redeliver: (userId, one, event) => asked(database, userId, one, event, false),
    deliveries: (userId, one, page) => deliveries(database, userId, one, page),
  };
}

const rowsOf = (db: Db, userId: string, one?: string | SQL) =>
  db
    .select(SHOWN)
    .from(webhooks)
    .where(and(eq(owner, userId), one === undefined ? sql`${url} is not null` : eq(id, one)))
    .orderBy(asc(createdAt), asc(id));

const viewOf = ({ url: address, events: names, ...rest }: Row): WebhookView => ({
  ...rest,
  url: address ?? '',
  events: names as Notice[] | null,
});

async function asked(database: Database, userId: string, one: string, event: string, isTest: boolean) {
  const made = sql`ask_delivery(${userId}, ${one}, ${event}, ${isTest})`;
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<{ answer: Asked }>(sql`select ${made} as answer`),
  ]);
  const answer = rows[0]?.answer;
  if (!answer) return null;
  if (answer.disabled) return 'disabled' as const;
  const [[row]] = await asUser(database, userId, (db) => [
    db
      .select()
      .from(webhookDeliveries)
      .where(ofWebhook(userId, one, eq(webhookDeliveries.eventId, answer.event ?? ''))),
  ]);
  return row ? deliveryOf(row) : null;
}

const ofWebhook = (userId: string, one: string, more?: SQL) =>
  and(eq(webhookDeliveries.userId, userId), eq(webhookDeliveries.webhookId, one), more);

async function deliveries(database: Database, userId: string, one: string, { limit, cursor }: ListPage) {
  const { at, eventId } = webhookDeliveries;
  const place = startOf(cursor);
  const older = place ? sql`(${at}, ${eventId}) < (${place.createdAt}::timestamptz, ${place.id})` : undefined;
  const [found, rows] = await asUser(database, userId, (db) => [
    rowsOf(db, userId, one),
    db
      .select({ row: webhookDeliveries, exact: exactly(at) })
      .from(webhookDeliveries)
      .where(ofWebhook(userId, one, older))
      .orderBy(desc(at), desc(eventId))
      .limit(limit + 1),
  ]);
  if (found.length === 0) return null;
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const data = rows.slice(0, limit).map(({ row }) => deliveryOf(row));
  return { data, next: last ? cursorOf({ createdAt: last.exact, id: last.row.eventId }) : null };
}

function deliveryOf(row: typeof webhookDeliveries.$inferSelect): WebhookDelivery {
  const { eventId, type, at, sessionId, attempts, attemptedAt, dueAt, deliveredAt, statusCode, error } = row;
  const resting: WebhookDelivery['status'] = deliveredAt !== null ? 'delivered' : 'given_up';
  const status = dueAt === null ? resting : Number.isFinite(dueAt) ? 'pending' : 'held';
  const nextAttemptAt = status === 'pending' ? dueAt : null;
  return {
    ...{ eventId, type: type as NoticeType, at, sessionId, status },
    ...{ attempts, attemptedAt, nextAttemptAt, deliveredAt, statusCode, error },
  };
}
