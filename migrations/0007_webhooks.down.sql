DROP TABLE "webhook_deliveries";--> statement-breakpoint
DROP TABLE "webhooks";
