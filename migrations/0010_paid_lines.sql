CREATE TABLE "stripe_prices" (
	"id" text PRIMARY KEY NOT NULL,
	"unit_amount" bigint NOT NULL,
	"currency" text NOT NULL,
	"is_exact" boolean NOT NULL
);
--> statement-breakpoint
ALTER TABLE "stripe_objects" DROP CONSTRAINT "stripe_invoice_has_period";--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "paid_used_microdollars" bigint;--> statement-breakpoint
ALTER TABLE "stripe_objects" ADD COLUMN "lines" json;--> statement-breakpoint
ALTER TABLE "stripe_objects" ADD COLUMN "owner" text;--> statement-breakpoint
CREATE INDEX "stripe_objects_owner" ON "stripe_objects" USING btree ("owner","subscription") WHERE "stripe_objects"."owner" is not null;--> statement-breakpoint
ALTER TABLE "stripe_objects" ADD CONSTRAINT "stripe_invoice_has_subscription" CHECK (("stripe_objects"."kind" = 'invoice') = ("stripe_objects"."subscription" is not null));--> statement-breakpoint
-- What a subscription gave until now, each of its invoices gives from now on, and its user has it, until the user is settled again.
UPDATE "stripe_objects" i SET "tier" = s."tier", "budget" = s."budget", "owner" = coalesce(s."user_id", i."user_id",
		(SELECT min(o."user_id") FROM "stripe_objects" o WHERE o."customer" = s."customer" HAVING min(o."user_id") = max(o."user_id")))
	FROM "stripe_objects" s WHERE i."kind" = 'invoice' AND s."id" = i."subscription" AND s."kind" = 'subscription';
