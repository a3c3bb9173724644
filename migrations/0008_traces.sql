CREATE TABLE "trace_cursors" (
	"session_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"stretch" json,
	"pending_since" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "trace_export" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"sender" text,
	"sender_until" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"retry_at" timestamp with time zone,
	CONSTRAINT "one_row" CHECK ("trace_export"."one")
);
--> statement-breakpoint
ALTER TABLE "trace_cursors" ADD CONSTRAINT "trace_cursors_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "trace_cursors_pending" ON "trace_cursors" USING btree ("pending_since","session_id") WHERE "trace_cursors"."pending_since" is not null;