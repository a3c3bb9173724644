import { pgTable, text } from 'drizzle-orm/pg-core';
import { id } from './columns.ts';

/** What a tier runs on when a session names no model. The three that every deployment has; more by configuration. Belongs to no user. */
export const planTiers = pgTable('plan_tiers', {
  name: id('name').primaryKey(),
  model: text('model').notNull(),
});
