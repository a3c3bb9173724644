import { sql } from 'drizzle-orm';
import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';

/**
 * What users asked for, once each (R4). `scope`: `create`, `top_up`, or the session that a command is about. The row is the first thing
 * its transaction writes, so a copy under way waits for it. All but those of top-ups are removed after a week. `session_id`: what a
 * `create` made, and of an entry of a memory whether it was `created`.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    userId: id('user_id').notNull(),
    scope: text('scope').notNull(),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    sessionId: id('session_id'),
    at: instant('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.scope, t.key] }),
    index('idempotency_keys_passing').on(t.at).where(sql`${t.scope} <> 'top_up'`),
  ],
);
