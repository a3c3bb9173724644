-- A user's days, and a session's part of them.

-- Computes allowance and ceiling of a day, when the day opens and again after a top-up or a change of plan. Spending never changes them. The carried
-- money is counted anew each time, because the last holds of the cycle before may have settled since. The caller has locked the user. Locks the user's last day: that closes it, because reserve admits
-- nothing on a day that has a successor. So no hold can slip in behind the sums.
create or replace function compute_day(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
begin
  perform 1 from budget_days where user_id = p_user order by day desc limit 1 for no key update;
  perform roll_cycle(p_user, p_day);
  select * into u from user_settings where user_id = p_user;
  if u.prior_cycle_start is not null then
    update user_settings set carried_microdollars = carried.now
      from (select least(largest_sum(), top_ups_left(p_user, u.prior_carried_microdollars, u.prior_cycle_start, u.cycle_start - 1, u.cycle_start)) as now) carried
      where user_id = p_user and carried_microdollars <> carried.now;
  end if;
  insert into budget_days (user_id, day, allowance, ceiling, remaining) select p_user, p_day, r.allowance, r.ceiling, r.remaining from day_limits(p_user, p_day) r
    on conflict (user_id, day) do update
      set allowance = excluded.allowance, ceiling = excluded.ceiling, remaining = excluded.remaining, revision = budget_days.revision + 1;
end $$;

-- First half of opening a day in a request that also locks sessions: locks the user if today has no row yet. True: it had none.
create or replace function lock_to_open(p_user text) returns boolean language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
begin
  if exists (select from budget_days where user_id = p_user and day = v_day) then return false; end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  return true;
end $$;

-- Second half, once the sessions are locked: opens today, unless another request did it meanwhile. The caller has locked the user.
create or replace function open_day(p_user text) returns void language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
begin
  if not exists (select from budget_days where user_id = p_user and day = v_day) then
    perform compute_day(p_user, v_day);
  end if;
end $$;

-- The user's last frozen day, as the core's Day.
create or replace function last_day(p_user text) returns json language plpgsql stable as $$
begin
  return (select json_build_object('date', d.day, 'allowance', d.allowance::text, 'ceiling', d.ceiling::text, 'spent', d.spent::text,
      'held', d.held::text, 'resetsAt', (d.day + 1)::timestamp at time zone 'UTC', 'revision', d.revision,
      'cycle', case when d.remaining is not null then json_build_object('remaining', d.remaining::text, 'renews', u.subscription_renewal_date,
        'daysLeft', days_until(u.subscription_renewal_date, d.day)) end)
    from budget_days d join user_settings u on u.user_id = d.user_id where d.user_id = p_user order by d.day desc limit 1);
end $$;

-- Today as the core's Day; opens it first if it has no row. Null: no such user. Locks the user, on the first question of a day only.
create or replace function today(p_user text) returns json language plpgsql volatile as $$
begin
  perform assert_current_user(p_user);
  if lock_to_open(p_user) then
    if not exists (select from user_settings where user_id = p_user) then return null; end if;
    perform open_day(p_user);
  end if;
  return last_day(p_user);
end $$;

-- Today as `today` would answer it, for a reader who looks at many users and is to open no day: what opening it wrote is taken back, its locks with it.
create or replace function preview_day(p_user text) returns json language plpgsql volatile as $$
declare
  v_day json;
begin
  if exists (select from budget_days where user_id = p_user and day = app_day(p_user)) then return last_day(p_user); end if;
  begin
    v_day := today(p_user);
    raise sqlstate 'CD001';
  exception
    when sqlstate 'CD001' then return v_day;
  end;
end $$;

-- The session's row of its last day; a new day clears it. The caller has locked the session.
create or replace function session_day(s agent_sessions, p_day date) returns session_days language plpgsql volatile as $$
declare
  o session_days;
begin
  insert into session_days as d (session_id, user_id, day, fence) values (s.id, s.user_id, p_day, greatest(0, s.fence - 1))
    on conflict (session_id) do update set day = excluded.day, fence = excluded.fence, spent = 0, held = 0, handed_off = 0, last_call = 0, done_for_day = false
      where d.day < excluded.day;
  select * into o from session_days where session_id = s.id and day = p_day;
  return o;
end $$;

-- The user's last frozen day as the core's Day. For a session that may use only a share of each day, that share comes with it, and what of the day is
-- kept for the hand-offs of other sessions.
create or replace function day_for_session(s agent_sessions) returns json language plpgsql volatile as $$
declare
  d budget_days;
  o session_days;
begin
  if s.daily_share_percent is null then return last_day(s.user_id); end if;
  select * into d from budget_days where user_id = s.user_id order by day desc limit 1;
  select * into o from session_days where session_id = s.id and day = d.day;
  return (last_day(s.user_id)::jsonb || jsonb_build_object('kept', handoff_reserve(s, d, 0, true)::text, 'share', jsonb_build_object(
    'allowance', share_of(d.allowance, s.daily_share_percent)::text, 'ceiling', share_of(d.ceiling, s.daily_share_percent)::text,
    'spent', coalesce(o.spent, 0)::text, 'held', coalesce(o.held, 0)::text)))::json;
end $$;
