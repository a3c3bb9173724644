ALTER TABLE "agent_events" DROP COLUMN "iteration";
