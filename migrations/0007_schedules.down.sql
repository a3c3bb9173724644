DROP TABLE "schedule_runs";--> statement-breakpoint
DROP TABLE "schedules";--> statement-breakpoint
DROP TABLE "inbound_triggers";
