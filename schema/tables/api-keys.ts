import { sql } from 'drizzle-orm';
import { index, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant } from './columns.ts';
import { userSettings } from './user-settings.ts';

/** Keys by their SHA-256 (hex). The key itself is shown once and kept nowhere; `prefix` is what a user may recognise it by. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id('id').primaryKey(),
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    name: text('name'),
    prefix: text('prefix').notNull(),
    hash: text('hash').notNull().unique(),
    createdAt: instant('created_at').notNull(),
    revokedAt: instant('revoked_at'),
    /** To five minutes; null: never used. */
    lastUsedAt: instant('last_used_at'),
  },
  (t) => [
    index('api_keys_user').on(t.userId),
    index('api_keys_revoked').on(t.revokedAt).where(sql`${t.revokedAt} is not null`),
  ],
);
