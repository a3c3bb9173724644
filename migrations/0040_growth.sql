DROP INDEX "session_days_user";--> statement-breakpoint
DROP INDEX "agent_sessions_due";--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "look_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "cleared_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "stripped" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "session_days" ADD COLUMN "rests" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "session_inbox" ADD COLUMN "taken_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "workspace_files" ADD COLUMN "superseded_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "agent_sessions_look" ON "agent_sessions" USING btree ("look_at") WHERE "agent_sessions"."look_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "agent_sessions_live" ON "agent_sessions" USING btree ("user_id","due_at") WHERE "agent_sessions"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "agent_sessions_asleep" ON "agent_sessions" USING btree ("user_id","rest_until") WHERE "agent_sessions"."state" = 'sleeping' and "agent_sessions"."sleep_reason" = 'allowance';--> statement-breakpoint
CREATE INDEX "agent_sessions_ended" ON "agent_sessions" USING btree ("completed_at") WHERE "agent_sessions"."state" = 'ended' and not "agent_sessions"."stripped";--> statement-breakpoint
CREATE INDEX "api_keys_revoked" ON "api_keys" USING btree ("revoked_at") WHERE "api_keys"."revoked_at" is not null;--> statement-breakpoint
CREATE INDEX "budget_holds_by_day" ON "budget_holds" USING btree ("day","user_id");--> statement-breakpoint
CREATE INDEX "budget_notices_by_day" ON "budget_notices" USING btree ("day");--> statement-breakpoint
CREATE INDEX "idempotency_keys_passing" ON "idempotency_keys" USING btree ("at") WHERE "idempotency_keys"."scope" <> 'top_up';--> statement-breakpoint
CREATE INDEX "session_days_live" ON "session_days" USING btree ("user_id","day") WHERE not "session_days"."rests" and "session_days"."handed_off" = 0;--> statement-breakpoint
CREATE INDEX "session_days_by_day" ON "session_days" USING btree ("day","session_id");--> statement-breakpoint
CREATE INDEX "session_inbox_taken" ON "session_inbox" USING btree ("taken_at") WHERE "session_inbox"."taken_at" is not null;--> statement-breakpoint
CREATE INDEX "top_ups_by_day" ON "top_ups" USING btree ("user_id","day");--> statement-breakpoint
CREATE INDEX "workspace_files_current" ON "workspace_files" USING btree ("session_id","path" collate "C") WHERE "workspace_files"."superseded_at" is null;--> statement-breakpoint
CREATE INDEX "workspace_files_superseded" ON "workspace_files" USING btree ("superseded_at") WHERE "workspace_files"."superseded_at" is not null;--> statement-breakpoint
CREATE INDEX "agent_sessions_due" ON "agent_sessions" USING btree ("due_at","id") WHERE "agent_sessions"."due_at" < 'infinity';