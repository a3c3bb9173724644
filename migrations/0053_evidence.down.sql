drop function settle_down(text, json);
--> statement-breakpoint
DROP INDEX "usage_ledger_at";
--> statement-breakpoint
DROP INDEX "usage_ledger_doubts";
