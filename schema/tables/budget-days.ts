import { sql } from 'drizzle-orm';
import { check, date, index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { count, id, money } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * One user's money for one UTC day by the database's clock. The row appears when the day is frozen, and has no more holds once it has a
 * successor (R8). `spent` = Σ of the ledger of that day, `held` = Σ of its open holds (G2); spent + held ≤ ceiling at every admission (G1).
 * `revision` grows with every change, so that a late copy of an older view can be told. `remaining`: what was left of the cycle's budget when
 * the day was last frozen, the day's own spending not taken off.
 */
export const budgetDays = pgTable(
  'budget_days',
  {
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    day: date('day', { mode: 'string' }).notNull(),
    allowance: money('allowance').notNull(),
    ceiling: money('ceiling').notNull(),
    spent: money('spent').notNull().default(sql`0`),
    held: money('held').notNull().default(sql`0`),
    revision: count('revision').notNull().default(1),
    remaining: money('remaining'),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.day] }),
    index('budget_days_by_day').on(t.day, t.userId),
    check('limits_not_negative', sql`${t.allowance} >= 0 and ${t.ceiling} >= 0`),
    check('spent_not_negative', sql`${t.spent} >= 0`),
    check('held_not_negative', sql`${t.held} >= 0`),
  ],
);
