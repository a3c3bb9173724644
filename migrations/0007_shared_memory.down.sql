ALTER TABLE "agent_sessions" DROP COLUMN "memory_name";--> statement-breakpoint
DROP TABLE "memory_entries";--> statement-breakpoint
DROP TABLE "memories";
