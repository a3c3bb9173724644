import { json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id, instant } from './columns.ts';

/**
 * The journal: one row a transition, append-only, numbered from 1 without a gap, in the order in which things came true. `fence` is the
 * owner at that time, also where a user wrote the row. `iteration`: the reply that the row belongs to, or the last one saved before it. `type` and `data`
 * are an event of lib/core/events.ts.
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
    iteration: count('iteration').notNull().default(0),
    type: text('type').notNull(),
    data: json('data').$type<Record<string, unknown>>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.seq] })],
);
