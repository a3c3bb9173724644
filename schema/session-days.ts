import { date, pgTable } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id } from './columns.ts';

/**
 * The last UTC day on which a session was claimed, and its fence before the first claim of that day: the fence grows by one with each, so
 * that counting claims writes one row a day, not one per claim.
 */
export const sessionDays = pgTable('session_days', {
  sessionId: id('session_id')
    .primaryKey()
    .references(() => agentSessions.id, { onDelete: 'cascade' }),
  userId: id('user_id').notNull(),
  day: date('day').notNull(),
  fence: count('fence').notNull(),
});
