ALTER TABLE "tool_calls" DROP COLUMN "counted";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "searches_on";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "searches";