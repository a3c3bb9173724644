-- The protocol of one iteration: claim, reserve, (think), settle, (act), save, with heartbeat and start-tool beside them, a verb a file. What each
-- promises is said at its port (lib/ports/worker.ts). This file has what they share.
--
-- One call is one request and one transaction. A volatile plpgsql function in read committed takes a new snapshot for every statement in it,
-- so "lock first, then read" (R1) holds inside it: never mark one of them stable, never merge its statements into one.
--
-- Lock order (R3): idempotency key, user, sessions by id, shared memory, the user's days by date, holds, outage. Always `for no key update`: a plain `for update`
-- on a parent row blocks the foreign key check of every insert beneath it.
--
-- Errors: FENCE (the session has another owner, or this one has saved), AGAIN (nothing happened: send the same request again), no_data_found (no such
-- hold or user: a fault of the caller). Money within json is a decimal string of microdollars; instants are ISO 8601 or 'infinity'.
--
-- Deployments re-apply these files while the old code serves: a change of parameters is a new function under a new name, and the old one gets its line in
-- dropped.sql a release later. A function that reads up to a limit switches bitmap scans off: after an outage there is far more to read than
-- the statistics know, and the index has the order.

-- Locks the session and reads it. A row of nulls: there is none. In repeatable read a lock would not bring a fresh snapshot (R1).
create or replace function lock_session(p_session text) returns agent_sessions language plpgsql volatile as $$
declare
  s agent_sessions;
begin
  if current_setting('transaction_isolation') <> 'read committed' then raise 'read committed only'; end if;
  select * into s from agent_sessions where id = p_session for no key update;
  return s;
end $$;

-- Whether p_fence may write. A null fence never may, nor may a late copy of a request whose owner has saved (R2). The end of the lease does not matter.
create or replace function owns(s agent_sessions, p_fence bigint) returns boolean language sql immutable as $$
  select s.id is not null and s.fence is not distinct from p_fence and s.saved_fence < p_fence
$$;

-- Locks the session and raises FENCE unless p_fence may write.
create or replace function lock_owned_session(p_session text, p_fence bigint) returns agent_sessions language plpgsql volatile as $$
declare
  s agent_sessions := lock_session(p_session);
begin
  if not owns(s, p_fence) then raise 'session % is not owned by fence %', p_session, p_fence using errcode = 'FENCE'; end if;
  return s;
end $$;

-- Writes the log entries whose numbers the caller has just added to s.seq. Gap-free, because counter and rows commit together. An entry that names no
-- iteration belongs to the last one saved. What a user's webhooks are to be told of it is written with it (webhooks.sql).
create or replace function append_events(s agent_sessions, p_entries json) returns void language plpgsql volatile as $$
begin
  insert into agent_events (session_id, seq, user_id, fence, at, iteration, type, data)
    select s.id, s.seq - json_array_length(p_entries) + i, s.user_id, s.fence, app_now(), coalesce((e ->> 'iteration')::int, s.iteration), e ->> 'type',
      e -> 'data'
    from json_array_elements(p_entries) with ordinality x(e, i);
  perform tell_webhooks(s, p_entries);
end $$;

-- A turn without the bytes of its images and PDFs, which are told to people and kept out of exports. The same bytes of JSON where it has none.
create or replace function without_media(p_content json) returns json language sql immutable as $$
  select case when p_content::text ~ '"type" ?: ?"(image|document)"' then
    (select json_agg(case when b ->> 'type' in ('image', 'document') then jsonb_set(b::jsonb, '{source,data}', '""')::json else b end order by i)
      from json_array_elements(p_content) with ordinality x(b, i))
    else p_content end
$$;

