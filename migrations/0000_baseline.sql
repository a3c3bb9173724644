CREATE TABLE "agent_checkpoints" (
	"session_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"job_id" text,
	"sandbox_id" text,
	"current_phase" text,
	"retry_counts" json NOT NULL,
	"agent_state" json NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "agent_events" (
	"session_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"user_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"type" text NOT NULL,
	"data" json NOT NULL,
	CONSTRAINT "agent_events_session_id_seq_pk" PRIMARY KEY("session_id","seq")
);
--> statement-breakpoint
CREATE TABLE "agent_heads" (
	"id" text PRIMARY KEY NOT NULL,
	"head" json NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "agent_messages" (
	"session_id" text NOT NULL,
	"n" integer NOT NULL,
	"user_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"role" text NOT NULL,
	"content" json NOT NULL,
	CONSTRAINT "agent_messages_session_id_n_pk" PRIMARY KEY("session_id","n"),
	CONSTRAINT "role_known" CHECK ("agent_messages"."role" in ('user', 'assistant'))
);
--> statement-breakpoint
CREATE TABLE "agent_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"state" text DEFAULT 'ready' NOT NULL,
	"desired" text DEFAULT 'run' NOT NULL,
	"fence" bigint DEFAULT 0 NOT NULL,
	"saved_fence" bigint DEFAULT 0 NOT NULL,
	"claimed_by" uuid,
	"lease_until" timestamp with time zone,
	"due_at" timestamp with time zone,
	"hint_at" timestamp with time zone NOT NULL,
	"command_seq" bigint DEFAULT 0 NOT NULL,
	"command_seen" bigint DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"iteration" integer DEFAULT 0 NOT NULL,
	"seq" bigint DEFAULT 0 NOT NULL,
	"msg_n" integer DEFAULT 0 NOT NULL,
	"inbox_n" integer DEFAULT 0 NOT NULL,
	"inbox_taken" integer DEFAULT 0 NOT NULL,
	"cost_microdollars" bigint DEFAULT 0 NOT NULL,
	"least_microdollars" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"last_checkpoint_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	"deleted_at" timestamp with time zone,
	"sleep_until" timestamp with time zone,
	"sleep_reason" text,
	"outcome" text,
	"error_code" text,
	"error_message" text,
	"question" text,
	"result" text,
	"wake_requested" boolean DEFAULT false NOT NULL,
	"wants_microdollars" bigint,
	"look_at" timestamp with time zone,
	"cleared_at" timestamp with time zone,
	"stripped" boolean DEFAULT false NOT NULL,
	"agent" text NOT NULL,
	"tier" text NOT NULL,
	"model" text NOT NULL,
	"on_end_turn" text NOT NULL,
	"max_iterations" integer NOT NULL,
	"max_cost_microdollars" bigint,
	"metadata" json NOT NULL,
	"system" text,
	"goal" text NOT NULL,
	"daily_share_percent" integer,
	"model_ladder" text[] DEFAULT '{}' NOT NULL,
	"effort" text,
	"max_output_tokens" integer,
	CONSTRAINT "state_known" CHECK ("agent_sessions"."state" in ('ready', 'sleeping', 'waiting', 'paused', 'exceeded', 'ended')),
	CONSTRAINT "desired_known" CHECK ("agent_sessions"."desired" in ('run', 'pause', 'cancel')),
	CONSTRAINT "on_end_turn_known" CHECK ("agent_sessions"."on_end_turn" in ('complete', 'wait')),
	CONSTRAINT "due_until_ended" CHECK (("agent_sessions"."state" = 'ended') = ("agent_sessions"."due_at" is null)),
	CONSTRAINT "ended_with_outcome" CHECK (("agent_sessions"."state" = 'ended') = ("agent_sessions"."outcome" is not null)),
	CONSTRAINT "sleeping_with_reason" CHECK (("agent_sessions"."state" = 'sleeping') = ("agent_sessions"."sleep_reason" is not null)),
	CONSTRAINT "sleep_has_an_end" CHECK (("agent_sessions"."state" in ('sleeping', 'exceeded')) = ("agent_sessions"."sleep_until" is not null)),
	CONSTRAINT "saved_by_an_owner" CHECK ("agent_sessions"."saved_fence" <= "agent_sessions"."fence"),
	CONSTRAINT "read_what_was_written" CHECK ("agent_sessions"."inbox_taken" <= "agent_sessions"."inbox_n"),
	CONSTRAINT "share_is_a_part" CHECK ("agent_sessions"."daily_share_percent" between 1 and 100),
	CONSTRAINT "cost_not_negative" CHECK ("agent_sessions"."cost_microdollars" >= 0)
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"name" text,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "api_keys_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "app_clock" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"shift" interval NOT NULL,
	CONSTRAINT "one_row" CHECK ("app_clock"."one")
);
--> statement-breakpoint
CREATE TABLE "operator_limits" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"stopped" boolean DEFAULT false NOT NULL,
	"reason" text,
	"claims_per_day" integer DEFAULT 10000 NOT NULL,
	CONSTRAINT "one_row" CHECK ("operator_limits"."one"),
	CONSTRAINT "claims_positive" CHECK ("operator_limits"."claims_per_day" > 0)
);
--> statement-breakpoint
CREATE TABLE "budget_days" (
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"allowance" bigint NOT NULL,
	"ceiling" bigint NOT NULL,
	"spent" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"revision" bigint DEFAULT 1 NOT NULL,
	"remaining" bigint,
	CONSTRAINT "budget_days_user_id_day_pk" PRIMARY KEY("user_id","day"),
	CONSTRAINT "limits_not_negative" CHECK ("budget_days"."allowance" >= 0 and "budget_days"."ceiling" >= 0),
	CONSTRAINT "spent_not_negative" CHECK ("budget_days"."spent" >= 0),
	CONSTRAINT "held_not_negative" CHECK ("budget_days"."held" >= 0)
);
--> statement-breakpoint
CREATE TABLE "budget_holds" (
	"session_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"n" integer NOT NULL,
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"iteration" integer NOT NULL,
	"prompt_n" integer NOT NULL,
	"model" text NOT NULL,
	"class" text NOT NULL,
	"amount" bigint NOT NULL,
	"ceiling" bigint NOT NULL,
	"committed" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"hand_off" boolean DEFAULT false NOT NULL,
	CONSTRAINT "budget_holds_session_id_fence_n_pk" PRIMARY KEY("session_id","fence","n"),
	CONSTRAINT "amount_positive" CHECK ("budget_holds"."amount" > 0),
	CONSTRAINT "within_the_ceiling" CHECK ("budget_holds"."committed" <= "budget_holds"."ceiling"),
	CONSTRAINT "class_known" CHECK ("budget_holds"."class" in ('held', 'unknown', 'settled'))
);
--> statement-breakpoint
CREATE TABLE "budget_alerts" (
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"threshold" text NOT NULL,
	"reason" text,
	"at" timestamp with time zone NOT NULL,
	"allowance" bigint NOT NULL,
	"ceiling" bigint NOT NULL,
	"spent" bigint NOT NULL,
	"held" bigint NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	"error" text,
	CONSTRAINT "budget_alerts_user_id_day_threshold_pk" PRIMARY KEY("user_id","day","threshold"),
	CONSTRAINT "threshold_known" CHECK ("budget_alerts"."threshold" in ('pace', 'graceful', 'ceiling', 'breaker')),
	CONSTRAINT "delivered_once" CHECK ("budget_alerts"."delivered_at" is null or "budget_alerts"."due_at" is null)
);
--> statement-breakpoint
CREATE TABLE "alert_place" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"after_day" date,
	"after_user" text,
	CONSTRAINT "one_place" CHECK ("alert_place"."one")
);
--> statement-breakpoint
CREATE TABLE "notify_targets" (
	"user_id" text PRIMARY KEY NOT NULL,
	"url" text,
	"secret" text NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"user_id" text NOT NULL,
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"session_id" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_user_id_scope_key_pk" PRIMARY KEY("user_id","scope","key")
);
--> statement-breakpoint
CREATE TABLE "session_days" (
	"session_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"fence" bigint NOT NULL,
	"spent" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"handed_off" bigint DEFAULT 0 NOT NULL,
	"last_call" bigint DEFAULT 0 NOT NULL,
	"done_for_day" boolean DEFAULT false NOT NULL,
	"outage" boolean DEFAULT false NOT NULL,
	"refusals" jsonb
);
--> statement-breakpoint
CREATE TABLE "session_inbox" (
	"session_id" text NOT NULL,
	"n" integer NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"content" text NOT NULL,
	"taken_at" timestamp with time zone,
	CONSTRAINT "session_inbox_session_id_n_pk" PRIMARY KEY("session_id","n")
);
--> statement-breakpoint
CREATE TABLE "tool_calls" (
	"session_id" text NOT NULL,
	"message_n" integer NOT NULL,
	"position" integer NOT NULL,
	"user_id" text NOT NULL,
	"call_id" text NOT NULL,
	"name" text NOT NULL,
	"input" json NOT NULL,
	"started_by" bigint,
	"done_at" timestamp with time zone,
	CONSTRAINT "tool_calls_session_id_message_n_position_pk" PRIMARY KEY("session_id","message_n","position")
);
--> statement-breakpoint
CREATE TABLE "top_ups" (
	"user_id" text NOT NULL,
	"key" text NOT NULL,
	"day" date NOT NULL,
	"amount" bigint NOT NULL,
	"spread" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"committed" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "top_ups_user_id_key_pk" PRIMARY KEY("user_id","key"),
	CONSTRAINT "top_up_positive" CHECK ("top_ups"."amount" > 0),
	CONSTRAINT "spread_known" CHECK ("top_ups"."spread" in ('today', 'cycle'))
);
--> statement-breakpoint
CREATE TABLE "usage_ledger" (
	"user_id" text NOT NULL,
	"session_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"n" integer NOT NULL,
	"day" date NOT NULL,
	"iteration" integer NOT NULL,
	"model" text NOT NULL,
	"kind" text,
	"class" text NOT NULL,
	"cost" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"cache_read_tokens" bigint NOT NULL,
	"cache_write_5m_tokens" bigint NOT NULL,
	"cache_write_1h_tokens" bigint NOT NULL,
	"searches" bigint NOT NULL,
	"tools" text[] NOT NULL,
	"usage" json,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "usage_ledger_user_id_session_id_fence_n_pk" PRIMARY KEY("user_id","session_id","fence","n"),
	CONSTRAINT "ledger_cost_not_negative" CHECK ("usage_ledger"."cost" >= 0),
	CONSTRAINT "ledger_class_known" CHECK ("usage_ledger"."class" in ('unknown', 'settled'))
);
--> statement-breakpoint
CREATE TABLE "user_outages" (
	"user_id" text PRIMARY KEY NOT NULL,
	"doubts" integer NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"session_id" text,
	"least" bigint,
	"probe_session" text,
	"probe_fence" bigint,
	"probe_n" integer,
	CONSTRAINT "doubts_positive" CHECK ("user_outages"."doubts" > 0)
);
--> statement-breakpoint
CREATE TABLE "user_settings" (
	"user_id" text PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"subscription_budget_microdollars" bigint NOT NULL,
	"cycle_start" date NOT NULL,
	"subscription_renewal_date" date,
	"renewal_anchor_day" integer,
	"wake_policy" text NOT NULL,
	"max_daily_multiple" numeric(6, 2),
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"carried_microdollars" bigint DEFAULT 0 NOT NULL,
	"prior_cycle_start" date,
	"prior_carried_microdollars" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "budget_not_negative" CHECK ("user_settings"."subscription_budget_microdollars" >= 0),
	CONSTRAINT "wake_policy_known" CHECK ("user_settings"."wake_policy" in ('auto', 'manual')),
	CONSTRAINT "multiple_at_least_one" CHECK ("user_settings"."max_daily_multiple" >= 1),
	CONSTRAINT "anchor_is_a_day" CHECK ("user_settings"."renewal_anchor_day" between 1 and 31),
	CONSTRAINT "anchor_with_date" CHECK (("user_settings"."subscription_renewal_date" is null) = ("user_settings"."renewal_anchor_day" is null)),
	CONSTRAINT "carried_not_negative" CHECK ("user_settings"."carried_microdollars" >= 0 and "user_settings"."prior_carried_microdollars" >= 0),
	CONSTRAINT "cycle_ends_after_it_starts" CHECK ("user_settings"."subscription_renewal_date" > "user_settings"."cycle_start")
);
--> statement-breakpoint
CREATE TABLE "workspace_files" (
	"session_id" text NOT NULL,
	"path" text NOT NULL,
	"iteration" integer NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"mode" integer NOT NULL,
	"content" "bytea",
	"superseded_at" timestamp with time zone,
	CONSTRAINT "workspace_files_session_id_path_iteration_pk" PRIMARY KEY("session_id","path","iteration")
);
--> statement-breakpoint
ALTER TABLE "agent_checkpoints" ADD CONSTRAINT "agent_checkpoints_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent_events" ADD CONSTRAINT "agent_events_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent_messages" ADD CONSTRAINT "agent_messages_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD CONSTRAINT "agent_sessions_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_days" ADD CONSTRAINT "budget_days_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_holds" ADD CONSTRAINT "budget_holds_day" FOREIGN KEY ("user_id","day") REFERENCES "public"."budget_days"("user_id","day") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budget_alerts" ADD CONSTRAINT "budget_alerts_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notify_targets" ADD CONSTRAINT "notify_targets_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_days" ADD CONSTRAINT "session_days_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session_inbox" ADD CONSTRAINT "session_inbox_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tool_calls" ADD CONSTRAINT "tool_calls_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_ledger" ADD CONSTRAINT "usage_ledger_day" FOREIGN KEY ("user_id","day") REFERENCES "public"."budget_days"("user_id","day") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_outages" ADD CONSTRAINT "user_outages_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_files" ADD CONSTRAINT "workspace_files_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_sessions_list" ON "agent_sessions" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "agent_sessions_due" ON "agent_sessions" USING btree ("due_at","id") WHERE "agent_sessions"."due_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "agent_sessions_wanting" ON "agent_sessions" USING btree ("user_id","wants_microdollars") WHERE "agent_sessions"."wants_microdollars" is not null;--> statement-breakpoint
CREATE INDEX "agent_sessions_look" ON "agent_sessions" USING btree ("look_at") WHERE "agent_sessions"."look_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "agent_sessions_live" ON "agent_sessions" USING btree ("user_id","due_at") WHERE "agent_sessions"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "agent_sessions_asleep" ON "agent_sessions" USING btree ("user_id","sleep_until") WHERE "agent_sessions"."state" = 'sleeping' and "agent_sessions"."sleep_reason" = 'allowance';--> statement-breakpoint
CREATE INDEX "agent_sessions_ended" ON "agent_sessions" USING btree ("completed_at") WHERE "agent_sessions"."state" = 'ended' and not "agent_sessions"."stripped";--> statement-breakpoint
CREATE INDEX "agent_sessions_deleted" ON "agent_sessions" USING btree ("deleted_at") WHERE "agent_sessions"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "api_keys_user" ON "api_keys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "api_keys_revoked" ON "api_keys" USING btree ("revoked_at") WHERE "api_keys"."revoked_at" is not null;--> statement-breakpoint
CREATE INDEX "budget_days_by_day" ON "budget_days" USING btree ("day","user_id");--> statement-breakpoint
CREATE INDEX "budget_holds_by_day" ON "budget_holds" USING btree ("day","user_id");--> statement-breakpoint
CREATE INDEX "budget_holds_open" ON "budget_holds" USING btree ("session_id") WHERE "budget_holds"."class" = 'held';--> statement-breakpoint
CREATE INDEX "budget_alerts_by_day" ON "budget_alerts" USING btree ("day");--> statement-breakpoint
CREATE INDEX "budget_alerts_due" ON "budget_alerts" USING btree ("due_at") WHERE "budget_alerts"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "idempotency_keys_passing" ON "idempotency_keys" USING btree ("at") WHERE "idempotency_keys"."scope" <> 'top_up';--> statement-breakpoint
CREATE INDEX "session_days_live" ON "session_days" USING btree ("user_id","day") WHERE not "session_days"."done_for_day" and "session_days"."handed_off" = 0;--> statement-breakpoint
CREATE INDEX "session_days_by_day" ON "session_days" USING btree ("day","session_id");--> statement-breakpoint
CREATE INDEX "session_days_outage" ON "session_days" USING btree ("user_id") WHERE "session_days"."outage";--> statement-breakpoint
CREATE INDEX "session_inbox_taken" ON "session_inbox" USING btree ("taken_at") WHERE "session_inbox"."taken_at" is not null;--> statement-breakpoint
CREATE INDEX "tool_calls_open" ON "tool_calls" USING btree ("session_id") WHERE "tool_calls"."done_at" is null;--> statement-breakpoint
CREATE INDEX "top_ups_by_day" ON "top_ups" USING btree ("user_id","day");--> statement-breakpoint
CREATE INDEX "usage_ledger_by_day" ON "usage_ledger" USING btree ("user_id","day");--> statement-breakpoint
CREATE INDEX "usage_ledger_by_iteration" ON "usage_ledger" USING btree ("user_id","session_id" collate "C","iteration");--> statement-breakpoint
CREATE INDEX "usage_ledger_doubts" ON "usage_ledger" USING btree ("at") WHERE "usage_ledger"."class" = 'unknown';--> statement-breakpoint
CREATE INDEX "usage_ledger_at" ON "usage_ledger" USING brin ("at");--> statement-breakpoint
CREATE INDEX "workspace_files_current" ON "workspace_files" USING btree ("session_id","path" collate "C") WHERE "workspace_files"."superseded_at" is null;--> statement-breakpoint
CREATE INDEX "workspace_files_superseded" ON "workspace_files" USING btree ("superseded_at") WHERE "workspace_files"."superseded_at" is not null;--> statement-breakpoint
-- What drizzle cannot say. Many updates a second to the same few rows: leave room for their next versions on the same page.
ALTER TABLE "agent_sessions" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "agent_checkpoints" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "budget_days" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "session_days" SET (fillfactor = 70);--> statement-breakpoint
-- The tables of one row each.
INSERT INTO "app_clock" ("shift") VALUES ('0');--> statement-breakpoint
INSERT INTO "operator_limits" DEFAULT VALUES;--> statement-breakpoint
INSERT INTO "alert_place" DEFAULT VALUES;
