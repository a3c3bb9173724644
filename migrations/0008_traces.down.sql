DROP TABLE "trace_cursors";--> statement-breakpoint
DROP TABLE "trace_export";
