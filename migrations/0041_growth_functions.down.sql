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
    if (select count(*) from agent_sessions where user_id = p_user and state <> 'ended' and deleted_at is null and id <> v_id)
        >= (p_session ->> 'mostLive')::int then
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
--> statement-breakpoint
-- The functions as they were before.
drop trigger look_at_new on agent_sessions;
--> statement-breakpoint
drop trigger look_again on agent_sessions;
--> statement-breakpoint
drop trigger rest_of_day on agent_sessions;
--> statement-breakpoint
drop trigger inbox_taken on agent_sessions;
--> statement-breakpoint
drop trigger version_comes on workspace_files;
--> statement-breakpoint
drop trigger version_goes on workspace_files;
--> statement-breakpoint
-- app_now as 0001_money.sql made it.
create or replace function app_now() returns timestamptz language sql volatile as $$
  select clock_timestamp() + shift from app_clock
$$;
--> statement-breakpoint
-- app_day as 0001_money.sql made it.
create or replace function app_day(p_user text) returns date language sql volatile as $$
  select greatest((app_now() at time zone 'UTC')::date, (select max(day) from budget_days where user_id = p_user))
$$;
--> statement-breakpoint
-- last_day as 0001_money.sql made it.
create or replace function last_day(p_user text) returns json language sql volatile as $$
  select json_build_object('date', day, 'allowance', allowance::text, 'ceiling', ceiling::text, 'spent', spent::text, 'held', held::text,
    'resetsAt', (day + 1)::timestamp at time zone 'UTC', 'revision', revision)
  from budget_days where user_id = p_user order by day desc limit 1
$$;
--> statement-breakpoint
-- lock_to_open as 0001_money.sql made it.
create or replace function lock_to_open(p_user text) returns boolean language plpgsql volatile as $$
begin
  if exists (select from budget_days where user_id = p_user and day = app_day(p_user)) then return false; end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  return true;
end $$;
--> statement-breakpoint
-- claims_today as 0005_brakes.sql made it.
create or replace function claims_today(s agent_sessions) returns bigint language sql volatile as $$
  select s.fence - coalesce((select fence from session_days where session_id = s.id and day = (app_now() at time zone 'UTC')::date), s.fence)
