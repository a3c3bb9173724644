import { sql } from 'drizzle-orm';
import { boolean, check, date, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant, money } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * That a user's day passed a threshold: once per user, day and threshold, the primary key makes repeated scans idempotent. The money is
 * the day's when it was noticed. `reason`: which of a threshold's two causes it was, see lib/ports/notifications.ts.
 *
 * It is sent from the outbox `webhook_deliveries`. `attempts`, `due_at`, `delivered_at`, `error` and their index are of the release before, which sent from
 * here; a later migration drops them.
 */
export const budgetAlerts = pgTable(
  'budget_alerts',
  {
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    day: date('day', { mode: 'string' }).notNull(),
    threshold: text('threshold', { enum: ['pace', 'graceful', 'ceiling', 'breaker'] }).notNull(),
    reason: text('reason'),
    at: instant('at').notNull(),
    allowance: money('allowance').notNull(),
    ceiling: money('ceiling').notNull(),
    spent: money('spent').notNull(),
    held: money('held').notNull(),
    attempts: integer('attempts').notNull().default(0),
    dueAt: instant('due_at'),
    deliveredAt: instant('delivered_at'),
    error: text('error'),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.day, t.threshold] }),
    index('budget_alerts_by_day').on(t.day),
    index('budget_alerts_due').on(t.dueAt).where(sql`${t.dueAt} is not null`),
    check('threshold_known', sql`${t.threshold} in ('pace', 'graceful', 'ceiling', 'breaker')`),
    check('delivered_once', sql`${t.deliveredAt} is null or ${t.dueAt} is null`),
  ],
);

/** Where the release before sent a user's alerts, and the secret that signed them; `webhooks` has both now, and a later migration drops this. */
export const notifyTargets = pgTable('notify_targets', {
  userId: id('user_id')
    .primaryKey()
    .references(() => userSettings.userId),
  url: text('url'),
  secret: text('secret').notNull(),
  updatedAt: instant('updated_at').notNull(),
});

/** One row: the day after which the next look for alerts begins, null for the first. Belongs to no user. */
export const alertPlace = pgTable(
  'alert_place',
  {
    one: boolean('one').primaryKey().default(true),
    afterDay: date('after_day', { mode: 'string' }),
    afterUser: text('after_user'),
  },
  (t) => [check('one_place', sql`${t.one}`)],
);
