CREATE TABLE "workspace_inbox" (
	"session_id" text NOT NULL,
	"path" text NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"mode" integer NOT NULL,
	"bytes" integer,
	"content" "bytea",
	"taken" boolean DEFAULT false NOT NULL,
	CONSTRAINT "workspace_inbox_session_id_path_pk" PRIMARY KEY("session_id","path")
);
--> statement-breakpoint
ALTER TABLE "workspace_inbox" ADD CONSTRAINT "workspace_inbox_session_id_agent_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."agent_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "workspace_inbox_untaken" ON "workspace_inbox" USING btree ("session_id","path" collate "C") WHERE not "workspace_inbox"."taken";