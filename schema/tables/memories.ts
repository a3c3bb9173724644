import { sql } from 'drizzle-orm';
import { check, foreignKey, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { MemorySource } from '../../lib/core/shared-memory.ts';
import { bytes, count, id, instant } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * The shared memories of a user, by name. `revision` grows with every change of one and is never used twice, also after the memory was removed and made
 * anew: whoever writes names the revision that the change was made for, and nothing is written if it is another by now.
 */
export const memories = pgTable(
  'memories',
  {
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    name: text('name').notNull(),
    revision: count('revision').notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.name] })],
);

/**
 * What a memory holds: one row a path, as it is now. `version`: the memory's revision that wrote it. `session_id`: the session that wrote it, which may be
 * gone; null: a person did. `bytes`: the length of `content`, so that a list need not read it.
 */
export const memoryEntries = pgTable(
  'memory_entries',
  {
    userId: id('user_id').notNull(),
    name: text('name').notNull(),
    path: text('path').notNull(),
    version: count('version').notNull(),
    at: instant('at').notNull(),
    source: text('source').$type<MemorySource>().notNull(),
    sessionId: id('session_id'),
    bytes: integer('bytes').notNull(),
    content: bytes('content').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.name, t.path] }),
    foreignKey({ columns: [t.userId, t.name], foreignColumns: [memories.userId, memories.name] }).onDelete('cascade'),
    check('memory_source_known', sql`${t.source} in ('person', 'agent', 'untrusted')`),
    check('untrusted_by_its_path', sql`(${t.source} = 'untrusted') = starts_with(${t.path}, 'untrusted/')`),
    check('person_or_session', sql`(${t.source} = 'person') = (${t.sessionId} is null)`),
  ],
);
