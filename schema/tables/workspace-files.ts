import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { bytes, id, instant } from './columns.ts';

/**
 * The files of a session, one row for every iteration that changed one; the highest iteration is how it is now, `content` null means gone.
 * `superseded_at`, kept by a trigger: when the next version came, or when the file was removed; null is how it is now. A superseded version
 * stays for a month, so that a session can be seen, or forked, as of an earlier iteration. SQL function `workspace(session)` gives those of now.
 */
export const workspaceFiles = pgTable(
  'workspace_files',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    iteration: integer('iteration').notNull(),
    userId: id('user_id').notNull(),
    at: instant('at').notNull(),
    mode: integer('mode').notNull(),
    content: bytes('content'),
    supersededAt: instant('superseded_at'),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.path, t.iteration] }),
    index('workspace_files_current').on(t.sessionId, sql`${t.path} collate "C"`).where(sql`${t.supersededAt} is null`),
    index('workspace_files_superseded').on(t.supersededAt).where(sql`${t.supersededAt} is not null`),
  ],
);
