-- Every question of an iteration, a cron or a page costs what it answers, however much there is (test/growth/). What was not so:
-- an instant that was asked for anew with every row, and so bounded no index; sums over all that a user has; pages that were found by
-- reading what comes before them. And what nothing removed is removed: see tidy.
--
-- Where a function reads up to a limit, it tells the planner not to collect all first (bitmaps): after an outage there is far more to be read
-- than the statistics know, and the index has the order.

-- STABLE, so that it bounds an index and is asked once a scan. Of the settable clock it sees what the statement sees that asks; the time of
-- day is read when it is asked for. So a function takes its instant in a statement after the one that waited for a lock (R1), as ever.
create or replace function app_now() returns timestamptz language plpgsql stable as $$
begin
  return clock_timestamp() + (select shift from app_clock);
end $$;
--> statement-breakpoint

-- As in 0001_money.sql.
create or replace function app_day(p_user text) returns date language plpgsql stable as $$
begin
  return greatest((app_now() at time zone 'UTC')::date, (select max(day) from budget_days where user_id = p_user));
end $$;
--> statement-breakpoint

-- As in 0001_money.sql.
create or replace function last_day(p_user text) returns json language plpgsql stable as $$
begin
  return (select json_build_object('date', day, 'allowance', allowance::text, 'ceiling', ceiling::text, 'spent', spent::text, 'held', held::text,
      'resetsAt', (day + 1)::timestamp at time zone 'UTC', 'revision', revision)
    from budget_days where user_id = p_user order by day desc limit 1);
end $$;
--> statement-breakpoint

-- As in 0001_money.sql, but the day is asked for once, not for every day that the user has had.
create or replace function lock_to_open(p_user text) returns boolean language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
begin
  if exists (select from budget_days where user_id = p_user and day = v_day) then return false; end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  return true;
end $$;
--> statement-breakpoint

-- As in 0005_brakes.sql.
create or replace function claims_today(s agent_sessions) returns bigint language plpgsql stable as $$
begin
  return s.fence - coalesce((select fence from session_days where session_id = s.id and day = (app_now() at time zone 'UTC')::date), s.fence);
end $$;
--> statement-breakpoint

-- As in 0005_brakes.sql, but the midnight is that after the lock (R1).
create or replace function held_back(p_session text, p_invocation uuid, p_most int) returns timestamptz language plpgsql volatile as $$
declare
  s agent_sessions;
  v_midnight timestamptz;
