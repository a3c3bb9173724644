import { sql } from 'drizzle-orm';
import { boolean, index, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id, instant } from './columns.ts';

/**
 * One row per tool call of a stored reply (`message_n`), open until the save that appends its result. `started_by`: the fence that
 * marked a `once` call as started; it is never started a second time. `counted`: it is among the session's `searches`.
 */
export const toolCalls = pgTable(
  'tool_calls',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    messageN: integer('message_n').notNull(),
    position: integer('position').notNull(),
    userId: id('user_id').notNull(),
    callId: text('call_id').notNull(),
    name: text('name').notNull(),
    input: json('input').$type<Record<string, unknown>>().notNull(),
    startedBy: count('started_by'),
    doneAt: instant('done_at'),
    counted: boolean('counted').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.messageN, t.position] }),
    index('tool_calls_open').on(t.sessionId).where(sql`${t.doneAt} is null`),
  ],
);
