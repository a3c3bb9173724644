import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, json, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { id, instant, type PreviousSecret } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * Where a user hears of notices (lib/core/notices.ts). `events`: the only ones that go there, null: all. `secret` signs them, which both sides
 * must know and so cannot be a hash; `previous_secrets` sign them, too, each until its instant (secrets.sql). `managed_by` `operator`: the address that the
 * operator gave the user (`notify_url`), at most one, which keeps its secret also while it has no `url`.
 *
 * `failures` counts attempts without a success since `failing_since`; nothing is sent before `retry_at`. `disabled_reason`: why it was disabled
 * by itself, null where a user did that.
 */
export const webhooks = pgTable(
  'webhooks',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    url: text('url'),
    format: text('format', { enum: ['standard', 'slack'] }).notNull(),
    events: text('events').array(),
    includeText: boolean('include_text').notNull(),
    description: text('description'),
    enabled: boolean('enabled').notNull(),
    disabledReason: text('disabled_reason'),
    managedBy: text('managed_by', { enum: ['user', 'operator'] }).notNull(),
    secret: text('secret').notNull(),
    previousSecrets: json('previous_secrets').$type<PreviousSecret[]>().notNull().default([]),
    failures: integer('failures').notNull().default(0),
    failingSince: instant('failing_since'),
    retryAt: instant('retry_at'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [
    index('webhooks_user').on(t.userId, t.id),
    uniqueIndex('webhooks_of_operator').on(t.userId).where(sql`${t.managedBy} = 'operator'`),
    check('webhook_enabled_with_url', sql`${t.url} is not null or not ${t.enabled}`),
    check('webhook_format_known', sql`${t.format} in ('standard', 'slack')`),
    check('webhook_manager_known', sql`${t.managedBy} in ('user', 'operator')`),
  ],
);
