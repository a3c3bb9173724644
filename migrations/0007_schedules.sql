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
	"former_secret" text,
	"former_until" timestamp with time zone,
	CONSTRAINT "starts_or_tells" CHECK (("inbound_triggers"."template" is null) <> ("inbound_triggers"."session_id" is null)),
	CONSTRAINT "start_has_a_limit" CHECK (("inbound_triggers"."template" is null) = ("inbound_triggers"."max_cost_microdollars" is null))
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
ALTER TABLE "inbound_triggers" ADD CONSTRAINT "inbound_triggers_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedule_runs" ADD CONSTRAINT "schedule_runs_schedule_id_schedules_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "public"."schedules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "schedules" ADD CONSTRAINT "schedules_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "inbound_triggers_list" ON "inbound_triggers" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "schedule_runs_once" ON "schedule_runs" USING btree ("schedule_id","due_at");--> statement-breakpoint
CREATE INDEX "schedule_runs_passing" ON "schedule_runs" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "schedules_list" ON "schedules" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "schedules_due" ON "schedules" USING btree ("due_at","id") WHERE "schedules"."due_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "schedules_waiting" ON "schedules" USING btree ("last_session_id") WHERE "schedules"."waiting_since" is not null;