drop function sweep, claim, held_back, claims_today;
--> statement-breakpoint
alter function sweep_freely rename to sweep;
--> statement-breakpoint
alter function claim_freely rename to claim;
--> statement-breakpoint
drop table session_days, brakes;
