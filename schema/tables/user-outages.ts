import { sql } from 'drizzle-orm';
import { check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { count, id, instant, money } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * A user whose calls fail so that they may have been billed; no row: none do. `doubts`: such failures in a row, one probe each; `until`
 * (settable clock): nothing is tried before. `session_id`, `least`: who asked for the least meanwhile and so tries first. `probe_…`: the call
 * that tries; it does so for as long as its hold is open.
 */
export const userOutages = pgTable(
  'user_outages',
  {
    userId: id('user_id')
      .primaryKey()
      .references(() => userSettings.userId),
    doubts: integer('doubts').notNull(),
    until: instant('until').notNull(),
    sessionId: text('session_id'),
    least: money('least'),
    probeSession: text('probe_session'),
    probeFence: count('probe_fence'),
    probeN: integer('probe_n'),
  },
  (t) => [check('doubts_positive', sql`${t.doubts} > 0`)],
);
