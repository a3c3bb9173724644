import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { bytes, id, instant } from './columns.ts';

/**
 * What users put into a workspace or removed from it, one row a path, until the agent has been told. A claim takes it into
 * `workspace_files` (`taken`, `content` null from then on); the settlement of the prompt that tells of it removes the row.
 * `bytes`: the length of what was put, null: the path was removed.
 */
export const workspaceInbox = pgTable(
  'workspace_inbox',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    path: text('path').notNull(),
    userId: id('user_id').notNull(),
    at: instant('at').notNull(),
    mode: integer('mode').notNull(),
    bytes: integer('bytes'),
    content: bytes('content'),
    taken: boolean('taken').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.path] }),
    index('workspace_inbox_untaken').on(t.sessionId, sql`${t.path} collate "C"`).where(sql`not ${t.taken}`),
  ],
);
