ALTER TABLE "agent_sessions" ADD COLUMN "searches" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "searches_on" date;--> statement-breakpoint
ALTER TABLE "tool_calls" ADD COLUMN "counted" boolean DEFAULT false NOT NULL;