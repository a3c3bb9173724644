import { sql } from 'drizzle-orm';
import { check, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { Block } from '../../lib/core/session.ts';
import { agentSessions } from './agent-sessions.ts';
import { count, id, instant } from './columns.ts';

/**
 * The conversation, append-only, numbered from 1 (the goal) without a gap. `json`, not `jsonb`: the bytes come back as they were written,
 * so that a prompt stays the same to the provider's cache.
 */
export const agentMessages = pgTable(
  'agent_messages',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    n: integer('n').notNull(),
    userId: id('user_id').notNull(),
    fence: count('fence').notNull(),
    at: instant('at').notNull(),
    role: text('role', { enum: ['user', 'assistant'] }).notNull(),
    content: json('content').$type<Block[]>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.sessionId, t.n] }), check('role_known', sql`${t.role} in ('user', 'assistant')`)],
);
