-- The terms and the money of a user. Sessions that sleep for want of money move when it comes.

-- Before a budget changes: today's ceiling, as it is or would be. The caller has locked the user. It locks no day, because sessions come before days (R3).
create or replace function before_rebudget(p_user text) returns bigint language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
  v_ceiling bigint;
begin
  perform roll_cycle(p_user, v_day);
  select ceiling into v_ceiling from budget_days where user_id = p_user and day = v_day;
  return coalesce(v_ceiling, (select r.ceiling from day_limits(p_user, v_day) r));
end $$;

-- After a budget changed: computes today anew and answers how many sessions became due. Every session with an owner learns of it, because that owner may
-- be about to rest for want of money. If the ceiling rose, those sessions move whose least the free money reaches. The caller has locked the user. Locks
-- these sessions by id, then the day.
create or replace function rebudget(p_user text, p_ceiling_before bigint) returns int language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_day date := app_day(p_user);
  v_most bigint;
  v_free bigint;
  v_ids text[];
  v_moved int;
  d budget_days;
begin
  perform roll_cycle(p_user, v_day);
  v_most := (select r.ceiling from day_limits(p_user, v_day) r) - coalesce((select spent from budget_days where user_id = p_user and day = v_day), 0);
  with found as (
    select id from agent_sessions where id in (
      select id from agent_sessions where user_id = p_user and due_at <= v_now and due_at < 'infinity'
      union all select id from agent_sessions where user_id = p_user and wants_microdollars <= v_most)
      order by id for no key update
  ) select array_agg(id) into v_ids from found;
  perform compute_day(p_user, v_day);
  select * into d from budget_days where user_id = p_user order by day desc limit 1;
  v_free := case when d.ceiling > p_ceiling_before then d.ceiling - d.spent - d.held else 0 end;
  update agent_sessions set command_seq = command_seq + 1 where id = any(v_ids) and fence > saved_fence;
  update agent_sessions set command_seq = command_seq + 1, due_at = v_now, hint_at = '-infinity', updated_at = v_now
    where id = any(v_ids) and fence = saved_fence and due_at > v_now and wants_microdollars <= v_free;
  get diagnostics v_moved = row_count;
  return v_moved;
end $$;

-- Creates or changes a user. Only the keys present in p_change count: tier, budget, firstBudget (of a new user, unless `budget` is there), renewalDate
-- (null: none), wakePolicy, maxDailyMultiple (null: no limit). A new renewal date moves the end of the cycle, past today, and never what was spent
-- in it (R9).
--
-- Answers {nudged}: some sessions of the user are due, also to a repeat; or {tooMuch}: what the user has beside the plan and the largest plan
-- possible, and nothing was changed. Locks the user, then sessions, then days.
create or replace function put_user(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_day date := app_day(p_user);
  v_plan numeric := (p_change ->> 'budget')::numeric;
  v_beside numeric;
  v_before bigint;
  was user_settings;
  u user_settings;
begin
  if coalesce(v_plan, (p_change ->> 'firstBudget')::numeric, 0) <= largest_sum() then
    insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, created_at, updated_at)
      values (p_user, 'standard', coalesce((p_change ->> 'budget')::bigint, (p_change ->> 'firstBudget')::bigint, 0), v_day, 'auto', v_now, v_now)
      on conflict do nothing;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  v_now := app_now();
  v_day := app_day(p_user);
  v_before := before_rebudget(p_user);
  select * into was from user_settings where user_id = p_user;
  v_beside := coalesce(cycle_money(p_user) - was.subscription_budget_microdollars, 0);
  if was.user_id is null or v_plan > 0 and v_plan + v_beside > largest_sum() then
    return json_build_object('tooMuch', json_build_object('has', v_beside::text, 'most', greatest(0, largest_sum() - v_beside)::text));
  end if;
  u := was;
  u.tier := coalesce(p_change ->> 'tier', u.tier);
  u.wake_policy := coalesce(p_change ->> 'wakePolicy', u.wake_policy);
  u.subscription_budget_microdollars := coalesce((p_change ->> 'budget')::bigint, u.subscription_budget_microdollars);
  if p_change -> 'renewalDate' is not null then
    u.renewal_anchor_day := extract(day from (p_change ->> 'renewalDate')::date);
    u.subscription_renewal_date := next_renewal((p_change ->> 'renewalDate')::date, u.renewal_anchor_day, v_day);
  end if;
  if p_change -> 'maxDailyMultiple' is not null then
    u.max_daily_multiple := (p_change ->> 'maxDailyMultiple')::numeric;
  end if;
  if u is distinct from was then
    update user_settings
      set tier = u.tier, wake_policy = u.wake_policy, subscription_budget_microdollars = u.subscription_budget_microdollars,
        subscription_renewal_date = u.subscription_renewal_date, renewal_anchor_day = u.renewal_anchor_day,
        max_daily_multiple = u.max_daily_multiple, updated_at = v_now
      where user_id = p_user;
  end if;
  -- Under `auto`, sessions that waited for a user may now sleep until midnight, and those that asked for money try again every morning.
  if p_change ->> 'wakePolicy' = 'auto' then
    update agent_sessions set command_seq = command_seq + 1, due_at = v_now, hint_at = '-infinity', updated_at = v_now
      where user_id = p_user and due_at = 'infinity'
        and (was.wake_policy = 'manual' and state in ('sleeping', 'exceeded') or state = 'waiting' and wants_microdollars is not null);
  end if;
  if (u.subscription_budget_microdollars, u.subscription_renewal_date, u.max_daily_multiple)
    is distinct from (was.subscription_budget_microdollars, was.subscription_renewal_date, was.max_daily_multiple) then
    perform rebudget(p_user, v_before);
  end if;
  perform open_day(p_user);
  v_now := app_now();
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= v_now and due_at < 'infinity' and fence = saved_fence));
end $$;

-- Adds money for today or for the cycle, in microdollars, once per key. Answers {moved}: how many sessions became due, none for a repeat; {conflict}:
-- the key stands for another request; {tooMuch}: what the user has and may still add, and the key stays free. Locks the key, the user, sessions, days.
create or replace function top_up(p_user text, p_amount bigint, p_spread text, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_day date;
  v_has numeric;
  v_before bigint;
begin
  perform assert_current_user(p_user);
  if not take_idempotency_key(p_user, 'top_up', p_key, p_fingerprint) then
    perform 1 from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key and fingerprint = p_fingerprint;
    return case when found then json_build_object('moved', 0) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  v_day := app_day(p_user);
  v_before := before_rebudget(p_user);
  v_has := cycle_money(p_user);
  if v_has + p_amount > largest_sum() then
    delete from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key;
    return json_build_object('tooMuch', json_build_object('has', v_has::text, 'most', greatest(0, largest_sum() - v_has)::text));
  end if;
  insert into top_ups (user_id, key, day, amount, spread, at, committed) values (p_user, p_key, v_day, p_amount, p_spread, app_now(),
    coalesce((select spent + held from budget_days where user_id = p_user and day = v_day), 0));
  return json_build_object('moved', rebudget(p_user, v_before));
end $$;
