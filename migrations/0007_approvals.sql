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
ALTER TABLE "agent_sessions" ADD COLUMN "waiting_for" text;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "waiting_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "choices" text[];--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "result_json" json;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "approvals" text[];--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "result_schema" json;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "offer_choices" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "tool_approvals" ADD CONSTRAINT "tool_approvals_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tool_approvals_open" ON "tool_approvals" USING btree ("session_id") WHERE "tool_approvals"."decision" is null;--> statement-breakpoint
CREATE INDEX "agent_sessions_waiting" ON "agent_sessions" USING btree ("user_id","waiting_since","id") WHERE "agent_sessions"."state" = 'waiting';