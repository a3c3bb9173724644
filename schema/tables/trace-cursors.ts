import { sql } from 'drizzle-orm';
import { index, json, pgTable } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id, instant } from './columns.ts';

/**
 * How far the journal of each session was sent to the receiver of traces (docs/observability.md). Rows are there only while `trace_export` has its
 * row: without an endpoint nothing is written here.
 *
 * `seq`: the receiver took the spans of all entries up to here. `stretch`: what the next entries are read with (lib/traces/spans.ts). `pending_since`:
 * when the first entry after `seq` was written, or the receiver refused it last, by the settable clock; null: there is none. A session that has ended
 * loses its row when all is sent.
 */
export const traceCursors = pgTable(
  'trace_cursors',
  {
    sessionId: id('session_id')
      .primaryKey()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    userId: id('user_id').notNull(),
    seq: count('seq').notNull(),
    stretch: json('stretch').$type<unknown>(),
    pendingSince: instant('pending_since'),
  },
  (t) => [index('trace_cursors_pending').on(t.pendingSince, t.sessionId).where(sql`${t.pendingSince} is not null`)],
);
