-- The budget that a tier gives to a new user is given where he is made. Until now the caller looked first whether he was new: of two operators
-- at once, one with a budget and one without, the second could replace the first one's budget by the tier's.
--
-- As in 0011_shares.sql, and the key firstBudget: the budget of a user who is new, unless the change names one.
create or replace function put_terms(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_answer json;
  v_multiple numeric := (p_change ->> 'maxDailyMultiple')::numeric;
  v_before bigint;
begin
  insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, created_at, updated_at)
    values (p_user, 'standard', coalesce((p_change ->> 'budget')::bigint, (p_change ->> 'firstBudget')::bigint, 0), app_day(p_user), 'auto', app_now(), app_now())
    on conflict do nothing;
  v_answer := put_user(p_user, p_change);
  if p_change -> 'maxDailyMultiple' is null then return v_answer; end if;
  if not exists (select from user_settings where user_id = p_user and max_daily_multiple is distinct from v_multiple) then return v_answer; end if;
  v_before := before_rebudget(p_user);
  update user_settings set max_daily_multiple = v_multiple, updated_at = app_now() where user_id = p_user;
  perform rebudget(p_user, v_before);
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= app_now() and fence = saved_fence));
end $$;
