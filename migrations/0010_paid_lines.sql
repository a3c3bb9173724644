CREATE TABLE "stripe_prices" (
	"id" text PRIMARY KEY NOT NULL,
	"unit_amount" bigint NOT NULL,
	"currency" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "stripe_objects" DROP CONSTRAINT "stripe_invoice_has_period";--> statement-breakpoint
ALTER TABLE "stripe_objects" ADD COLUMN "lines" json;--> statement-breakpoint
ALTER TABLE "stripe_objects" ADD CONSTRAINT "stripe_invoice_has_subscription" CHECK (("stripe_objects"."kind" = 'invoice') = ("stripe_objects"."subscription" is not null));