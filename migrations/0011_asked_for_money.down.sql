drop function put_user;
--> statement-breakpoint
alter function change_user rename to put_user;
--> statement-breakpoint
-- rebudget as 0003_persons.sql made it.
create or replace function rebudget(p_user text, p_ceiling_before bigint) returns int language plpgsql volatile as $$
declare
  d budget_days;
  v_free bigint;
  v_moved int;
begin
  perform freeze(p_user, app_day(p_user));
  select * into d from budget_days where user_id = p_user order by day desc limit 1;
  v_free := case when d.ceiling > p_ceiling_before then d.ceiling - d.spent - d.held else 0 end;
  update agent_sessions set nudges = nudges + 1 where user_id = p_user and state <> 'ended';
  update agent_sessions set due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
    where user_id = p_user and due_at > app_now() and v_free >= greatest(least_microdollars, 1)
      and (state = 'exceeded' or state = 'sleeping' and sleep_reason = 'allowance' or state = 'waiting' and due_at < 'infinity');
  get diagnostics v_moved = row_count;
  return v_moved;
end $$;
--> statement-breakpoint
drop function wants_money;
