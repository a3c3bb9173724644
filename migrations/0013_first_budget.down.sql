-- put_terms as 0011_shares.sql made it.
create or replace function put_terms(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_answer json := put_user(p_user, p_change);
  v_multiple numeric := (p_change ->> 'maxDailyMultiple')::numeric;
  v_before bigint;
begin
  if p_change -> 'maxDailyMultiple' is null then return v_answer; end if;
  if not exists (select from user_settings where user_id = p_user and max_daily_multiple is distinct from v_multiple) then return v_answer; end if;
  v_before := before_rebudget(p_user);
  update user_settings set max_daily_multiple = v_multiple, updated_at = app_now() where user_id = p_user;
  perform rebudget(p_user, v_before);
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= app_now() and fence = saved_fence));
end $$;
