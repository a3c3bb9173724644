revoke update on user_settings from circadian_person;
--> statement-breakpoint
grant update (cycle_start, subscription_renewal_date) on user_settings to circadian_person;
--> statement-breakpoint
grant insert on top_ups to circadian_person;
--> statement-breakpoint
grant insert, update (allowance, ceiling, revision) on budget_days to circadian_person;
--> statement-breakpoint
drop function import_session;
--> statement-breakpoint
alter function import_freely(text, json, text, text) rename to import_session;
--> statement-breakpoint
alter function import_session(text, json, text, text) security definer set search_path from current;
--> statement-breakpoint

-- top_up as 0003_persons.sql made it.
create or replace function top_up(p_user text, p_amount bigint, p_spread text, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_before bigint;
begin
  if not first_time(p_user, 'top_up', p_key, p_fingerprint) then
    perform 1 from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key and fingerprint = p_fingerprint;
    return case when found then json_build_object('moved', 0) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  v_before := before_rebudget(p_user);
  insert into top_ups (user_id, key, day, amount, spread, at) values (p_user, p_key, app_day(p_user), p_amount, p_spread, app_now());
  return json_build_object('moved', rebudget(p_user, v_before));
end $$;
--> statement-breakpoint

-- today as 0001_money.sql made it.
create or replace function today(p_user text) returns json language plpgsql volatile as $$
begin
  if lock_to_open(p_user) then
    if not exists (select from user_settings where user_id = p_user) then return null; end if;
    perform open_day(p_user);
  end if;
  return last_day(p_user);
end $$;
--> statement-breakpoint
drop function only_his;
