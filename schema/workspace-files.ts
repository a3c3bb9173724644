import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { bytes, id, instant } from './columns.ts';

/**
 * The files of a session, one row for every iteration that changed one; the highest iteration is how it is now, `content` null means gone.
 * Versions stay, so that a session can be seen, or forked, as of any iteration. SQL function `workspace(session)` gives those of now.
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
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.path, t.iteration] })],
);
