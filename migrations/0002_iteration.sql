-- The protocol of one iteration: claim ▸ reserve ▸ (think) ▸ settle ▸ (act) ▸ save, with heartbeat and start_tool beside it. DESIGN 4
-- and 12; what each promises is said at the port, lib/ports/index.ts. Errors: FENCE (the session has another owner, or this one has saved),
-- AGAIN (nothing happened: send the same request again), no_data_found (no such hold: a fault of the caller).

-- Locks the session and reads it. A row of nulls: there is none. In repeatable read a lock would not bring a fresh snapshot (R1).
create function locked(p_session text) returns agent_sessions language plpgsql volatile as $$
declare
  s agent_sessions;
begin
  if current_setting('transaction_isolation') <> 'read committed' then raise 'read committed only'; end if;
  select * into s from agent_sessions where id = p_session for no key update;
  return s;
end $$;
--> statement-breakpoint

-- May p_fence write? `is distinct from`, since a null fence must not pass; a late copy of a reserve has the right fence, but its owner
-- has saved (R2). Whether the lease has run out does not matter.
create function owns(s agent_sessions, p_fence bigint) returns boolean language sql immutable as $$
  select s.id is not null and s.fence is not distinct from p_fence and s.saved_fence < p_fence
$$;
--> statement-breakpoint

-- The guard: locks the session and raises unless p_fence may write.
create function mine(p_session text, p_fence bigint) returns agent_sessions language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
begin
  if not owns(s, p_fence) then raise 'session % is not owned by fence %', p_session, p_fence using errcode = 'FENCE'; end if;
  return s;
end $$;
--> statement-breakpoint

-- Writes the journal rows whose numbers the caller has just added to s.seq: gap-free, because counter and rows commit together.
create function journal(s agent_sessions, p_entries json) returns void language sql volatile as $$
  insert into agent_events (session_id, seq, user_id, fence, at, type, data)
    select s.id, s.seq - json_array_length(p_entries) + i, s.user_id, s.fence, app_now(), e ->> 'type', e -> 'data'
    from json_array_elements(p_entries) with ordinality x(e, i)
$$;
--> statement-breakpoint

-- Likewise the messages whose numbers the caller has just added to s.msg_n.
create function append(s agent_sessions, p_turns json) returns void language sql volatile as $$
  insert into agent_messages (session_id, n, user_id, fence, at, role, content)
    select s.id, s.msg_n - json_array_length(p_turns) + i, s.user_id, s.fence, app_now(), t ->> 'role', t -> 'content'
    from json_array_elements(p_turns) with ordinality x(t, i)
$$;
--> statement-breakpoint

-- Two json arrays as one, byte by byte as they were.
create function joined(p_first json, p_second json) returns json language sql immutable as $$
  select coalesce(json_agg(e order by part, i), '[]') from (
    select 1 as part, e, i from json_array_elements(p_first) with ordinality x(e, i)
    union all select 2, e, i from json_array_elements(p_second) with ordinality x(e, i)) parts
$$;
--> statement-breakpoint

