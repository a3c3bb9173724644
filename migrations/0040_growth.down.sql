drop index agent_sessions_due;
--> statement-breakpoint
drop index workspace_files_superseded;
--> statement-breakpoint
drop index workspace_files_current;
--> statement-breakpoint
drop index top_ups_by_day;
--> statement-breakpoint
drop index session_inbox_taken;
--> statement-breakpoint
drop index session_days_by_day;
--> statement-breakpoint
drop index session_days_live;
--> statement-breakpoint
drop index idempotency_keys_passing;
--> statement-breakpoint
drop index budget_notices_by_day;
--> statement-breakpoint
drop index budget_holds_by_day;
--> statement-breakpoint
drop index api_keys_revoked;
--> statement-breakpoint
drop index agent_sessions_ended;
--> statement-breakpoint
drop index agent_sessions_asleep;
--> statement-breakpoint
drop index agent_sessions_live;
--> statement-breakpoint
drop index agent_sessions_look;
--> statement-breakpoint
create index agent_sessions_due on agent_sessions using btree (due_at) where due_at < 'infinity';
--> statement-breakpoint
create index session_days_user on session_days using btree (user_id, day);
--> statement-breakpoint
alter table workspace_files drop column superseded_at;
--> statement-breakpoint
alter table session_inbox drop column taken_at;
--> statement-breakpoint
alter table session_days drop column rests;
--> statement-breakpoint
alter table agent_sessions drop column look_at, drop column cleared_at, drop column stripped;
