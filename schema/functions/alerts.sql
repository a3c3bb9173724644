-- Budget alerts: thresholds that a day has passed, once each. They are told to the user's webhooks (webhooks.sql).

-- Looks at up to p_most days, today's and yesterday's (a threshold may be passed just before midnight), and enters the thresholds passed:
--   pace      half the allowance is spent, and at the pace since midnight the ceiling is reached by 18:00 UTC; not once graceful is passed;
--   graceful  90 % of the allowance is spent;
--   ceiling   all of it is (`spent`); or a session sleeps, because the rest is less than its next call and a fifth of the allowance (`asleep`);
--   breaker   more than the ceiling is spent, which ends every session's day as budget_exceeded.
--
-- With more days than p_most the next look continues after the last of them. Of the sleepers it asks the hundred that wake first after that day. Rows
-- are written in order, so that two looks at once lock alike. Answers the users with new alerts.
create or replace function find_day_alerts(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_seconds numeric := extract(epoch from v_now - v_today::timestamp at time zone 'UTC');
  v_after alert_place;
  v_day date;
  v_user text;
  v_users text[];
begin
  select * into v_after from alert_place;
  if v_after.after_day is null or v_after.after_day < v_today - 1 then
    v_after.after_day := v_today - 1;
    v_after.after_user := '';  -- before all users
  end if;
  with page as materialized (
    select * from budget_days where (day, user_id) > (v_after.after_day, v_after.after_user) order by day, user_id limit p_most
  ), met as (
    select d.*, t.threshold, t.reason from page d cross join lateral (values
      ('pace', null, d.allowance > 0 and d.day = v_today and d.spent < graceful_at(d.allowance) and d.spent >= (d.allowance + 1) / 2
        and d.spent::numeric * 64800 >= d.ceiling::numeric * v_seconds),
      ('graceful', null, d.allowance > 0 and d.spent >= graceful_at(d.allowance)),
      ('ceiling', case when d.spent >= d.allowance then 'spent' else 'asleep' end, d.allowance > 0 and d.spent > 0 and (d.spent >= d.allowance
        or exists (select from (select last_checkpoint_at, least_microdollars from agent_sessions where user_id = d.user_id and state = 'sleeping'
            and sleep_reason = 'allowance' and sleep_until >= (d.day + 1)::timestamp at time zone 'UTC' order by sleep_until limit 100) s
          where (s.last_checkpoint_at at time zone 'UTC')::date = d.day
            and d.ceiling - d.spent - d.held < s.least_microdollars + handoff_reserve_of(d.allowance, d.allowance, 0)))),
      ('breaker', 'exceeded', d.spent > d.ceiling)
    ) t(threshold, reason, passed) where t.passed
  ), entered as (
    insert into budget_alerts (user_id, day, threshold, reason, at, allowance, ceiling, spent, held)
      select m.user_id, m.day, m.threshold, m.reason, v_now, m.allowance, m.ceiling, m.spent, m.held
        from met m order by m.user_id, m.day, m.threshold
      on conflict do nothing returning user_id, day, threshold
  ), told as (
    insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, day, threshold, due_at)
      select w.id, alert_id(e.user_id, e.day, e.threshold), e.user_id, 'budget.' || e.threshold, v_now, e.day, e.threshold, v_now
        from entered e join webhooks w on w.user_id = e.user_id and w.enabled and (w.events is null or 'budget.' || e.threshold = any (w.events))
        order by 1, 2
  )
  select l.day, l.user_id, array(select distinct user_id from entered order by 1) into v_day, v_user, v_users
    from (values (true)) one left join (select day, user_id from page order by day, user_id offset p_most - 1 limit 1) l on true;
  update alert_place set after_day = v_day, after_user = v_user where (after_day, after_user) is distinct from (v_day, v_user);
  return v_users;
end $$;

-- While everything is stopped (table operator_limits): a breaker alert (`stopped`) for every user with a session that would otherwise move. Answers these users.
-- It goes from one user to the next, not through all that is due.
create or replace function find_stop_alerts(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_users text[];
begin
  if not (select stopped from operator_limits) then return '{}'; end if;
  with recursive users as (
    (select user_id from agent_sessions where due_at is not null order by user_id limit 1)
    union all
    select (select a.user_id from agent_sessions a where a.user_id > u.user_id and a.due_at is not null order by a.user_id limit 1)
      from users u where u.user_id is not null
  ), entered as (
    insert into budget_alerts (user_id, day, threshold, reason, at, allowance, ceiling, spent, held)
      select s.user_id, v_today, 'breaker', 'stopped', v_now, coalesce(d.allowance, 0), coalesce(d.ceiling, 0), coalesce(d.spent, 0),
          coalesce(d.held, 0)
        from (select user_id from users u where exists (select from agent_sessions a where a.user_id = u.user_id and a.due_at <= v_now)
          and not exists (select from budget_alerts n where n.user_id = u.user_id and n.day = v_today and n.threshold = 'breaker') limit p_most) s
        left join budget_days d on d.user_id = s.user_id and d.day = v_today
        order by 1
      on conflict do nothing returning user_id, day, threshold
  ), told as (
    insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, day, threshold, due_at)
      select w.id, alert_id(e.user_id, e.day, e.threshold), e.user_id, 'budget.' || e.threshold, v_now, e.day, e.threshold, v_now
        from entered e join webhooks w on w.user_id = e.user_id and w.enabled and (w.events is null or 'budget.' || e.threshold = any (w.events))
        order by 1, 2
  )
  select array(select user_id from entered order by 1) into v_users;
  return v_users;
end $$;
