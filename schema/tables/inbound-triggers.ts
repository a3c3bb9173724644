import { sql } from 'drizzle-orm';
import { check, index, json, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant, money, type PreviousSecret } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * What a signed message of another system starts: a session from `template`, or a message to `session_id`; one of them is there. `secret`
 * signs, and both sides must know it, so it cannot be a hash. `previous_secrets` count as well, each until its instant (secrets.sql).
 */
export const inboundTriggers = pgTable(
  'inbound_triggers',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    lastUsedAt: instant('last_used_at'),
    name: text('name').notNull(),
    sessionId: id('session_id'),
    template: json('template').$type<Record<string, unknown>>(),
    maxCostMicrodollars: money('max_cost_microdollars'),
    secret: text('secret').notNull(),
    previousSecrets: json('previous_secrets').$type<PreviousSecret[]>().notNull().default([]),
  },
  (t) => [
    index('inbound_triggers_list').on(t.userId, t.createdAt, t.id),
    check('starts_or_tells', sql`(${t.template} is null) <> (${t.sessionId} is null)`),
    check('start_has_a_limit', sql`(${t.template} is null) = (${t.maxCostMicrodollars} is null)`),
  ],
);