-- Writes the messages whose numbers the caller has just added to s.msg_n.
create or replace function append_messages(s agent_sessions, p_turns json) returns void language plpgsql volatile as $$
begin
  insert into agent_messages (session_id, n, user_id, fence, at, role, content)
    select s.id, s.msg_n - json_array_length(p_turns) + i, s.user_id, s.fence, app_now(), t ->> 'role', t -> 'content'
    from json_array_elements(p_turns) with ordinality x(t, i);
end $$;

-- Writes the core's memory into the session's checkpoint. The caller has locked the session.
create or replace function save_memory(s agent_sessions, p_memory json) returns void language plpgsql volatile as $$
begin
  update agent_checkpoints
    set fence = s.fence, job_id = s.claimed_by, current_phase = p_memory ->> 'phase', agent_state = p_memory,
      retry_counts = coalesce(p_memory #> '{guard,errors}', '[]'), updated_at = app_now()
    where session_id = s.id;
end $$;

-- Two json arrays as one, byte by byte as they were.
create or replace function joined(p_first json, p_second json) returns json language plpgsql immutable as $$
begin
  return (select coalesce(json_agg(e order by part, i), '[]') from (
    select 1 as part, e, i from json_array_elements(p_first) with ordinality x(e, i)
    union all select 2, e, i from json_array_elements(p_second) with ordinality x(e, i)) parts);
end $$;

-- What users want of a session (R5): the desired state, whether a wake came in, and the messages not taken yet. `received`: the files that the agent has
-- not been told of, if there are any.
create or replace function pending_commands(s agent_sessions) returns json language plpgsql volatile as $$
declare
  v_inbox json := coalesce((select json_agg(json_build_object('n', n, 'content', content) order by n) from session_inbox
    where session_id = s.id and n > s.inbox_taken), '[]');
  v_received json := received_files(s.id, true);
begin
  if v_received is null then return json_build_object('desired', s.desired, 'wakeRequested', s.wake_requested, 'inbox', v_inbox); end if;
  return json_build_object('desired', s.desired, 'wakeRequested', s.wake_requested, 'inbox', v_inbox, 'received', v_received);
end $$;

-- The session's state with what is true in it, as the core's StoredState.
create or replace function session_state(s agent_sessions) returns json language plpgsql immutable as $$
declare
  v_error json := case when s.error_code is not null then json_build_object('code', s.error_code, 'message', s.error_message) end;
begin
  return case s.state
    when 'sleeping' then json_build_object('state', s.state, 'until', s.sleep_until, 'reason', s.sleep_reason)
    when 'exceeded' then json_build_object('state', s.state, 'until', s.sleep_until)
    when 'waiting' then case when s.waiting_for = 'approval' then json_build_object('state', s.state, 'question', s.question, 'kind', s.waiting_for)
      when s.choices is not null then json_build_object('state', s.state, 'question', s.question, 'choices', s.choices)
      else json_build_object('state', s.state, 'question', s.question) end
    when 'paused' then json_build_object('state', s.state, 'error', v_error)
    when 'ended' then case when s.result_json is null then json_build_object('state', s.state, 'outcome', s.outcome, 'result', s.result, 'error', v_error)
      else json_build_object('state', s.state, 'outcome', s.outcome, 'result', s.result, 'error', v_error, 'resultJson', s.result_json) end
    else json_build_object('state', s.state) end;
end $$;

-- The session's files: of each path its last version, unless that says the file is gone.
create or replace function workspace(p_session text) returns setof workspace_files language sql stable as $$
  select * from workspace_files where session_id = p_session and superseded_at is null
$$;

-- The same as its user sees it: what they wrote since the last claim lies over it.
create or replace function workspace_seen(p_session text) returns table (path text, mode int, at timestamptz, content bytea) language sql stable as $$
  select path, mode, at, content from workspace_inbox where session_id = p_session and not taken and content is not null
  union all
  select path, mode, at, content from workspace_files f where session_id = p_session and superseded_at is null
    and not exists (select from workspace_inbox i where i.session_id = f.session_id and i.path = f.path and not i.taken)
$$;