create function remember(s agent_sessions, p_memory json) returns void language sql volatile as $$
  update agent_checkpoints
    set fence = s.fence, job_id = s.claimed_by, current_phase = p_memory ->> 'phase', agent_state = p_memory,
      retry_counts = coalesce(p_memory #> '{guard,errors}', '[]'), updated_at = app_now()
    where session_id = s.id
$$;
--> statement-breakpoint

-- What the outside wants of a session (R5).
create function wishes(s agent_sessions) returns json language sql volatile as $$
  select json_build_object('desired', s.desired, 'inbox', coalesce(
    (select json_agg(json_build_object('n', n, 'content', content) order by n) from session_inbox
      where session_id = s.id and n > s.inbox_taken), '[]'))
$$;
--> statement-breakpoint

-- The state with what is true in it, as the core's Rested.
create function rested(s agent_sessions) returns json language sql immutable as $$
  select case s.state
    when 'sleeping' then json_build_object('state', s.state, 'until', s.rest_until, 'reason', s.sleep_reason)
    when 'exceeded' then json_build_object('state', s.state, 'until', s.rest_until)
    when 'waiting' then json_build_object('state', s.state, 'question', s.question)
    when 'paused' then json_build_object('state', s.state, 'error', e.error)
    when 'ended' then json_build_object('state', s.state, 'outcome', s.outcome, 'result', s.result, 'error', e.error)
    else json_build_object('state', s.state) end
  from (select case when s.error_code is not null then json_build_object('code', s.error_code, 'message', s.error_message) end as error) e
$$;
--> statement-breakpoint

-- The files as they are now: of each path its last version, unless that says it is gone.
create function workspace(p_session text) returns setof workspace_files language sql volatile as $$
  select (f).* from (select distinct on (path) f from workspace_files f where session_id = p_session order by path, iteration desc) last
    where (f).content is not null
$$;
--> statement-breakpoint

-- All that the owner needs to know. The caller keeps the messages up to p_have, and with them the goal and the system prompt.
create function claimed(s agent_sessions, p_have int) returns json language plpgsql volatile as $$
declare
  v_memory json := (select agent_state from agent_checkpoints where session_id = s.id);
  v_from int := coalesce((v_memory #>> '{context,from}')::int, 1);
begin
  return json_build_object('fence', s.fence, 'at', app_now(), 'attempts', s.attempts, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'facts', json_build_object('id', s.id, 'userId', s.user_id, 'agent', s.agent, 'model', s.model, 'tier', s.tier,
      'goal', case when p_have = 0 then s.goal end, 'system', case when p_have = 0 then s.system end,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text,
      'wakePolicy', (select wake_policy from user_settings where user_id = s.user_id)),
    'state', rested(s), 'memory', v_memory, 'from', v_from, 'msgN', s.msg_n,
    'history', coalesce((select json_agg(json_build_object('n', n, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id and n > p_have and n >= v_from), '[]'),
    'calls', coalesce((select json_agg(json_build_object('id', call_id, 'name', name, 'input', input, 'startedBy', started_by)
      order by message_n, position) from tool_calls where session_id = s.id and done_at is null), '[]'),
    'wishes', wishes(s), 'day', last_day(s.user_id));
end $$;
--> statement-breakpoint

-- p_invocation is minted before the first try: a blind retry gets the same claim.
create function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);  -- never changes, so no lock
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := locked(p_session);
  h budget_holds;
  v_cost bigint := 0;
  v_charged json[] := '{}';
begin
  if s.id is null or s.state = 'ended' then return json_build_object('retryInMs', null); end if;
  if s.claimed_by is not distinct from p_invocation then
    if not owns(s, s.fence) then return json_build_object('retryInMs', null); end if;  -- a late copy of a claim that is done with
    return claimed(s, p_have);
  end if;
  if s.due_at > app_now() then  -- not due yet: hint again, do not drop (R10)
    return json_build_object('retryInMs',
      case when s.due_at < 'infinity' then greatest(1, ceil(1000 * extract(epoch from s.due_at - app_now()))) end);
  end if;
  -- Its owner chains, and if it dies the recovery cron hints. A hint of our own would stay in the queue for as long as the session works.
  if s.lease_until > clock_timestamp() then return json_build_object('retryInMs', null); end if;
  for h in select * from budget_holds where session_id = p_session and class = 'held' order by day, fence, n loop
    v_cost := v_cost + coalesce(resolve(p_session, h.fence, h.n, null, 'unknown'), 0);  -- it may have been billed: charge (R7)
    v_charged := v_charged || json_build_object('type', 'agent.retrying',
      'data', json_build_object('reason', 'outcome_unknown', 'cost_microdollars', h.amount));
  end loop;
  if v_opens then perform open_day(v_user); end if;
  update agent_sessions
    set fence = fence + 1, claimed_by = p_invocation, lease_until = clock_timestamp() + p_lease, attempts = attempts + 1, seen = nudges,
      cost_microdollars = cost_microdollars + v_cost, seq = seq + cardinality(v_charged), updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, array_to_json(v_charged));
  return claimed(s, p_have);
end $$;
--> statement-breakpoint

create function reserve(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_journal json)
returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := mine(p_session, p_fence);
  h budget_holds;
  d budget_days;
  v_cap bigint;
  v_amount bigint;
begin
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n;
  if found then return json_build_object('granted', h.amount::text, 'day', h.day); end if;  -- a retry: the hold's own day, midnight may have passed
  if v_opens then perform open_day(v_user); end if;
  select * into d from budget_days where user_id = v_user order by day desc limit 1 for no key update;
  if d.day is distinct from app_day(v_user) or exists (select from budget_days where user_id = v_user and day > d.day) then
    raise 'the day has ended' using errcode = 'AGAIN';
  end if;
  v_cap := s.max_cost_microdollars - s.cost_microdollars
    - (select coalesce(sum(amount), 0) from budget_holds where session_id = p_session and class = 'held');
  v_amount := least(p_wanted, v_cap, d.ceiling - d.spent - d.held);
  if v_amount < p_least or v_amount <= 0 then
    update agent_sessions set least_microdollars = p_least where id = p_session and least_microdollars <> p_least;
    return json_build_object('refused', case when v_cap < p_least or v_cap <= 0 then 'cap'
      when d.ceiling - d.spent < greatest(p_least, 1) then 'day' else 'held' end, 'day', last_day(v_user));
  end if;
  update budget_days set held = held + v_amount, revision = revision + 1 where user_id = v_user and day = d.day;
  insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, model, class, amount, ceiling, committed, at)
    values (p_session, p_fence, p_n, v_user, d.day, s.iteration + 1, s.msg_n, s.model, 'held', v_amount, d.ceiling, d.spent + d.held + v_amount, app_now());
  if json_array_length(p_journal) > 0 or s.least_microdollars <> p_least then
    update agent_sessions
      set seq = seq + json_array_length(p_journal), least_microdollars = p_least, updated_at = app_now()
      where id = p_session returning * into s;
    perform journal(s, p_journal);
  end if;
  return json_build_object('granted', v_amount::text, 'day', d.day);
end $$;
--> statement-breakpoint

-- From an owner that has lost the session it settles the money and nothing else, up or down: the one write a lost fence may do (R7).
create function settle(p_session text, p_fence bigint, p_settlement json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
  v_mine boolean := owns(s, p_fence);
  v_cost bigint := resolve(p_session, p_fence, (p_settlement ->> 'n')::int, (p_settlement ->> 'cost')::bigint, p_settlement ->> 'class', p_settlement);
  v_turns json := p_settlement -> 'turns';
  v_journal json := p_settlement -> 'journal';
begin
  if not v_mine then
    update agent_sessions set cost_microdollars = cost_microdollars + v_cost where id = p_session and v_cost <> 0;
    return json_build_object('late', true);
  end if;
  if v_cost is not null then
    update agent_sessions
      set state = 'ready', rest_until = null, sleep_reason = null, question = null, error_code = null, error_message = null, attempts = 0,
        cost_microdollars = cost_microdollars + v_cost, iteration = iteration + (p_settlement ->> 'iterated')::boolean::int,
        msg_n = msg_n + json_array_length(v_turns), inbox_taken = greatest(inbox_taken, (p_settlement ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal), updated_at = app_now(), last_checkpoint_at = app_now()
      where id = p_session returning * into s;
    perform append(s, v_turns);
    insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input)
      select s.id, s.msg_n, i, s.user_id, c ->> 'id', c ->> 'name', c -> 'input'
      from json_array_elements(p_settlement -> 'calls') with ordinality x(c, i);
    perform remember(s, p_settlement -> 'memory');
    perform journal(s, v_journal);
  end if;
  return json_build_object('day', last_day(s.user_id), 'cost', s.cost_microdollars::text, 'wishes', wishes(s), 'msgN', s.msg_n);
end $$;
--> statement-breakpoint

-- With nudges that its claim has not seen it may not rest (R5). What settle or a heartbeat brought back does not count as seen: an owner
-- that learns of a wish late may stop early, but only the next claim acts upon it. What rest says is journalled only if it came true.
create function save(p_session text, p_fence bigint, p_save json, p_files json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
  v_rests boolean;
  v_to json := json_build_object('state', 'ready');
  v_due timestamptz := (p_save ->> 'due')::timestamptz;
  v_memory json := p_save -> 'memory';
  v_journal json := p_save -> 'journal';
  v_turn json := case when json_typeof(p_save -> 'turn') = 'array' then json_build_array(json_build_object('role', 'user', 'content', p_save -> 'turn')) else '[]' end;
begin
  if s.saved_fence is distinct from p_fence then  -- else a blind retry: answer only
    s := mine(p_session, p_fence);
    v_rests := json_typeof(p_save -> 'rest') = 'object' and s.nudges = s.seen;
    if v_rests then
      v_to := p_save #> '{rest,to}';
      v_due := (p_save #>> '{rest,due}')::timestamptz;
      v_memory := p_save #> '{rest,memory}';
      v_journal := joined(v_journal, p_save #> '{rest,journal}');
    elsif s.nudges <> s.seen then
      v_due := app_now();
    end if;
    if v_due <= app_now() then v_due := least(s.due_at, app_now()); end if;  -- still due: an unchanged due_at keeps the update off its index
    if json_array_length(v_turn) > 0 then
      update tool_calls set done_at = app_now() where session_id = p_session and done_at is null;
    end if;
    update agent_sessions
      set state = v_to ->> 'state', due_at = case when v_to ->> 'state' <> 'ended' then v_due end, saved_fence = p_fence,
        lease_until = null, attempts = 0,
        -- What goes on at once is hinted by its owner; what rests must be seen by the first sweep after it became due, also if the clock leaps.
        hint_at = case when v_due > app_now() then '-infinity'::timestamptz else clock_timestamp() + interval '30 s' end,
        rest_until = (v_to ->> 'until')::timestamptz, sleep_reason = v_to ->> 'reason', question = v_to ->> 'question',
        outcome = v_to ->> 'outcome', result = v_to ->> 'result', error_code = v_to #>> '{error,code}', error_message = v_to #>> '{error,message}',
        completed_at = case when v_to ->> 'state' = 'ended' then app_now() end, updated_at = app_now(), last_checkpoint_at = app_now(),
        msg_n = msg_n + json_array_length(v_turn), inbox_taken = greatest(inbox_taken, (p_save ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal)
      where id = p_session returning * into s;
    perform append(s, v_turn);
    perform remember(s, v_memory);
    perform journal(s, v_journal);
    insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
      select distinct on (f ->> 'path') s.id, f ->> 'path', s.iteration, s.user_id, app_now(), (f ->> 'mode')::int, decode(f ->> 'content', 'base64')
        from json_array_elements(p_files) with ordinality x(f, i) order by f ->> 'path', i desc
      on conflict (session_id, path, iteration) do update set at = excluded.at, mode = excluded.mode, content = excluded.content;
  end if;
  return json_build_object('state', rested(s), 'desired', s.desired, 'due', coalesce(s.due_at, 'infinity'), 'now', app_now(), 'userId', s.user_id,
    'fence', s.fence, 'seq', s.seq, 'cost', s.cost_microdollars::text, 'day', last_day(s.user_id), 'msgN', s.msg_n);
end $$;
--> statement-breakpoint

create function heartbeat(p_session text, p_fence bigint, p_lease interval default '45 s') returns json language plpgsql volatile as $$
declare
  s agent_sessions := mine(p_session, p_fence);
begin
  update agent_sessions set lease_until = clock_timestamp() + p_lease where id = p_session;
  return wishes(s);
end $$;
--> statement-breakpoint

-- True: run it now. False: an earlier owner started it, or there is no such open call.
create function start_tool(p_session text, p_fence bigint, p_call text) returns boolean language plpgsql volatile as $$
declare
  s agent_sessions := mine(p_session, p_fence);
  v_by bigint;
begin
  update tool_calls set started_by = coalesce(started_by, p_fence) where session_id = s.id and call_id = p_call and done_at is null
    returning started_by into v_by;
  return coalesce(v_by = p_fence, false);
end $$;
