import { bigint, boolean, pgTable, text } from 'drizzle-orm/pg-core';

/**
 * What a whole period of a price costs, in the smallest unit of its currency. It never changes. `is_exact`: a subscription told the price; until then it is
 * the most that one of it was billed at.
 */
export const stripePrices = pgTable('stripe_prices', {
  id: text('id').primaryKey(),
  unitAmount: bigint('unit_amount', { mode: 'bigint' }).notNull(),
  currency: text('currency').notNull(),
  isExact: boolean('is_exact').notNull(),
});
