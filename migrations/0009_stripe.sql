CREATE TABLE "stripe_objects" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"version" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"customer" text,
	"user_id" text,
	"amount" bigint,
	"credited" boolean DEFAULT false NOT NULL,
	"prices" text[],
	"tier" text,
	"budget" bigint,
	"subscription" text,
	"starts_at" timestamp with time zone,
	"ends_at" timestamp with time zone,
	CONSTRAINT "stripe_kind_known" CHECK ("stripe_objects"."kind" in ('customer', 'checkout', 'subscription', 'invoice')),
	CONSTRAINT "stripe_amount_not_negative" CHECK ("stripe_objects"."amount" >= 0),
	CONSTRAINT "stripe_plan_whole" CHECK (("stripe_objects"."tier" is null) = ("stripe_objects"."budget" is null)),
	CONSTRAINT "stripe_invoice_has_period" CHECK (("stripe_objects"."kind" = 'invoice') = ("stripe_objects"."subscription" is not null and "stripe_objects"."starts_at" is not null and "stripe_objects"."ends_at" is not null))
);
--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "paid_by_stripe" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "stripe_objects_customer" ON "stripe_objects" USING btree ("customer","kind");--> statement-breakpoint
CREATE INDEX "stripe_objects_user" ON "stripe_objects" USING btree ("user_id","kind") WHERE "stripe_objects"."user_id" is not null;--> statement-breakpoint
CREATE INDEX "stripe_objects_due" ON "stripe_objects" USING btree ("user_id") WHERE "stripe_objects"."amount" > 0 and not "stripe_objects"."credited";--> statement-breakpoint
CREATE INDEX "stripe_objects_periods" ON "stripe_objects" USING btree ("subscription","starts_at","ends_at");