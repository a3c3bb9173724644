-- Lost for good: what Stripe told, and which users have a plan that is paid there. Budgets, renewal dates and top-ups stay as they are. Users whose plan was
-- paid at Stripe get their budget anew each month from then on, paid or not: change those by PUT /v1/admin/users/{user_id} before. Top-ups by
-- payments keep their keys, so that a checkout that is told again after 0009 came back adds nothing twice.
DROP TABLE "stripe_objects";--> statement-breakpoint
ALTER TABLE "user_settings" DROP COLUMN "paid_by_stripe";
