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
	"nudges" bigint DEFAULT 0 NOT NULL,
	"seen" bigint DEFAULT 0 NOT NULL,
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
	"rest_until" timestamp with time zone,
	"sleep_reason" text,
	"outcome" text,
	"error_code" text,
	"error_message" text,
	"question" text,
	"result" text,
	"agent" text NOT NULL,
	"tier" text NOT NULL,
	"model" text NOT NULL,
	"on_end_turn" text NOT NULL,
	"max_iterations" integer NOT NULL,
	"max_cost_microdollars" bigint,
	"metadata" json NOT NULL,
	"system" text,
	"goal" text NOT NULL,
	CONSTRAINT "state_known" CHECK ("agent_sessions"."state" in ('ready', 'sleeping', 'waiting', 'paused', 'exceeded', 'ended')),
	CONSTRAINT "desired_known" CHECK ("agent_sessions"."desired" in ('run', 'pause', 'cancel')),
	CONSTRAINT "on_end_turn_known" CHECK ("agent_sessions"."on_end_turn" in ('complete', 'wait')),
	CONSTRAINT "due_until_ended" CHECK (("agent_sessions"."state" = 'ended') = ("agent_sessions"."due_at" is null)),
	CONSTRAINT "ended_with_outcome" CHECK (("agent_sessions"."state" = 'ended') = ("agent_sessions"."outcome" is not null)),
	CONSTRAINT "sleeping_with_reason" CHECK (("agent_sessions"."state" = 'sleeping') = ("agent_sessions"."sleep_reason" is not null)),
	CONSTRAINT "rest_has_an_end" CHECK (("agent_sessions"."state" in ('sleeping', 'exceeded')) = ("agent_sessions"."rest_until" is not null)),
	CONSTRAINT "saved_by_an_owner" CHECK ("agent_sessions"."saved_fence" <= "agent_sessions"."fence"),
	CONSTRAINT "read_what_was_written" CHECK ("agent_sessions"."inbox_taken" <= "agent_sessions"."inbox_n"),
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
	CONSTRAINT "api_keys_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "app_clock" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"shift" interval NOT NULL,
	CONSTRAINT "one_row" CHECK ("app_clock"."one")
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
	CONSTRAINT "budget_holds_session_id_fence_n_pk" PRIMARY KEY("session_id","fence","n"),
	CONSTRAINT "amount_positive" CHECK ("budget_holds"."amount" > 0),
	CONSTRAINT "within_the_ceiling" CHECK ("budget_holds"."committed" <= "budget_holds"."ceiling"),
	CONSTRAINT "class_known" CHECK ("budget_holds"."class" in ('held', 'unknown', 'settled'))
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
CREATE TABLE "plan_tiers" (
	"name" text PRIMARY KEY NOT NULL,
	"model" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session_inbox" (
	"session_id" text NOT NULL,
	"n" integer NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"content" text NOT NULL,
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
CREATE TABLE "user_settings" (
	"user_id" text PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"subscription_budget_microdollars" bigint NOT NULL,
	"cycle_start" date NOT NULL,
	"subscription_renewal_date" date,
	"renewal_anchor_day" integer,
	"wake_policy" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "budget_not_negative" CHECK ("user_settings"."subscription_budget_microdollars" >= 0),
	CONSTRAINT "wake_policy_known" CHECK ("user_settings"."wake_policy" in ('auto', 'manual')),
	CONSTRAINT "anchor_is_a_day" CHECK ("user_settings"."renewal_anchor_day" between 1 and 31),
	CONSTRAINT "anchor_with_date" CHECK (("user_settings"."subscription_renewal_date" is null) = ("user_settings"."renewal_anchor_day" is null)),
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
ALTER TABLE "session_inbox" ADD CONSTRAINT "session_inbox_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tool_calls" ADD CONSTRAINT "tool_calls_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_user_id_user_settings_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user_settings"("user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_ledger" ADD CONSTRAINT "usage_ledger_day" FOREIGN KEY ("user_id","day") REFERENCES "public"."budget_days"("user_id","day") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_files" ADD CONSTRAINT "workspace_files_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_sessions_list" ON "agent_sessions" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "agent_sessions_due" ON "agent_sessions" USING btree ("due_at") WHERE "agent_sessions"."due_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "agent_sessions_deleted" ON "agent_sessions" USING btree ("deleted_at") WHERE "agent_sessions"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "api_keys_user" ON "api_keys" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "budget_holds_open" ON "budget_holds" USING btree ("session_id") WHERE "budget_holds"."class" = 'held';--> statement-breakpoint
CREATE INDEX "tool_calls_open" ON "tool_calls" USING btree ("session_id") WHERE "tool_calls"."done_at" is null;--> statement-breakpoint
CREATE INDEX "usage_ledger_by_day" ON "usage_ledger" USING btree ("user_id","day");