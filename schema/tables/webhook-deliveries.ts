import { sql } from 'drizzle-orm';
import { check, date, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { count, id, instant } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * The outbox of notices and the log of their delivery: one row for each notice and webhook, written in the transaction that made the notice
 * true. The primary key makes sure that a webhook knows a notice by one id only. What is sent is read when it is sent: from the journal
 * (`session_id`, `seq`), from the budget alert (`day`, `threshold`), or nothing but that it is a test.
 *
 * `due_at`: when it is sent (again); `infinity` while its webhook is disabled, null when nothing is to be sent, or no more. `attempts` counts
 * since it was last asked for. It names no foreign keys but the user: a save must not wait for somebody who removes a webhook, nor fail.
 */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    webhookId: id('webhook_id').notNull(),
    eventId: id('event_id').notNull(),
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    type: text('type').notNull(),
    at: instant('at').notNull(),
    sessionId: id('session_id'),
    seq: count('seq'),
    day: date('day', { mode: 'string' }),
    threshold: text('threshold'),
    attempts: integer('attempts').notNull().default(0),
    dueAt: instant('due_at'),
    attemptedAt: instant('attempted_at'),
    deliveredAt: instant('delivered_at'),
    statusCode: integer('status_code'),
    error: text('error'),
  },
  (t) => [
    primaryKey({ columns: [t.webhookId, t.eventId] }),
    index('webhook_deliveries_due').on(t.webhookId, t.dueAt).where(sql`${t.dueAt} < 'infinity'`),
    index('webhook_deliveries_log').on(t.webhookId, t.at, t.eventId),
    index('webhook_deliveries_session').on(t.sessionId).where(sql`${t.sessionId} is not null`),
    index('webhook_deliveries_alert').on(t.userId, t.day, t.threshold).where(sql`${t.day} is not null`),
    index('webhook_deliveries_at').on(t.at),
    check('delivery_of_one_thing', sql`${t.sessionId} is null or ${t.day} is null`),
  ],
);
