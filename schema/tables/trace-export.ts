import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';

/**
 * One row while the deployment has a receiver of traces, else none: then no save marks anything. A migration makes and removes it. Belongs to no user.
 *
 * `sender`, `sender_until` (real time): the one that sends now, so that two cannot send a session's spans out of order. `failures`: tries in a row that
 * the receiver did not take; `retry_at` (settable clock): nothing is sent before.
 */
export const traceExport = pgTable(
  'trace_export',
  {
    one: boolean('one').primaryKey().default(true),
    sender: text('sender'),
    senderUntil: instant('sender_until'),
    failures: integer('failures').notNull().default(0),
    retryAt: instant('retry_at'),
  },
  (t) => [check('one_row', sql`${t.one}`)],
);
