import { json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id, instant } from './columns.ts';

/**
 * The journal: one row a transition, append-only, numbered from 1 without a gap, in the order in which things came true. `fence` is the
 * owner at that time, also where a user wrote the row. `data` as the API shows it.
 */
export const agentEvents = pgTable(
  'agent_events',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    seq: count('seq').notNull(),
    userId: id('user_id').notNull(),
    fence: count('fence').notNull(),
    at: instant('at').notNull(),
    type: text('type').notNull(),
    data: json('data').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.seq] })],
);
