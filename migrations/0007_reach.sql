CREATE TABLE "inbound_triggers" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"name" text NOT NULL,
	"session_id" text,
	"template" json,
	"max_cost_microdollars" bigint,
	"secret" text NOT NULL,
	"previous_secrets" json DEFAULT '[]'::json NOT NULL,
	CONSTRAINT "starts_or_tells" CHECK (("inbound_triggers"."template" is null) <> ("inbound_triggers"."session_id" is null)),
	CONSTRAINT "start_has_a_limit" CHECK (("inbound_triggers"."template" is null) = ("inbound_triggers"."max_cost_microdollars" is null))
);
--> statement-breakpoint
CREATE TABLE "memories" (
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"revision" bigint NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "memories_user_id_name_pk" PRIMARY KEY("user_id","name")
);
--> statement-breakpoint
CREATE TABLE "memory_entries" (
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"path" text NOT NULL,
	"version" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"source" text NOT NULL,
	"session_id" text,
	"bytes" integer NOT NULL,
	"content" "bytea" NOT NULL,
	CONSTRAINT "memory_entries_user_id_name_path_pk" PRIMARY KEY("user_id","name","path"),
	CONSTRAINT "memory_source_known" CHECK ("memory_entries"."source" in ('person', 'agent', 'untrusted')),
	CONSTRAINT "untrusted_by_its_path" CHECK (("memory_entries"."source" = 'untrusted') = starts_with("memory_entries"."path", 'untrusted/')),
	CONSTRAINT "person_or_session" CHECK (("memory_entries"."source" = 'person') = ("memory_entries"."session_id" is null))
);
--> statement-breakpoint
CREATE TABLE "schedule_runs" (
	"id" text PRIMARY KEY NOT NULL,
	"schedule_id" text NOT NULL,
	"user_id" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"cause" text NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"session_id" text,
	CONSTRAINT "run_status_known" CHECK ("schedule_runs"."status" in ('started', 'waiting', 'skipped', 'refused')),
	CONSTRAINT "started_with_session" CHECK (("schedule_runs"."status" = 'started') = ("schedule_runs"."session_id" is not null))
);
--> statement-breakpoint
CREATE TABLE "schedules" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"next_run_at" timestamp with time zone NOT NULL,
	"waiting_since" timestamp with time zone,
	"due_at" timestamp with time zone NOT NULL,
	"last_session_id" text,
	"deleted_at" timestamp with time zone,
	"name" text NOT NULL,
	"cron" text NOT NULL,
	"time_zone" text NOT NULL,
	"overlap" text NOT NULL,
	"max_cost_microdollars" bigint NOT NULL,
	"template" json NOT NULL,
	CONSTRAINT "overlap_known" CHECK ("schedules"."overlap" in ('skip', 'queue')),
	CONSTRAINT "paused_is_not_next" CHECK ("schedules"."enabled" or "schedules"."next_run_at" = 'infinity')
);
--> statement-breakpoint
CREATE TABLE "tool_approvals" (
	"session_id" text NOT NULL,
	"call_id" text NOT NULL,
	"user_id" text NOT NULL,
	"tool" text NOT NULL,
	"input" json NOT NULL,
	"edited" boolean DEFAULT false NOT NULL,
	"args_sha" text NOT NULL,
	"tool_sha" text NOT NULL,
	"input_schema" json NOT NULL,
	"asked_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"decision" text,
	"reason" text,
	"decided_at" timestamp with time zone,
	CONSTRAINT "tool_approvals_session_id_call_id_pk" PRIMARY KEY("session_id","call_id"),
	CONSTRAINT "decision_known" CHECK ("tool_approvals"."decision" in ('approve', 'deny', 'edit', 'expired', 'withdrawn')),
	CONSTRAINT "decided_at_some_time" CHECK (("tool_approvals"."decision" is null) = ("tool_approvals"."decided_at" is null))
);
--> statement-breakpoint
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
	"previous_secrets" json DEFAULT '[]'::json NOT NULL,
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
ALTER TABLE "agent_sessions" ADD COLUMN "mcp" text[];--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "waiting_for" text;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "waiting_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "choices" text[];--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "result_json" json;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "approvals" text[];--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "result_schema" json;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "offer_choices" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "memory_name" text;--> statement-breakpoint
ALTER TABLE "inbound_triggers" ADD CONSTRAINT "inbound_triggers_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memories" ADD CONSTRAINT "memories_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memory_entries" ADD CONSTRAINT "memory_entries_user_id_name_memories_user_id_name_fk" FOREIGN KEY ("user_id","name") REFERENCES "public"."memories"("user_id","name") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD CONSTRAINT "schedule_runs_schedule_id_schedules_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."schedules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tool_approvals" ADD CONSTRAINT "tool_approvals_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "inbound_triggers_list" ON "inbound_triggers" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "schedule_runs_once" ON "schedule_runs" USING btree ("schedule_id","due_at");--> statement-breakpoint
CREATE INDEX "schedule_runs_passing" ON "schedule_runs" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "schedules_list" ON "schedules" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "schedules_due" ON "schedules" USING btree ("due_at","id") WHERE "schedules"."due_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "schedules_waiting" ON "schedules" USING btree ("last_session_id") WHERE "schedules"."waiting_since" is not null;--> statement-breakpoint
CREATE INDEX "schedules_deleted" ON "schedules" USING btree ("deleted_at") WHERE "schedules"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "tool_approvals_open" ON "tool_approvals" USING btree ("session_id") WHERE "tool_approvals"."decision" is null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("webhook_id","due_at") WHERE "webhook_deliveries"."due_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "webhook_deliveries_log" ON "webhook_deliveries" USING btree ("webhook_id","at","event_id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_session" ON "webhook_deliveries" USING btree ("session_id") WHERE "webhook_deliveries"."session_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_alert" ON "webhook_deliveries" USING btree ("user_id","day","threshold") WHERE "webhook_deliveries"."day" is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_at" ON "webhook_deliveries" USING btree ("at");--> statement-breakpoint
CREATE INDEX "webhooks_user" ON "webhooks" USING btree ("user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "webhooks_of_operator" ON "webhooks" USING btree ("user_id") WHERE "webhooks"."managed_by" = 'operator';--> statement-breakpoint
CREATE INDEX "agent_sessions_waiting" ON "agent_sessions" USING btree ("user_id","waiting_since","id") WHERE "agent_sessions"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "agent_sessions_completed" ON "agent_sessions" USING btree ("user_id","completed_at") WHERE "agent_sessions"."completed_at" is not null;--> statement-breakpoint
INSERT INTO "webhooks" ("id", "user_id", "url", "format", "events", "include_text", "enabled", "managed_by", "secret", "created_at", "updated_at")
	SELECT 'whk_operator_' || left(encode(sha256(convert_to("user_id", 'UTF8')), 'hex'), 32), "user_id", "url", 'standard',
		array['budget.pace', 'budget.graceful', 'budget.ceiling', 'budget.breaker'], false, "url" is not null, 'operator', "secret", "updated_at", "updated_at"
	FROM "notify_targets";--> statement-breakpoint
INSERT INTO "webhook_deliveries" ("webhook_id", "event_id", "user_id", "type", "at", "day", "threshold", "due_at")
	SELECT w."id", 'alr_' || left(encode(sha256(convert_to(a."user_id" || E'\n' || to_char(a."day", 'YYYY-MM-DD') || E'\n' || a."threshold", 'UTF8')), 'hex'), 32),
		a."user_id", 'budget.' || a."threshold", a."at", a."day", a."threshold", a."due_at"
	FROM "budget_alerts" a JOIN "webhooks" w ON w."user_id" = a."user_id" AND w."enabled" WHERE a."due_at" IS NOT NULL;--> statement-breakpoint
UPDATE "budget_alerts" SET "due_at" = NULL WHERE "due_at" IS NOT NULL;
