import { sql } from 'drizzle-orm';
import { check, date, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { id, instant, money } from './columns.ts';
import { userSettings } from './user-settings.ts';

/**
 * Money added to the cycle that `day` lies in. `spread` cycle: shared out over the days left; today: all of it for that very day. What is not
 * used is carried over a renewal. `committed`: what the day had spent and held when it came, which it does not pay for.
 */
export const topUps = pgTable(
  'top_ups',
  {
    userId: id('user_id')
      .notNull()
      .references(() => userSettings.userId),
    key: text('key').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    amount: money('amount').notNull(),
    spread: text('spread', { enum: ['today', 'cycle'] }).notNull(),
    at: instant('at').notNull(),
    committed: money('committed').notNull().default(sql`0`),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.key] }),
    index('top_ups_by_day').on(t.userId, t.day),
    check('top_up_positive', sql`${t.amount} > 0`),
    check('spread_known', sql`${t.spread} in ('today', 'cycle')`),
  ],
);
