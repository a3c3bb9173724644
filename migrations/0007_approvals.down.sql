-- Questions about calls that wait for a decision are lost: their calls are asked about anew.
DROP TABLE "tool_approvals";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "offer_choices";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "result_schema";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "approvals";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "result_json";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "choices";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "waiting_since";--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "waiting_for";
