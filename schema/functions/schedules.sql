-- Schedules: their rows, what is due, and how one due instant becomes one run. When a pattern is next due is said by lib/schedules/cron.ts.
--
-- Lock order (R3): the user, the schedule's last session, the schedule; then what create_session locks. A session that ends takes its own lock first and
-- the schedule after it, so that a run either sees the end or is seen by it.

-- A schedule as the port has it, with its place among what is due, and the instant that is due at p_now; null: none is.
create or replace function schedule_json(c schedules, p_now timestamptz) returns json language sql stable as $$
  select json_build_object('id', c.id, 'userId', c.user_id, 'name', c.name, 'cron', c.cron, 'timeZone', c.time_zone, 'template', c.template,
    'overlap', c.overlap, 'maxCost', c.max_cost_microdollars::text, 'enabled', c.enabled, 'nextRunAt', c.next_run_at, 'version', c.version,
    'waitingSince', c.waiting_since, 'lastSessionId', c.last_session_id, 'createdAt', c.created_at, 'updatedAt', c.updated_at,
    'place', to_json(c.due_at) #>> '{}', 'due', case when c.next_run_at <= p_now then c.next_run_at end)
$$;

-- Makes a schedule from p_schedule, the port's NewSchedule. Answers {id}, also of the one that an earlier request with this key made; {conflict}; or
-- {full}: the user has p_most of them, and the key stays free. Locks the key, then the user.
create or replace function create_schedule(p_user text, p_schedule json, p_key text, p_fingerprint text, p_most int)
returns json language plpgsql volatile as $$
declare
  v_id text := p_schedule ->> 'id';
  v_next timestamptz := (p_schedule ->> 'nextRunAt')::timestamptz;
  k idempotency_keys;
begin
  if p_key is not null and not take_idempotency_key(p_user, 'schedule', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'schedule' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if (select count(*) from (select from schedules where user_id = p_user and id <> v_id and deleted_at is null limit p_most) others) >= p_most then
    delete from idempotency_keys where user_id = p_user and scope = 'schedule' and key = p_key;
    return json_build_object('full', true);
  end if;
  insert into schedules (id, user_id, created_at, updated_at, enabled, next_run_at, due_at, name, cron, time_zone, overlap, max_cost_microdollars, template)
    values (v_id, p_user, app_now(), app_now(), (p_schedule ->> 'enabled')::boolean, v_next, v_next, p_schedule ->> 'name', p_schedule ->> 'cron',
      p_schedule ->> 'timeZone', p_schedule ->> 'overlap', (p_schedule ->> 'maxCost')::bigint, p_schedule -> 'template')
    on conflict (id) do nothing;
  return json_build_object('id', v_id);
end $$;

-- Changes the terms that p_change names, the port's ScheduleChange. A pause gives up the run that waits. True: the terms have another version than the change
-- was made for, and nothing was changed. Locks the schedule.
create or replace function change_schedule(p_user text, p_schedule text, p_change json) returns boolean language plpgsql volatile as $$
declare
  v_change jsonb := p_change;
  v_paused boolean := coalesce(not (p_change ->> 'enabled')::boolean, false);
  s schedules;
begin
  select * into s from schedules where id = p_schedule and user_id = p_user and deleted_at is null for no key update;
  if s.id is null then return false; end if;
  if s.version <> (p_change ->> 'version')::int then return true; end if;
  if v_paused and s.waiting_since is not null then
    update schedule_runs set status = 'skipped', reason = 'The schedule was paused before this run had its turn. Nothing was started and nothing was spent.'
      where schedule_id = p_schedule and due_at = s.waiting_since;
  end if;
  update schedules
    set name = coalesce(p_change ->> 'name', name), cron = coalesce(p_change ->> 'cron', cron), time_zone = coalesce(p_change ->> 'timeZone', time_zone),
      overlap = coalesce(p_change ->> 'overlap', overlap), enabled = coalesce((p_change ->> 'enabled')::boolean, enabled),
      max_cost_microdollars = coalesce((p_change ->> 'maxCost')::bigint, max_cost_microdollars),
      template = case when v_change ? 'template' then p_change -> 'template' else template end,
      next_run_at = coalesce((p_change ->> 'nextRunAt')::timestamptz, next_run_at),
      due_at = case when s.waiting_since is not null and s.due_at < s.next_run_at and not v_paused then due_at
        else coalesce((p_change ->> 'nextRunAt')::timestamptz, due_at) end,
      waiting_since = case when v_paused then null else waiting_since end, version = version + 1, updated_at = app_now()
    where id = p_schedule;
  return false;
end $$;

-- Removes a schedule: it is nowhere to be seen and starts nothing more. Its rows, a hundred thousand runs or more, are left to purge. False: there is none. A blind
-- repeat gets the answer of the first. Locks the key, then the schedule.
create or replace function remove_schedule(p_user text, p_schedule text, p_operation text) returns boolean language plpgsql volatile as $$
begin
  if not take_idempotency_key(p_user, p_schedule, p_operation, 'remove') then return true; end if;
  update schedules set deleted_at = app_now(), enabled = false, next_run_at = 'infinity', due_at = 'infinity', waiting_since = null, version = version + 1
    where id = p_schedule and user_id = p_user and deleted_at is null;
  if found then return true; end if;
  delete from idempotency_keys where user_id = p_user and scope = p_schedule and key = p_operation;
  return false;
end $$;

-- Up to p_limit schedules with something to do, those due longest first, from the place (p_after, p_after_id) on. Nothing is marked: fire_schedule gives a
-- due instant to one sweep. None while everything is stopped.
create or replace function due_schedules(p_limit int, p_after timestamptz default null, p_after_id text default null)
returns json language plpgsql stable set enable_bitmapscan = off as $$
declare
  v_now timestamptz := app_now();
begin
  if (select stopped from operator_limits) then return json_build_object('now', v_now, 'due', json_build_array()); end if;
  return json_build_object('now', v_now, 'due', (select coalesce(json_agg(schedule_json(c, v_now) order by due_at, id), '[]') from (
    select * from schedules where due_at <= v_now and due_at < 'infinity'
        and (due_at, id) > (coalesce(p_after, '-infinity'), coalesce(p_after_id, ''))
      order by due_at, id limit p_limit) c));
end $$;

-- The session that a run starts, if it can: the run is then `started`, or `refused` with a sentence. p_ordered: the port's Ordered, where a session brings
-- its `mostLive` along.
create or replace function start_run(p_user text, p_schedule text, p_run text, p_ordered json) returns json language plpgsql volatile as $$
declare
  v_reason text := p_ordered ->> 'refused';
  v_session text := p_ordered #>> '{session,id}';
begin
  if v_reason is null and create_session(p_user, p_ordered -> 'session', null, null) ->> 'full' is not null then
    v_reason := p_ordered ->> 'full';
  end if;
  if v_reason is not null then
    update schedule_runs set status = 'refused', reason = v_reason where id = p_run;
    return json_build_object('run', 'refused', 'sessionId', null);
  end if;
  update schedule_runs set status = 'started', session_id = v_session, reason = null where id = p_run;
  update schedules set last_session_id = v_session where id = p_schedule;
  return json_build_object('run', 'started', 'sessionId', v_session);
end $$;

-- Makes a run of a schedule. p_fire: {run: a new id, cause: cron | waiting | request, dueAt, version, nextRunAt, ordered}.
--   cron      the instant dueAt: its run is made, and the schedule moves on to nextRunAt, which leaves out whatever was missed meanwhile; infinity pauses it;
--   waiting   the run that waits may begin;
--   request   a run now, whatever the pattern says.
-- While the last session has not ended, a run is skipped, or waits if none does. One whose turn has come goes before a new one, which then waits.
--
-- Answers {run, sessionId}: what became of it, and the session that was started, be it of the run that waited. Null: no such schedule; another sweep has
-- fired this instant; or the terms have changed. A repeat of a request answers {run} of the first.
create or replace function fire_schedule(p_user text, p_schedule text, p_fire json) returns json language plpgsql volatile as $$
declare
  v_run text := p_fire ->> 'run';
  v_cause text := p_fire ->> 'cause';
  v_due timestamptz := (p_fire ->> 'dueAt')::timestamptz;
  v_next timestamptz := (p_fire ->> 'nextRunAt')::timestamptz;
  v_waiting text;
  v_status text;
  v_busy boolean;
  v_fired json;
  s schedules;
begin
  perform 1 from user_settings where user_id = p_user for no key update;
  perform lock_session((select last_session_id from schedules where id = p_schedule and user_id = p_user));
  select * into s from schedules where id = p_schedule and user_id = p_user and deleted_at is null for no key update;
  if s.id is null then return null; end if;
  if exists (select from schedule_runs where id = v_run) then return json_build_object('run', (select status from schedule_runs where id = v_run)); end if;
  if v_cause <> 'request' and s.version <> (p_fire ->> 'version')::int then return null; end if;
  if v_cause = 'cron' and s.next_run_at <> v_due then return null; end if;
  v_busy := exists (select from agent_sessions where id = s.last_session_id and state <> 'ended' and deleted_at is null);
  if s.waiting_since is not null then
    select id into v_waiting from schedule_runs where schedule_id = p_schedule and due_at = s.waiting_since;
  end if;
  if v_cause = 'waiting' then
    if v_waiting is not null and not v_busy then v_fired := start_run(p_user, p_schedule, v_waiting, p_fire -> 'ordered'); end if;
    update schedules set waiting_since = case when v_busy then waiting_since end, due_at = next_run_at where id = p_schedule;
    return v_fired;
  end if;
  v_due := coalesce(v_due, app_now());
  v_status := case when not v_busy and v_waiting is null then 'started' when s.overlap = 'skip' or v_busy and v_waiting is not null then 'skipped' else 'waiting' end;
  -- A run that is to start stands as refused until start_run has seen whether it can.
  insert into schedule_runs (id, schedule_id, user_id, due_at, at, cause, status, reason)
    values (v_run, p_schedule, p_user, v_due, app_now(), v_cause, case v_status when 'started' then 'refused' else v_status end,
      case when v_status = 'skipped' then 'The run before has not ended' || case when v_waiting is null then '' else ', and another one waits for that' end
        || '. Nothing was started and nothing was spent.' end);
  if not v_busy then v_fired := start_run(p_user, p_schedule, coalesce(v_waiting, v_run), p_fire -> 'ordered'); end if;
  update schedules
    set waiting_since = case when v_status = 'waiting' then v_due when v_busy then waiting_since end,
      next_run_at = coalesce(v_next, next_run_at), enabled = enabled and v_next is distinct from 'infinity',
      version = version + case when v_next = 'infinity' then 1 else 0 end,
      due_at = case when v_status = 'waiting' and not v_busy and v_fired ->> 'sessionId' is null then app_now() else coalesce(v_next, next_run_at) end
    where id = p_schedule;
  return json_build_object('run', case when v_waiting is null then coalesce(v_fired ->> 'run', v_status) else v_status end, 'sessionId', v_fired ->> 'sessionId');
end $$;

-- A run that waits for this session has its turn: the schedule is due at once.
create or replace function let_waiting_run() returns trigger language plpgsql as $$
begin
  update schedules set due_at = app_now() where last_session_id = new.id and waiting_since is not null;
  return null;
end $$;
create or replace trigger let_waiting_run after update on agent_sessions for each row
  when (new.state = 'ended' and old.state <> 'ended') execute function let_waiting_run();
