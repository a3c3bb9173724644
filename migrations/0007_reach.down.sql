-- Questions about calls that wait for a decision are lost: their calls are asked about anew.
DROP TABLE "tool_approvals";--> statement-breakpoint
DROP INDEX "agent_sessions_completed";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "offer_choices";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "result_schema";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "approvals";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "result_json";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "choices";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "waiting_since";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "waiting_for";--> statement-breakpoint
DROP TABLE "webhook_deliveries";--> statement-breakpoint
DROP TABLE "webhooks";--> statement-breakpoint
DROP TABLE "schedule_runs";--> statement-breakpoint
DROP TABLE "schedules";--> statement-breakpoint
DROP TABLE "inbound_triggers";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "memory_name";--> statement-breakpoint
DROP TABLE "memory_entries";--> statement-breakpoint
DROP TABLE "memories";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "mcp";