$$;
--> statement-breakpoint
-- held_back as 0005_brakes.sql made it.
create or replace function held_back(p_session text, p_invocation uuid, p_most int) returns timestamptz language plpgsql volatile as $$
declare
  s agent_sessions;
  v_midnight timestamptz := ((app_now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC';
begin
  select * into s from agent_sessions where id = p_session;  -- unlocked: a claim too many does no harm, and claim locks the user first (R3)
  if s.id is null or claims_today(s) < p_most then return null; end if;
  s := locked(p_session);
  if claims_today(s) < p_most or s.state = 'ended' or s.desired <> 'run' or s.due_at > app_now() or s.lease_until > clock_timestamp()
    or s.claimed_by is not distinct from p_invocation then return null; end if;
  update agent_sessions
    set state = 'sleeping', sleep_reason = 'allowance', rest_until = v_midnight, question = null, error_code = null, error_message = null,
      due_at = v_midnight, hint_at = '-infinity', seq = seq + 1, updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, json_build_array(json_build_object('type', 'agent.retrying', 'data',
    json_build_object('reason', 'daily_claims', 'claims', p_most, 'wake_at', to_char(v_midnight at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))));
  return v_midnight;
end $$;
--> statement-breakpoint
-- claim as 0011_shares.sql made it.
create or replace function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  b brakes := (select brakes from brakes);
  v_today date := (app_now() at time zone 'UTC')::date;
  v_again timestamptz;
  v_answer json;
  s agent_sessions;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_again := held_back(p_session, p_invocation, b.claims_per_day);
  if v_again is not null then return json_build_object('retryInMs', greatest(1, ceil(1000 * extract(epoch from v_again - app_now())))); end if;
  v_answer := claim_freely(p_session, p_invocation, p_have, p_lease);
  if v_answer -> 'fence' is not null and not exists (select from session_days where session_id = p_session and day >= v_today) then
    select * into s from agent_sessions where id = p_session;
    perform own_day(s, v_today);
  end if;
  return v_answer;
end $$;
--> statement-breakpoint
-- own_day as 0011_shares.sql made it.
create or replace function own_day(s agent_sessions, p_day date) returns session_days language plpgsql volatile as $$
declare
  o session_days;
begin
  insert into session_days as d (session_id, user_id, day, fence) values (s.id, s.user_id, p_day, greatest(0, s.fence - 1))
    on conflict (session_id) do update set day = excluded.day, fence = excluded.fence, spent = 0, held = 0, handed_off = 0, last_call = 0
      where d.day < excluded.day;
  select * into o from session_days where session_id = s.id and day = p_day;
  return o;
end $$;
--> statement-breakpoint
-- set_aside as 0011_shares.sql made it.
create or replace function set_aside(s agent_sessions, d budget_days, p_least bigint, p_hand_off boolean) returns bigint language sql volatile as $$
  with live as (
    select o.last_call, case when x.id = (s).id then p_least else x.least_microdollars end as least
      from session_days o join agent_sessions x on x.id = o.session_id
      where o.user_id = (s).user_id and o.day = (d).day and o.handed_off = 0 and (not p_hand_off or x.id <> (s).id) and (x.id = (s).id or x.state <> 'ended'
        and (x.due_at < ((d).day + 1)::timestamp at time zone 'UTC' or x.lease_until > clock_timestamp())))
  select least((d).allowance / 5, coalesce(sum(case when last_call > 0 then last_call * 3 / 2 else least end) + max(least), 0))::bigint from live
$$;
--> statement-breakpoint
-- create_session as 0011_shares.sql made it.
create or replace function create_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  k idempotency_keys;
  s agent_sessions;
begin
  if p_key is not null and not first_time(p_user, 'create', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'create' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  if p_session ->> 'mostLive' is not null then
    perform 1 from user_settings where user_id = p_user for no key update;
    if (select count(*) from agent_sessions where user_id = p_user and state <> 'ended' and deleted_at is null and id <> v_id)
        >= (p_session ->> 'mostLive')::int then
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
-- sweep_freely as 0004_upkeep.sql made it.
create or replace function sweep_freely(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile as $$
declare
  v_due json;
begin
  with picked as (
    select id from agent_sessions where due_at <= app_now() and due_at < 'infinity' and hint_at <= clock_timestamp()
      and (lease_until is null or lease_until <= clock_timestamp()) order by due_at limit p_limit for no key update skip locked
  ), marked as (
    update agent_sessions s
      set hint_at = clock_timestamp() + least(interval '16 min', greatest(p_backoff, app_now() - greatest(s.due_at, s.updated_at)))
      from picked where s.id = picked.id returning s.id, s.user_id, s.due_at
  )
  select coalesce(json_agg(json_build_object('id', id, 'userId', user_id) order by due_at, id), '[]') into v_due from marked;
  return json_build_object('due', v_due, 'now', app_now(), 'nextDue', (select min(due_at) from agent_sessions where due_at < 'infinity'));
end $$;
--> statement-breakpoint
-- overdue_ms as 0006_overdue.sql made it.
create or replace function overdue_ms(p_limit int) returns bigint language sql volatile as $$
  select coalesce(floor(1000 * max(extract(epoch from app_now() - greatest(due_at, updated_at)))), 0)::bigint
    from (select due_at, updated_at from agent_sessions where due_at <= app_now() and due_at < 'infinity'
      and (lease_until is null or lease_until <= clock_timestamp()) order by due_at limit p_limit) s
$$;
--> statement-breakpoint
-- notice_days as 0009_notices.sql made it.
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
        or exists (select from agent_sessions s where s.user_id = d.user_id and s.state = 'sleeping' and s.sleep_reason = 'allowance'
          and (s.last_checkpoint_at at time zone 'UTC')::date = d.day and s.rest_until >= (d.day + 1)::timestamp at time zone 'UTC'
          and d.ceiling - d.spent - d.held < s.least_microdollars + d.allowance / 5))),
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
-- notice_stop as 0009_notices.sql made it.
create or replace function notice_stop(p_most int) returns text[] language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_users text[];
begin
  if not (select stopped from brakes) then return '{}'; end if;
  with entered as (
    insert into budget_notices (user_id, day, threshold, reason, at, allowance, ceiling, spent, held, due_at)
      select s.user_id, v_today, 'breaker', 'stopped', v_now, coalesce(d.allowance, 0), coalesce(d.ceiling, 0), coalesce(d.spent, 0),
          coalesce(d.held, 0), case when t.url is not null then v_now end
        from (select distinct user_id from agent_sessions a where due_at <= v_now and due_at < 'infinity'
          and not exists (select from budget_notices n where n.user_id = a.user_id and n.day = v_today and n.threshold = 'breaker')
          order by user_id limit p_most) s
        left join budget_days d on d.user_id = s.user_id and d.day = v_today left join notify_targets t on t.user_id = s.user_id
        order by 1
      on conflict do nothing returning user_id
  )
  select array(select user_id from entered order by 1) into v_users;
  return v_users;
end $$;
--> statement-breakpoint
-- workspace as 0002_iteration.sql made it.
create or replace function workspace(p_session text) returns setof workspace_files language sql volatile as $$
  select (f).* from (select distinct on (path) f from workspace_files f where session_id = p_session order by path, iteration desc) last
    where (f).content is not null
$$;
--> statement-breakpoint
-- export_session as 0007_transfer.sql made it.
create or replace function export_session(p_user text, p_session text, p_most bigint) returns json language plpgsql stable as $$
declare
  s agent_sessions;
  v_bytes bigint;
begin
  select * into s from agent_sessions where id = p_session and user_id = p_user and deleted_at is null;
  if not found then return null; end if;
  v_bytes := (select coalesce(sum(octet_length(content::text)), 0) from agent_messages where session_id = s.id)
    + (select coalesce(sum(octet_length(data::text)), 0) from agent_events where session_id = s.id)
    + (select coalesce(sum(octet_length(content)), 0) from (select distinct on (path) content from workspace_files
      where session_id = s.id order by path, iteration desc) f) * 4 / 3;
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
      order by path collate "C") from (select distinct on (path) path, mode, at, content from workspace_files
        where session_id = s.id order by path, iteration desc) f where content is not null), '[]'),
    'ledger', coalesce((select json_agg(json_build_object('at', at, 'day', day, 'iteration', iteration, 'model', model, 'kind', kind, 'class', class,
      'cost', cost::text, 'usage', usage) order by fence, n) from usage_ledger where session_id = s.id and user_id = p_user), '[]'));
end $$;
--> statement-breakpoint
-- purge as 0004_upkeep.sql made it.
create or replace function purge(p_limit int default 100) returns int language plpgsql volatile as $$
declare
  v_gone int;
begin
  delete from idempotency_keys where scope <> 'top_up' and at < app_now() - interval '7 days';
  delete from agent_sessions where id in (
    select id from agent_sessions s where deleted_at is not null and state = 'ended'
      and not exists (select from budget_holds h where h.session_id = s.id and class = 'held')
      order by id limit p_limit for update skip locked);
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;
--> statement-breakpoint
drop function look_again, rest_of_day, inbox_taken, version_comes, version_goes, has_live, redrive_from, strip_session, tidy;
