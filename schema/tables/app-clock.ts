import { sql } from 'drizzle-orm';
import { boolean, check, interval, pgTable } from 'drizzle-orm/pg-core';

/** One row: how far `app_now()` runs ahead of the database's own clock. 0 in the cloud; on localhost the settable clock. Belongs to no user. */
export const appClock = pgTable(
  'app_clock',
  {
    one: boolean('one').primaryKey().default(true),
    shift: interval('shift').notNull(),
  },
  (t) => [check('one_row', sql`${t.one}`)],
);
