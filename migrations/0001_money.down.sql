drop function record_cost, resolve, enter, usage_count, today, last_day, open_day, lock_to_open, freeze, roll_cycle, renewal_after,
  month_after, app_day, app_now;
--> statement-breakpoint
delete from plan_tiers where name in ('economy', 'standard', 'premium');
--> statement-breakpoint
delete from app_clock;
