-- Finds the sessions that are due and have no owner.

-- Up to p_limit sessions that are due, unowned and not hinted just now. They are found by look_at, which triggers keep (triggers.sql). It marks them as hinted in the same statement, because a lock does not outlive
-- an HTTP request (R10). A session is hinted again after p_backoff, and then after as long as it has not moved: a queue with a backlog must not fill
-- with copies. Each look puts its session off until hint or lease has run out, so a backlog of hinted sessions costs nothing. While everything is
-- stopped nothing is due and nothing is marked.
--
-- `nextDue`: the earliest due_at of all schedules and of all sessions that may still move by themselves, those just marked included. `schedulesDue`:
-- whether due_schedules has anything. `overdueMs`: for how many milliseconds the
-- most overdue session without an owner has not moved, hinted or not, of the thousand that are due longest. A session at work keeps its
-- old due_at, so its last movement counts.
create or replace function sweep(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_now timestamptz := app_now();
  v_real timestamptz := clock_timestamp();
  v_left int := case when (select stopped from operator_limits) then 0 else p_limit end;
  v_due json := '[]';
  v_page json;
  v_looked int;
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
  v_now := app_now();
  return json_build_object('due', v_due, 'now', v_now, 'nextDue', least((select min(due_at) from agent_sessions where due_at < 'infinity'),
      (select min(due_at) from schedules where due_at < 'infinity')),
    'schedulesDue', exists (select from schedules where due_at <= v_now) and not (select stopped from operator_limits), 'overdueMs',
    (select coalesce(floor(1000 * max(extract(epoch from v_now - greatest(due_at, updated_at)))), 0)
      from (select due_at, updated_at from agent_sessions where due_at <= v_now and due_at < 'infinity'
        and (lease_until is null or lease_until <= clock_timestamp()) order by due_at limit greatest(p_limit, 1000)) s));
end $$;

-- Records that the queue gave up a message about this session, unless the newest log entry says so already. The session stays due. Locks the session.
create or replace function record_dead_letter(p_session text, p_reason text) returns void language plpgsql volatile as $$
declare
  s agent_sessions := lock_session(p_session);
begin
  if s.id is null or s.state = 'ended' then return; end if;
  perform 1 from agent_events where session_id = s.id and seq = s.seq and type = 'agent.retrying' and data ->> 'reason' = p_reason;
  if found then return; end if;
  update agent_sessions set seq = seq + 1, updated_at = app_now() where id = s.id returning * into s;
  perform append_events(s, json_build_array(json_build_object('type', 'agent.retrying', 'data', json_build_object('reason', p_reason))));
end $$;

-- For a local system that starts again: every owner is dead and every hint is lost. An attempt that the whole system cut short says nothing against its
-- session (R11).
create or replace function void_leases() returns void language sql volatile as $$
  update agent_sessions
    set lease_until = null, hint_at = '-infinity', attempts = attempts - (attempts > 0 and lease_until is not null)::int
    where state <> 'ended'
$$;
