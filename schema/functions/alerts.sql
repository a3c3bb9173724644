-- Budget alerts: thresholds that a day has passed, once each, and the outbox they are sent from.

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
    insert into budget_alerts (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select m.user_id, m.day, m.threshold, m.reason, v_now, m.allowance, m.ceiling, m.spent, m.held, case when t.url is not null then v_now end
        from met m left join notify_targets t using (user_id) order by m.user_id, m.day, m.threshold
      on conflict do nothing returning user_id
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
    insert into budget_alerts (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select s.user_id, v_today, 'breaker', 'stopped', v_now, coalesce(d.allowance, 0), coalesce(d.ceiling, 0), coalesce(d.spent, 0),
          coalesce(d.held, 0), case when t.url is not null then v_now end
        from (select user_id from users u where exists (select from agent_sessions a where a.user_id = u.user_id and a.due_at <= v_now)
          and not exists (select from budget_alerts n where n.user_id = u.user_id and n.day = v_today and n.threshold = 'breaker') limit p_most) s
        left join budget_days d on d.user_id = s.user_id and d.day = v_today left join notify_targets t on t.user_id = s.user_id
        order by 1
      on conflict do nothing returning user_id
  )
  select array(select user_id from entered order by 1) into v_users;
  return v_users;
end $$;

-- After how long the p_attempt-th try is repeated, a day in all. The eighth try is the last, and its answer is waited for so long.
create or replace function alert_backoff(p_attempt int) returns interval language sql immutable as $$
  select (array['1 min', '5 min', '30 min', '2 h', '5 h', '8 h', '8 h', '10 min']::interval[])[p_attempt]
$$;

-- Looks at p_days days (0: none), names the users with something new, and hands out up to p_limit alerts that are due. Each counts as tried from now on
-- and comes up again after its backoff, unless settle_alerts says otherwise: a sender that dies delays an alert and loses none. `nextDue`: when
-- the next alert is due, those just handed out included.
create or replace function sweep_alerts(p_days int, p_limit int) returns json language plpgsql volatile as $$
declare
  v_due json;
  v_raised text[] := '{}';
begin
  if p_days > 0 then v_raised := find_day_alerts(p_days) || find_stop_alerts(p_days); end if;
  update budget_alerts set due_at = null where due_at <= app_now() and alert_backoff(attempts + 1) is null;  -- no word of its last try
  with picked as (
    select user_id, day, threshold from budget_alerts where due_at <= app_now() order by due_at limit p_limit for no key update skip locked
  ), tried as (
    update budget_alerts n set attempts = attempts + 1, due_at = app_now() + alert_backoff(attempts + 1)
      from picked p where n.user_id = p.user_id and n.day = p.day and n.threshold = p.threshold returning n.*
  )
  select coalesce(json_agg(json_build_object('userId', n.user_id, 'day', n.day, 'threshold', n.threshold, 'reason', n.reason, 'at', n.at,
      'allowance', n.allowance::text, 'ceiling', n.ceiling::text, 'spent', n.spent::text, 'held', n.held::text,
      'attempt', n.attempts, 'url', t.url, 'secret', t.secret) order by n.day, n.user_id, n.threshold), '[]') into v_due
    from tried n join notify_targets t on t.user_id = n.user_id and t.url is not null;
  return json_build_object('raised', array_to_json(v_raised), 'due', v_due,
    'nextDue', (select min(due_at) from budget_alerts where due_at is not null), 'now', app_now());
end $$;

-- p_outcomes: [{userId, day, threshold, attempt, error}]. Error null: delivered, by whichever attempt. Of failures only that of the last attempt counts.
-- Answers the alerts that are given up herewith.
create or replace function settle_alerts(p_outcomes json) returns json language plpgsql volatile as $$
declare
  v_given_up json;
begin
  with settled as (
    update budget_alerts n
      set error = o.error, delivered_at = case when o.error is null then app_now() end,
        due_at = case when o.error is not null and alert_backoff(n.attempts + 1) is not null then n.due_at end
      from json_to_recordset(p_outcomes) o("userId" text, day date, threshold text, attempt int, error text)
      where n.user_id = o."userId" and n.day = o.day and n.threshold = o.threshold
        and n.delivered_at is null and (o.error is null or n.attempts = o.attempt)
      returning n.*
  )
  select coalesce(json_agg(json_build_object('userId', user_id, 'day', day, 'threshold', threshold)), '[]') into v_given_up
    from settled where delivered_at is null and due_at is null;
  return v_given_up;
end $$;

-- Where a user's alerts go. p_change: `url` (null: nowhere), if it changes; `secret`; `replace`: whether it takes the place of an existing one. Alerts to
-- nowhere are not sent. Answers {url, secret}.
create or replace function put_alert_target(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  t notify_targets;
begin
  insert into notify_targets as was (user_id, url, secret, updated_at) values (p_user, p_change ->> 'url', p_change ->> 'secret', app_now())
    on conflict (user_id) do update
      set url = case when p_change -> 'url' is null then was.url else excluded.url end, updated_at = app_now(),
        secret = case when (p_change ->> 'replace')::boolean then excluded.secret else was.secret end
    returning * into t;
  if t.url is null then update budget_alerts set due_at = null where user_id = p_user and due_at is not null; end if;
  return json_build_object('url', t.url, 'secret', t.secret);
end $$;
