drop function sweep_notices, settle_notices, put_target, notice_days, notice_stop, notice_backoff;
--> statement-breakpoint
drop index budget_days_by_day;
--> statement-breakpoint
drop table budget_notices, notify_targets, notice_place;
