import { bigint, pgTable, text } from 'drizzle-orm/pg-core';

/** What a whole period of a price costs, in the smallest unit of its currency. Kept from what subscriptions tell; it never changes. */
export const stripePrices = pgTable('stripe_prices', {
  id: text('id').primaryKey(),
  unitAmount: bigint('unit_amount', { mode: 'bigint' }).notNull(),
  currency: text('currency').notNull(),
});
