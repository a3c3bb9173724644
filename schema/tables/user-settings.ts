import { sql } from 'drizzle-orm';
import { boolean, check, date, integer, numeric, pgTable, text } from 'drizzle-orm/pg-core';
import { id, instant, money } from './columns.ts';

/**
 * Who pays, and how much per cycle. The cycle runs from `cycle_start` to the day before `subscription_renewal_date`. Freezing a day on or
 * after that date rolls both forward by months whose day is `renewal_anchor_day`, cut to the month's last (R9). No date: no end.
 *
 * `carried`: topped up before this cycle and not used by its start. `prior_cycle_start` and `prior_carried` let it be counted again while the
 * last holds of the cycle before are settled. The row is also the lock under which days are frozen and budgets change (R3).
 */
export const userSettings = pgTable(
  'user_settings',
  {
    userId: id('user_id').primaryKey(),
    /** A tier's name. Not a foreign key: configuration may add tiers. */
    tier: text('tier').notNull(),
    subscriptionBudgetMicrodollars: money('subscription_budget_microdollars').notNull(),
    cycleStart: date('cycle_start', { mode: 'string' }).notNull(),
    subscriptionRenewalDate: date('subscription_renewal_date', { mode: 'string' }),
    renewalAnchorDay: integer('renewal_anchor_day'),
    wakePolicy: text('wake_policy', { enum: ['auto', 'manual'] }).notNull(),
    /** No day gets more than so many times an even part of the cycle's money. Null: whatever is left flows into the days that are left. */
    maxDailyMultiple: numeric('max_daily_multiple', { precision: 6, scale: 2, mode: 'number' }),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    carriedMicrodollars: money('carried_microdollars').notNull().default(sql`0`),
    priorCycleStart: date('prior_cycle_start', { mode: 'string' }),
    priorCarriedMicrodollars: money('prior_carried_microdollars').notNull().default(sql`0`),
    /** The budget is that of a period which is paid at Stripe: the next cycle comes with the next paid one, and without it there is none. */
    paidByStripe: boolean('paid_by_stripe').notNull().default(false),
    /** Of all that invoices gave, what cycles before this one have spent or let lapse. Null: no paid cycle has ended yet. */
    paidUsedMicrodollars: money('paid_used_microdollars'),
  },
  (t) => [
    check('budget_not_negative', sql`${t.subscriptionBudgetMicrodollars} >= 0`),
    check('wake_policy_known', sql`${t.wakePolicy} in ('auto', 'manual')`),
    check('multiple_at_least_one', sql`${t.maxDailyMultiple} >= 1`),
    check('anchor_is_a_day', sql`${t.renewalAnchorDay} between 1 and 31`),
    check('anchor_with_date', sql`(${t.subscriptionRenewalDate} is null) = (${t.renewalAnchorDay} is null)`),
    check('carried_not_negative', sql`${t.carriedMicrodollars} >= 0 and ${t.priorCarriedMicrodollars} >= 0`),
    check('cycle_ends_after_it_starts', sql`${t.subscriptionRenewalDate} > ${t.cycleStart}`),
  ],
);
