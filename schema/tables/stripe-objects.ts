import { sql } from 'drizzle-orm';
import { boolean, check, index, json, pgTable, text } from 'drizzle-orm/pg-core';
import type { InvoiceLine } from '../../lib/payments/paid-invoices.ts';
import { id, instant, money } from './columns.ts';

/**
 * What Stripe last told of its checkouts, subscriptions, paid invoices and customers: the newest `version` of each by its bytes. From these rows
 * follows what a user has, in whatever order they came. `user_id`: whom the object itself names; no foreign key, since that user may be made
 * later. Of a checkout: `amount`, microdollars, and whether it was `credited`. Of a subscription: the `prices` that it has now. Of an invoice: its
 * `lines` for prices of `subscription`, null where it was told before they were kept, and what they gave when its user was last settled: tier,
 * `budget` in microdollars, below nought where more is credited than billed, and the period. All null: none of its prices is of a tier. `owner`: the user
 * who has what it gave. An invoice goes with its subscription to another user until its cycle has ended.
 */
export const stripeObjects = pgTable(
  'stripe_objects',
  {
    id: text('id').primaryKey(),
    kind: text('kind', { enum: ['customer', 'checkout', 'subscription', 'invoice'] }).notNull(),
    version: text('version').notNull(),
    receivedAt: instant('received_at').notNull(),
    customer: text('customer'),
    userId: id('user_id'),
    amount: money('amount'),
    credited: boolean('credited').notNull().default(false),
    prices: text('prices').array(),
    tier: text('tier'),
    budget: money('budget'),
    subscription: text('subscription'),
    startsAt: instant('starts_at'),
    endsAt: instant('ends_at'),
    lines: json('lines').$type<InvoiceLine[]>(),
    owner: id('owner'),
  },
  (t) => [
    index('stripe_objects_customer').on(t.customer, t.kind),
    // Not of those without a user: there are many, and nobody looks for them so.
    index('stripe_objects_user').on(t.userId, t.kind).where(sql`${t.userId} is not null`),
    index('stripe_objects_due').on(t.userId).where(sql`${t.amount} > 0 and not ${t.credited}`),
    index('stripe_objects_owner').on(t.owner, t.subscription).where(sql`${t.owner} is not null`),
    index('stripe_objects_periods').on(t.subscription, t.startsAt, t.endsAt),
    check('stripe_kind_known', sql`${t.kind} in ('customer', 'checkout', 'subscription', 'invoice')`),
    check('stripe_amount_not_negative', sql`${t.amount} >= 0`),
    check('stripe_plan_whole', sql`(${t.tier} is null) = (${t.budget} is null)`),
    check('stripe_invoice_has_subscription', sql`(${t.kind} = 'invoice') = (${t.subscription} is not null)`),
  ],
);
