-- Lost for good: the lines of paid invoices and what prices cost. Budgets and renewal dates stay as they are until the next event of Stripe about a user;
-- from then on a subscription has the whole budget of its newest price again. Invoices that paid for no whole period are taken out, since they
-- would count as one; let Stripe send their events again after 0010 came back.
DELETE FROM "stripe_objects" WHERE "kind" = 'invoice' AND ("starts_at" IS NULL OR "ends_at" IS NULL OR "lines" IS NOT NULL AND NOT EXISTS (
	SELECT FROM json_array_elements("lines") AS "line" WHERE NOT ("line" ->> 'isProrated')::boolean AND ("line" ->> 'amount')::bigint > 0));--> statement-breakpoint
UPDATE "stripe_objects" SET "tier" = NULL, "budget" = NULL WHERE "kind" = 'invoice';--> statement-breakpoint
ALTER TABLE "stripe_objects" DROP CONSTRAINT "stripe_invoice_has_subscription";--> statement-breakpoint
ALTER TABLE "stripe_objects" ADD CONSTRAINT "stripe_invoice_has_period" CHECK (("stripe_objects"."kind" = 'invoice') = ("stripe_objects"."subscription" is not null and "stripe_objects"."starts_at" is not null and "stripe_objects"."ends_at" is not null));--> statement-breakpoint
DROP INDEX "stripe_objects_owner";--> statement-breakpoint
ALTER TABLE "stripe_objects" DROP COLUMN "owner";--> statement-breakpoint
ALTER TABLE "stripe_objects" DROP COLUMN "lines";--> statement-breakpoint
DROP TABLE "stripe_prices";--> statement-breakpoint
ALTER TABLE "user_settings" DROP COLUMN "paid_used_microdollars";
