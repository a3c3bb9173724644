CREATE TABLE "webhook_deliveries" (
	"webhook_id" text NOT NULL,
	"event_id" text NOT NULL,
	"user_id" text NOT NULL,
	"type" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"session_id" text,
	"seq" bigint,
	"day" date,
	"threshold" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone,
	"attempted_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	"status_code" integer,
	"error" text,
	CONSTRAINT "webhook_deliveries_webhook_id_event_id_pk" PRIMARY KEY("webhook_id","event_id"),
	CONSTRAINT "delivery_of_one_thing" CHECK ("webhook_deliveries"."session_id" is null or "webhook_deliveries"."day" is null)
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"url" text,
	"format" text NOT NULL,
	"events" text[],
	"include_text" boolean NOT NULL,
	"description" text,
	"enabled" boolean NOT NULL,
	"disabled_reason" text,
	"managed_by" text NOT NULL,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_until" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp with time zone,
	"retry_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "webhook_enabled_with_url" CHECK ("webhooks"."url" is not null or not "webhooks"."enabled"),
	CONSTRAINT "webhook_format_known" CHECK ("webhooks"."format" in ('standard', 'slack')),
	CONSTRAINT "webhook_manager_known" CHECK ("webhooks"."managed_by" in ('user', 'operator'))
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("webhook_id","due_at") WHERE "webhook_deliveries"."due_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_log" ON "webhook_deliveries" USING btree ("webhook_id","at","event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_session" ON "webhook_deliveries" USING btree ("session_id") WHERE "webhook_deliveries"."session_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_alert" ON "webhook_deliveries" USING btree ("user_id","day","threshold") WHERE "webhook_deliveries"."day" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_at" ON "webhook_deliveries" USING btree ("at");--> statement-breakpoint
CREATE INDEX "webhooks_user" ON "webhooks" USING btree ("user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhooks_of_operator" ON "webhooks" USING btree ("user_id") WHERE "webhooks"."managed_by" = 'operator';--> statement-breakpoint
INSERT INTO "webhooks" ("id", "user_id", "url", "format", "events", "include_text", "enabled", "managed_by", "secret", "created_at", "updated_at")
	SELECT 'whk_operator_' || left(encode(sha256(convert_to("user_id", 'UTF8')), 'hex'), 32), "user_id", "url", 'standard',
		array['budget.pace', 'budget.graceful', 'budget.ceiling', 'budget.breaker'], false, "url" is not null, 'operator', "secret", "updated_at", "updated_at"
	FROM "notify_targets";--> statement-breakpoint
INSERT INTO "webhook_deliveries" ("webhook_id", "event_id", "user_id", "type", "at", "day", "threshold", "due_at")
	SELECT w."id", 'alr_' || left(encode(sha256(convert_to(a."user_id" || E'\n' || to_char(a."day", 'YYYY-MM-DD') || E'\n' || a."threshold", 'UTF8')), 'hex'), 32),
		a."user_id", 'budget.' || a."threshold", a."at", a."day", a."threshold", a."due_at"
	FROM "budget_alerts" a JOIN "webhooks" w ON w."user_id" = a."user_id" AND w."enabled" WHERE a."due_at" IS NOT NULL;--> statement-breakpoint
UPDATE "budget_alerts" SET "due_at" = NULL WHERE "due_at" IS NOT NULL;
