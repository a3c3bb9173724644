import { sql } from 'drizzle-orm';
import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { id, instant } from './columns.ts';

/** What users said to the agent, in order. It becomes part of the conversation when a reply to it is stored (R5): taken, and removed a month later. */
export const sessionInbox = pgTable(
  'session_inbox',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    n: integer('n').notNull(),
    userId: id('user_id').notNull(),
    at: instant('at').notNull(),
    content: text('content').notNull(),
    takenAt: instant('taken_at'),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.n] }),
    index('session_inbox_taken').on(t.takenAt).where(sql`${t.takenAt} is not null`),
  ],
);
