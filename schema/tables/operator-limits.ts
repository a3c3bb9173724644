import { sql } from 'drizzle-orm';
import { boolean, check, integer, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * One row, read by every claim and sweep: what stops a runaway deployment now that AWS's own recursion guard is off (sst.config.ts).
 * An operator writes here; nothing else does. Belongs to no user.
 *
 * - `stopped`: the kill switch. Nothing is claimed and nothing is hinted. What is under way ends its iteration. `reason` is for operators.
 * - `claims_per_day`: most claims of one session in one UTC day. Above it the core puts the session to sleep until midnight.
 */
export const operatorLimits = pgTable(
  'operator_limits',
  {
    one: boolean('one').primaryKey().default(true),
    stopped: boolean('stopped').notNull().default(false),
    reason: text('reason'),
    claimsPerDay: integer('claims_per_day').notNull().default(10_000),
  },
  (t) => [check('one_row', sql`${t.one}`), check('claims_positive', sql`${t.claimsPerDay} > 0`)],
);