begin
  select * into s from agent_sessions where id = p_session;  -- unlocked: a claim too many does no harm, and claim locks the user first (R3)
  if s.id is null or claims_today(s) < p_most then return null; end if;
  s := locked(p_session);
  if claims_today(s) < p_most or s.state = 'ended' or s.desired <> 'run' or s.due_at > app_now() or s.lease_until > clock_timestamp()
    or s.claimed_by is not distinct from p_invocation then return null; end if;
  v_midnight := ((app_now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC';
  update agent_sessions
    set state = 'sleeping', sleep_reason = 'allowance', rest_until = v_midnight, question = null, error_code = null, error_message = null,
      due_at = v_midnight, hint_at = '-infinity', seq = seq + 1, updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, json_build_array(json_build_object('type', 'agent.retrying', 'data',
    json_build_object('reason', 'daily_claims', 'claims', p_most, 'wake_at', to_char(v_midnight at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))));
  return v_midnight;
end $$;
--> statement-breakpoint

-- As in 0011_shares.sql, but the day that is counted is that after the locks (R1).
create or replace function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s') returns json language plpgsql volatile as $$
declare
  b brakes := (select brakes from brakes);
  v_today date;
  v_again timestamptz;
  v_answer json;
  s agent_sessions;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_again := held_back(p_session, p_invocation, b.claims_per_day);
  if v_again is not null then return json_build_object('retryInMs', greatest(1, ceil(1000 * extract(epoch from v_again - app_now())))); end if;
  v_answer := claim_freely(p_session, p_invocation, p_have, p_lease);
  v_today := (app_now() at time zone 'UTC')::date;
  if v_answer -> 'fence' is not null and not exists (select from session_days where session_id = p_session and day >= v_today) then
    select * into s from agent_sessions where id = p_session;
    perform own_day(s, v_today);
  end if;
  return v_answer;
end $$;
--> statement-breakpoint

-- As in 0011_shares.sql. Whoever works on a day does not rest on it.
create or replace function own_day(s agent_sessions, p_day date) returns session_days language plpgsql volatile as $$
declare
  o session_days;
begin
  insert into session_days as d (session_id, user_id, day, fence) values (s.id, s.user_id, p_day, greatest(0, s.fence - 1))
    on conflict (session_id) do update set day = excluded.day, fence = excluded.fence, spent = 0, held = 0, handed_off = 0, last_call = 0, rests = false
      where d.day < excluded.day;
  select * into o from session_days where session_id = s.id and day = p_day;
  return o;
end $$;
--> statement-breakpoint

-- As in 0011_shares.sql, but of no more than a hundred sessions: with more of them at work what they would ask for is a fifth of the allowance,
-- the most that is ever set aside. A reserve asks this under the lock of the day.
create or replace function set_aside(s agent_sessions, d budget_days, p_least bigint, p_hand_off boolean) returns bigint language plpgsql stable
set enable_bitmapscan = off set enable_hashjoin = off as $$
declare
  v_most constant int := 100;
  v_live int;
  v_wanted numeric;
begin
  select count(*), coalesce(sum(case when last_call > 0 then last_call::numeric * 3 / 2 else least end) + max(least), 0) into v_live, v_wanted
    from (select o.last_call, case when x.id = (s).id then p_least else x.least_microdollars end as least
      from session_days o join agent_sessions x on x.id = o.session_id
      where o.user_id = (s).user_id and o.day = (d).day and not o.rests and o.handed_off = 0
        and (not p_hand_off or x.id <> (s).id) and (x.id = (s).id or x.state <> 'ended'
        and (x.due_at < ((d).day + 1)::timestamp at time zone 'UTC' or x.lease_until > clock_timestamp()))
      limit v_most + 1) live;
  return case when v_live > v_most then (d).allowance / 5 else least((d).allowance / 5, v_wanted) end;
end $$;
--> statement-breakpoint

-- As in 0011_shares.sql, but sessions are counted up to the limit, not beyond it.
create or replace function create_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  v_most int := (p_session ->> 'mostLive')::int;
  k idempotency_keys;
  s agent_sessions;
begin
  if p_key is not null and not first_time(p_user, 'create', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'create' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  if v_most is not null then
    perform 1 from user_settings where user_id = p_user for no key update;
    if has_live(p_user, v_id, v_most) then
      delete from idempotency_keys where user_id = p_user and scope = 'create' and key = p_key;
      return json_build_object('full', true);
    end if;
  end if;
  insert into agent_sessions (id, user_id, created_at, updated_at, due_at, hint_at, seq, msg_n, agent, tier, model, on_end_turn, max_iterations,
      max_cost_microdollars, metadata, system, goal, daily_share_percent, model_ladder,
      effort, max_output_tokens)
    values (v_id, p_user, app_now(), app_now(), app_now(), '-infinity', 1, 1, p_session ->> 'agent', p_session ->> 'tier', p_session ->> 'model',
      p_session ->> 'onEndTurn', (p_session ->> 'maxIterations')::int, (p_session ->> 'maxCost')::bigint, p_session -> 'metadata',
      p_session ->> 'system', p_session ->> 'goal', (p_session ->> 'share')::int,
      array(select value from json_array_elements_text(case when json_typeof(p_session -> 'ladder') = 'array' then p_session -> 'ladder' else '[]' end)),
      p_session ->> 'effort', (p_session ->> 'maxOutputTokens')::int)
    on conflict (id) do nothing returning * into s;
  if not found then
    perform 1 from agent_sessions where id = v_id and user_id = p_user;
    if not found then raise 'session % is taken', v_id using errcode = 'unique_violation'; end if;
    return json_build_object('id', v_id);
  end if;
  insert into agent_checkpoints (session_id, user_id, fence, retry_counts, agent_state, updated_at)
    values (v_id, p_user, 0, '[]', '{}', app_now());
  perform append(s, json_build_array(json_build_object('role', 'user',
    'content', json_build_array(json_build_object('type', 'text', 'text', s.goal)))));
  perform journal(s, json_build_array(json_build_object('type', 'agent.started',
    'data', json_build_object('agent', s.agent, 'model', s.model, 'tier', s.tier))));
  return json_build_object('id', v_id);
end $$;
--> statement-breakpoint

-- Whether p_user has p_most sessions or more that have not ended, p_but aside. Reads no more of them than that.
create function has_live(p_user text, p_but text, p_most int) returns boolean language plpgsql stable set enable_bitmapscan = off as $$
begin
  return (select count(*) from (select from agent_sessions where user_id = p_user and due_at is not null and deleted_at is null and id <> p_but
    limit p_most) live) >= p_most;
end $$;
--> statement-breakpoint

-- When a sweep must look at a session again. Whatever moves its due_at, takes a hint back or ends a lease before its time, whoever does it, has
-- it looked at as soon as it is due.
create function look_again() returns trigger language plpgsql as $$
begin
  new.look_at := new.due_at;
  return new;
end $$;
--> statement-breakpoint
create trigger look_at_new before insert on agent_sessions for each row execute function look_again();
--> statement-breakpoint
create trigger look_again before update on agent_sessions for each row
  when (new.due_at is distinct from old.due_at or new.hint_at < old.hint_at
    or new.hint_at = '-infinity' and old.lease_until is not null and (new.lease_until is null or new.lease_until < old.lease_until))
  execute function look_again();
--> statement-breakpoint
update agent_sessions set look_at = due_at where due_at is not null;
--> statement-breakpoint

-- Up to p_limit sessions that are due, unowned and not hinted just now, marked as hinted (R10). Each look puts its session off until its hint
-- or its lease has run out, so that a backlog of what is hinted already costs nothing.
create or replace function sweep_freely(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_now timestamptz := app_now();
  v_real timestamptz := clock_timestamp();
  v_due json := '[]';
  v_page json;
  v_looked int;
  v_left int := p_limit;
begin
  while v_left > 0 loop
    with looked as (
      select id, due_at <= v_now and hint_at <= v_real and (lease_until is null or lease_until <= v_real) as ripe,
          least(interval '16 min', greatest(p_backoff, v_now - greatest(due_at, updated_at))) as backoff
        from agent_sessions where look_at <= v_now and look_at < 'infinity' order by look_at limit v_left for no key update skip locked
    ), marked as (
      update agent_sessions s
        set hint_at = case when ripe then v_real + backoff else hint_at end,
          look_at = greatest(due_at, v_now + case when ripe then backoff else greatest(hint_at, lease_until, v_real) - v_real end)
        from looked where s.id = looked.id returning s.id, s.user_id, s.due_at, ripe
    )
    select count(*), coalesce(json_agg(json_build_object('id', id, 'userId', user_id) order by due_at, id) filter (where ripe), '[]')
      into v_looked, v_page from marked;
    v_due := joined(v_due, v_page);
    exit when v_looked < v_left;
    v_left := v_left - json_array_length(v_page);
  end loop;
  return json_build_object('due', v_due, 'now', app_now(), 'nextDue', (select min(due_at) from agent_sessions where due_at < 'infinity'));
end $$;
--> statement-breakpoint

-- As in 0006_overdue.sql.
create or replace function overdue_ms(p_limit int) returns bigint language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_now timestamptz := app_now();
begin
  return (select coalesce(floor(1000 * max(extract(epoch from v_now - greatest(due_at, updated_at)))), 0)
    from (select due_at, updated_at from agent_sessions where due_at <= v_now and due_at < 'infinity'
      and (lease_until is null or lease_until <= clock_timestamp()) order by due_at limit p_limit) s);
end $$;
--> statement-breakpoint

-- As redrive of 0010_left_waiting.sql, but in the order in which they became due, from p_due and p_after on. `next` is the place of the last,
-- null when none is left.
create function redrive_from(p_sessions text[], p_due timestamptz, p_after text, p_limit int) returns json language plpgsql volatile
set enable_bitmapscan = off as $$
declare
  v_stopped boolean := (select stopped from brakes);
  v_now timestamptz := app_now();
  v_due json;
  v_next json;
begin
  with any_due as (
    select id from agent_sessions where p_sessions is null and not v_stopped and due_at <= v_now and due_at < 'infinity'
      and (due_at, id) > (p_due, p_after) and (lease_until is null or lease_until <= clock_timestamp())
      order by due_at, id limit p_limit for no key update skip locked
  ), named_due as (
    select id from agent_sessions where id = any(p_sessions) and not v_stopped and due_at <= v_now and due_at < 'infinity'
      and (due_at, id) > (p_due, p_after) and (lease_until is null or lease_until <= clock_timestamp())
      order by due_at, id limit p_limit for no key update skip locked
  ), marked as (
    update agent_sessions s set hint_at = clock_timestamp() + interval '30 s' from (table any_due union all table named_due) picked where s.id = picked.id
      returning s.id, s.user_id, s.due_at, extract(epoch from v_now - greatest(s.due_at, s.updated_at)) as overdue
  )
  select coalesce(json_agg(json_build_object('id', id, 'userId', user_id, 'overdueMs', greatest(0, floor(1000 * overdue))) order by due_at, id), '[]'),
      (select json_build_object('due', due_at, 'id', id) from marked order by due_at desc, id desc limit 1)
    into v_due, v_next from marked;
  return json_build_object('stopped', case when v_stopped then (select coalesce(reason, 'no reason is given') from brakes) end, 'due', v_due, 'next', v_next,
    'others', (select coalesce(json_agg(json_build_object('id', s.id, 'state', s.state, 'desired', s.desired, 'outcome', s.outcome,
        'error', s.error_message, 'due', s.due_at, 'now', app_now(), 'owned', coalesce(s.lease_until > clock_timestamp(), false)) order by s.id), '[]')
      from agent_sessions s where s.id = any(p_sessions) and not exists (select from json_array_elements(v_due) d where d ->> 'id' = s.id)));
end $$;
--> statement-breakpoint

-- A session that rests for the day sets nothing aside for its last words (set_aside). As its owner, since a person's wish may move it, and a
-- person may not write session_days.
create function rest_of_day() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update session_days o set rests = not o.rests
    where session_id = new.id and rests <> (new.due_at is null or new.due_at >= (o.day + 1)::timestamp at time zone 'UTC');
  return null;
end $$;
--> statement-breakpoint
revoke execute on function rest_of_day() from public;
--> statement-breakpoint
create trigger rest_of_day after update on agent_sessions for each row when (new.due_at is distinct from old.due_at) execute function rest_of_day();
--> statement-breakpoint
update session_days o set rests = true from agent_sessions s
  where s.id = o.session_id and (s.due_at is null or s.due_at >= (o.day + 1)::timestamp at time zone 'UTC');
--> statement-breakpoint

-- As in 0009_notices.sql. Whether one sleeps for want of money is asked of the hundred sleepers that wake first after that day: they sleep since
-- what was free did not reach what they asked for.
create or replace function notice_days(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_seconds numeric := extract(epoch from v_now - v_today::timestamp at time zone 'UTC');
  v_after notice_place;
  v_day date;
  v_user text;
  v_users text[];
begin
  select * into v_after from notice_place;
  if v_after.after_day is null or v_after.after_day < v_today - 1 then
    v_after.after_day := v_today - 1;
    v_after.after_user := '';  -- before all users
  end if;
  with page as materialized (
    select * from budget_days where (day, user_id) > (v_after.after_day, v_after.after_user) order by day, user_id limit p_most
  ), met as (
    select d.*, t.threshold, t.reason from page d cross join lateral (values
      ('pace', null, d.allowance > 0 and d.day = v_today and d.spent < d.allowance * 9 / 10 and d.spent >= (d.allowance + 1) / 2
        and d.spent::numeric * 64800 >= d.ceiling::numeric * v_seconds),
      ('graceful', null, d.allowance > 0 and d.spent >= d.allowance * 9 / 10),
      ('ceiling', case when d.spent >= d.allowance then 'spent' else 'asleep' end, d.allowance > 0 and d.spent > 0 and (d.spent >= d.allowance
        or exists (select from (select last_checkpoint_at, least_microdollars from agent_sessions where user_id = d.user_id and state = 'sleeping'
            and sleep_reason = 'allowance' and rest_until >= (d.day + 1)::timestamp at time zone 'UTC' order by rest_until limit 100) s
          where (s.last_checkpoint_at at time zone 'UTC')::date = d.day and d.ceiling - d.spent - d.held < s.least_microdollars + d.allowance / 5))),
      ('breaker', 'exceeded', d.spent > d.ceiling)
    ) t(threshold, reason, passed) where t.passed
  ), entered as (
    insert into budget_notices (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select m.user_id, m.day, m.threshold, m.reason, v_now, m.allowance, m.ceiling, m.spent, m.held, case when t.url is not null then v_now end
        from met m left join notify_targets t using (user_id) order by m.user_id, m.day, m.threshold
      on conflict do nothing returning user_id
  )
  select l.day, l.user_id, array(select distinct user_id from entered order by 1) into v_day, v_user, v_users
    from (values (true)) one left join (select day, user_id from page order by day, user_id offset p_most - 1 limit 1) l on true;
  update notice_place set after_day = v_day, after_user = v_user where (after_day, after_user) is distinct from (v_day, v_user);
  return v_users;
end $$;
--> statement-breakpoint

-- As in 0009_notices.sql, but from one user to the next, not through all that is due.
create or replace function notice_stop(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_users text[];
begin
  if not (select stopped from brakes) then return '{}'; end if;
  with recursive users as (
    (select user_id from agent_sessions where due_at is not null order by user_id limit 1)
    union all
    select (select a.user_id from agent_sessions a where a.user_id > u.user_id and a.due_at is not null order by a.user_id limit 1)
      from users u where u.user_id is not null
  ), entered as (
    insert into budget_notices (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select s.user_id, v_today, 'breaker', 'stopped', v_now, coalesce(d.allowance, 0), coalesce(d.ceiling, 0), coalesce(d.spent, 0),
          coalesce(d.held, 0), case when t.url is not null then v_now end
        from (select user_id from users u where exists (select from agent_sessions a where a.user_id = u.user_id and a.due_at <= v_now)
          and not exists (select from budget_notices n where n.user_id = u.user_id and n.day = v_today and n.threshold = 'breaker') limit p_most) s
        left join budget_days d on d.user_id = s.user_id and d.day = v_today left join notify_targets t on t.user_id = s.user_id
        order by 1
      on conflict do nothing returning user_id
  )
  select array(select user_id from entered order by 1) into v_users;
  return v_users;
end $$;
--> statement-breakpoint

-- Of each path its last version, unless that says it is gone.
create or replace function workspace(p_session text) returns setof workspace_files language sql stable as $$
  select * from workspace_files where session_id = p_session and superseded_at is null
$$;
--> statement-breakpoint

-- A version that says its file is gone is none that anybody reads.
create function version_comes() returns trigger language plpgsql as $$
begin
  new.superseded_at := case when new.content is null then new.at end;
  return new;
end $$;
--> statement-breakpoint
create function version_goes() returns trigger language plpgsql as $$
begin
  update workspace_files set superseded_at = new.at
    where session_id = new.session_id and path = new.path and superseded_at is null
      and iteration = (select max(iteration) from workspace_files where session_id = new.session_id and path = new.path and iteration < new.iteration);
  return null;
end $$;
--> statement-breakpoint
create trigger version_comes before insert or update of content on workspace_files for each row execute function version_comes();
--> statement-breakpoint
create trigger version_goes after insert on workspace_files for each row execute function version_goes();
--> statement-breakpoint
update workspace_files f set superseded_at = coalesce(v.next_at, f.at)
  from (select session_id, path, iteration, lead(at) over (partition by session_id, path order by iteration) as next_at from workspace_files) v
  where f.session_id = v.session_id and f.path = v.path and f.iteration = v.iteration and (v.next_at is not null or f.content is null);
--> statement-breakpoint

create function inbox_taken() returns trigger language plpgsql as $$
begin
  update session_inbox set taken_at = app_now() where session_id = new.id and n > old.inbox_taken and n <= new.inbox_taken;
  return null;
end $$;
--> statement-breakpoint
create trigger inbox_taken after update on agent_sessions for each row when (new.inbox_taken > old.inbox_taken) execute function inbox_taken();
--> statement-breakpoint
update session_inbox i set taken_at = app_now() from agent_sessions s where s.id = i.session_id and i.n <= s.inbox_taken;
--> statement-breakpoint

-- As in 0011_shares.sql, but of the files only those of now are read, and of a session whose history was given up it says just that.
create or replace function export_session(p_user text, p_session text, p_most bigint) returns json language plpgsql stable as $$
declare
  s agent_sessions;
  v_bytes bigint;
begin
  select * into s from agent_sessions where id = p_session and user_id = p_user and deleted_at is null;
  if not found then return null; end if;
  if s.cleared_at is not null then return json_build_object('clearedAt', s.cleared_at); end if;
  v_bytes := (select coalesce(sum(octet_length(content::text)), 0) from agent_messages where session_id = s.id)
    + (select coalesce(sum(octet_length(data::text)), 0) from agent_events where session_id = s.id)
    + (select coalesce(sum(octet_length(content)), 0) from workspace_files where session_id = s.id and superseded_at is null) * 4 / 3;
  if v_bytes > p_most then return json_build_object('bytes', v_bytes); end if;
  return json_build_object('at', app_now(), 'state', rested(s), 'desired', s.desired, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'facts', json_build_object('id', s.id, 'goal', s.goal, 'agent', s.agent, 'tier', s.tier, 'model', s.model, 'system', s.system,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text, 'ladder', s.model_ladder,
      'share', s.daily_share_percent, 'effort', s.effort, 'maxOutputTokens', s.max_output_tokens, 'metadata', s.metadata, 'createdAt', s.created_at),
    'memory', (select agent_state from agent_checkpoints where session_id = s.id),
    'rows', (select json_agg(json_build_object('n', n, 'at', at, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id),
    'calls', coalesce((select json_agg(json_build_object('id', call_id, 'name', name, 'messageN', message_n, 'position', position,
        'started', started_by is not null, 'doneAt', done_at) order by message_n, position) from tool_calls where session_id = s.id), '[]'),
    'inbox', coalesce((select json_agg(json_build_object('at', at, 'content', content) order by n)
      from session_inbox where session_id = s.id and n > s.inbox_taken), '[]'),
    'journal', (select json_agg(json_build_object('seq', seq, 'at', at, 'type', type, 'data', data) order by seq)
      from agent_events where session_id = s.id),
    'files', coalesce((select json_agg(json_build_object('path', path, 'mode', mode, 'updatedAt', at, 'content', encode(content, 'base64'))
      order by path collate "C") from workspace_files where session_id = s.id and superseded_at is null), '[]'),
    'ledger', coalesce((select json_agg(json_build_object('at', at, 'day', day, 'iteration', iteration, 'model', model, 'kind', kind, 'class', class,
      'cost', cost::text, 'usage', usage) order by fence, n) from usage_ledger where session_id = s.id and user_id = p_user), '[]'));
end $$;
--> statement-breakpoint

-- Up to p_rows rows of what a session said, did and wrote, the oldest first; how many they were. Fewer than p_rows: nothing is left of it.
create function strip_session(p_session text, p_rows int) returns int language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_gone int;
  v_left int := p_rows;
begin
  delete from agent_messages where ctid = any(array(select ctid from agent_messages where session_id = p_session order by n limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from agent_events where ctid = any(array(select ctid from agent_events where session_id = p_session order by seq limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from tool_calls where ctid = any(array(select ctid from tool_calls where session_id = p_session order by message_n limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from session_inbox where ctid = any(array(select ctid from session_inbox where session_id = p_session order by n limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from workspace_files where ctid = any(array(select ctid from workspace_files where session_id = p_session order by path, iteration limit v_left));
  get diagnostics v_gone = row_count;
  return p_rows - v_left + v_gone;
end $$;
--> statement-breakpoint

-- Removes one page of what nobody needs any more: at most p_rows rows of each kind, and of at most a hundred sessions. Answers how many rows
-- and sessions it found; 0: nothing is left. The ledger, the days and the top-ups stay for ever.
--   what persons asked for once               a week, but for top-ups
--   messages of persons, once taken           30 days: they are part of the conversation
--   versions of files, once superseded        30 days
--   revoked keys                              90 days
--   holds, once resolved                      92 days after their day: no report of the provider corrects an older one
--   notices, once there is nothing to send    400 days
--   sessions that their person removed        at once, when they have ended and hold no money
--   what ended sessions said, did and wrote   p_keep; null: for ever. The session, its result and its cost stay
create function tidy(p_rows int, p_keep interval) returns int language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_gone int;
  v_done int := 0;
  v_left int := p_rows;
  v_id text;
begin
  delete from idempotency_keys where ctid = any(array(select ctid from idempotency_keys
    where scope <> 'top_up' and at < v_now - interval '7 days' order by at limit p_rows for update skip locked));
  get diagnostics v_gone = row_count;
  v_done := v_done + v_gone;
  delete from session_inbox where ctid = any(array(select ctid from session_inbox
    where taken_at < v_now - interval '30 days' order by taken_at limit p_rows for update skip locked));
  get diagnostics v_gone = row_count;
  v_done := v_done + v_gone;
  -- The row that says a file is gone goes last, or an older version would be taken for the newest.
  delete from workspace_files where ctid = any(array(select ctid from workspace_files f where superseded_at < v_now - interval '30 days'
      and (content is not null or not exists (select from workspace_files o where o.session_id = f.session_id and o.path = f.path and o.iteration < f.iteration))
    order by superseded_at limit p_rows for update skip locked));
  get diagnostics v_gone = row_count;
  v_done := v_done + v_gone;
  delete from api_keys where ctid = any(array(select ctid from api_keys
    where revoked_at < v_now - interval '90 days' order by revoked_at limit p_rows for update skip locked));
  get diagnostics v_gone = row_count;
  v_done := v_done + v_gone;
  delete from budget_holds where ctid = any(array(select ctid from budget_holds
    where day < v_today - 92 and class <> 'held' order by day, user_id limit p_rows for update skip locked));
  get diagnostics v_gone = row_count;
  v_done := v_done + v_gone;
  delete from budget_notices where ctid = any(array(select ctid from budget_notices
    where day < v_today - 400 and due_at is null order by day limit p_rows for update skip locked));
  get diagnostics v_gone = row_count;
  v_done := v_done + v_gone;
  for v_id in select id from agent_sessions s where deleted_at is not null and state = 'ended'
      and not exists (select from budget_holds h where h.session_id = s.id and class = 'held')
      order by deleted_at limit 100 for update skip locked loop
    exit when v_left <= 0;
    v_left := v_left - strip_session(v_id, v_left);
    if v_left > 0 then delete from agent_sessions where id = v_id; end if;
    v_done := v_done + 1;
  end loop;
  if p_keep is null then return v_done; end if;
  for v_id in select id from agent_sessions where state = 'ended' and not stripped and completed_at < v_now - p_keep
      order by completed_at limit 100 for no key update skip locked loop
    exit when v_left <= 0;
    update agent_sessions set cleared_at = v_now where id = v_id and cleared_at is null;
    v_left := v_left - strip_session(v_id, v_left);
    if v_left > 0 then
      update agent_sessions set stripped = true where id = v_id;
      update agent_checkpoints set agent_state = json_build_object('successor', agent_state -> 'successor'), retry_counts = '[]', current_phase = null where session_id = v_id;
    end if;
    v_done := v_done + 1;
  end loop;
  return v_done;
end $$;
--> statement-breakpoint

-- What the code before this migration calls.
create or replace function purge(p_limit int default 100) returns int language plpgsql volatile as $$
begin
  return tidy(5000, null);
end $$;
--> statement-breakpoint

-- As in 0020_effort.sql, counting no further than it must.
create or replace function import_freely(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  v_to json := p_session -> 'state';
  v_ended boolean := v_to ->> 'state' = 'ended';
  v_now timestamptz := app_now();
  k idempotency_keys;
  s agent_sessions;
begin
  if coalesce(nullif(current_setting('circadian.user', true), ''), p_user) <> p_user then
    raise 'not the user whose request this is' using errcode = 'insufficient_privilege';
  end if;
  if p_key is not null and not first_time(p_user, 'import', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'import' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  if p_session ->> 'mostLive' is not null and not v_ended then
    perform 1 from user_settings where user_id = p_user for no key update;
    if has_live(p_user, v_id, (p_session ->> 'mostLive')::int) then
      delete from idempotency_keys where user_id = p_user and scope = 'import' and key = p_key;
      return json_build_object('full', true);
    end if;
  end if;
  insert into agent_sessions (id, user_id, created_at, updated_at, last_checkpoint_at, completed_at, state, due_at, hint_at, iteration, seq, msg_n,
      inbox_n, question, outcome, result, error_code, error_message, agent, tier, model, on_end_turn, max_iterations, max_cost_microdollars,
      metadata, system, goal, daily_share_percent, model_ladder, effort, max_output_tokens)
    values (v_id, p_user, v_now, v_now, v_now, case when v_ended then v_now end, v_to ->> 'state', case when not v_ended then 'infinity'::timestamptz end,
      '-infinity', (p_session ->> 'iteration')::int, json_array_length(p_session -> 'journal'), json_array_length(p_session -> 'rows'),
      json_array_length(p_session -> 'inbox'), v_to ->> 'question', v_to ->> 'outcome', v_to ->> 'result', v_to #>> '{error,code}',
      v_to #>> '{error,message}', p_session ->> 'agent', p_session ->> 'tier', p_session ->> 'model', p_session ->> 'onEndTurn',
      (p_session ->> 'maxIterations')::int, (p_session ->> 'maxCost')::bigint, p_session -> 'metadata', p_session ->> 'system', p_session ->> 'goal',
      (p_session ->> 'share')::int, array(select json_array_elements_text(p_session -> 'ladder')),
      p_session ->> 'effort', (p_session ->> 'maxOutputTokens')::int)
    on conflict (id) do nothing returning * into s;
  if not found then
    perform 1 from agent_sessions where id = v_id and user_id = p_user;
    if not found then raise 'session % is taken', v_id using errcode = 'unique_violation'; end if;
    return json_build_object('id', v_id);
  end if;
  insert into agent_checkpoints (session_id, user_id, fence, current_phase, retry_counts, agent_state, updated_at)
    values (v_id, p_user, 0, p_session #>> '{memory,phase}', coalesce(p_session #> '{memory,guard,errors}', '[]'), p_session -> 'memory', v_now);
  insert into agent_messages (session_id, n, user_id, fence, at, role, content)
    select v_id, i, p_user, 0, (r ->> 'at')::timestamptz, r ->> 'role', r -> 'content'
    from json_array_elements(p_session -> 'rows') with ordinality x(r, i);
  insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input, started_by, done_at)
    select v_id, (c ->> 'messageN')::int, (c ->> 'position')::int, p_user, c ->> 'id', c ->> 'name', c -> 'input',
      case when (c ->> 'started')::boolean then 0 end, (c ->> 'doneAt')::timestamptz
    from json_array_elements(p_session -> 'calls') x(c);
  insert into session_inbox (session_id, n, user_id, at, content)
    select v_id, i, p_user, (m ->> 'at')::timestamptz, m ->> 'content'
    from json_array_elements(p_session -> 'inbox') with ordinality x(m, i);
  insert into agent_events (session_id, seq, user_id, fence, at, type, data)
    select v_id, i, p_user, 0, coalesce((e ->> 'at')::timestamptz, v_now), e ->> 'type', e -> 'data'
    from json_array_elements(p_session -> 'journal') with ordinality x(e, i);
  insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
    select v_id, f ->> 'path', s.iteration, p_user, (f ->> 'updatedAt')::timestamptz, (f ->> 'mode')::int, decode(f ->> 'content', 'base64')
    from json_array_elements(p_session -> 'files') x(f);
  return json_build_object('id', v_id);
end $$;
