-- A person's stop stops before the next tool, too: until now the mark did not look, and the stop came with the next heartbeat. And no session
-- is told more than it can take in.

-- As start_tool in 0002_iteration.sql, which older workers still ask. 'run': marked, run it now; 'pause', 'cancel': not marked, since a person
-- wants this; 'begun': an earlier owner started it, or there is no such open call.
create function start_tool_unless_stopped(p_session text, p_fence bigint, p_call text) returns text language plpgsql volatile as $$
declare
  s agent_sessions := mine(p_session, p_fence);
  v_by bigint;
begin
  if s.desired <> 'run' then return s.desired; end if;
  update tool_calls set started_by = coalesce(started_by, p_fence) where session_id = s.id and call_id = p_call and done_at is null
    returning started_by into v_by;
  return case when v_by = p_fence then 'run' else 'begun' end;
end $$;
--> statement-breakpoint

-- Whether p_content would be too much beside what no save has taken in yet. p_most: {messages, characters}; null, as older callers have it:
-- never. Asked when the session is locked; volatile, so that it sees what came in while the lock was waited for.
create function inbox_full(s agent_sessions, p_content text, p_most json) returns boolean language sql volatile as $$
  select count(*) >= (p_most ->> 'messages')::int or coalesce(sum(length(content)), 0) + length(p_content) > (p_most ->> 'characters')::int
    from session_inbox where session_id = s.id and n > s.inbox_taken
$$;
--> statement-breakpoint

-- As in 0012_woken.sql, and a message is refused that would make more wait than `most` of p_wish: {full}. It leaves no key either.
create or replace function nudge(p_user text, p_session text, p_operation text, p_wish json) returns json language plpgsql volatile as $$
declare
  v_type text := p_wish ->> 'type';
  v_first boolean := first_time(p_user, p_session, p_operation, v_type, p_session);
  s agent_sessions := his(p_user, p_session);
  v_full boolean := v_type = 'message' and inbox_full(s, p_wish ->> 'content', p_wish -> 'most');
begin
  if v_first and (s.id is null or s.state = 'ended' or v_full) then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  if s.id is null then return null; end if;
  if not v_first or s.state = 'ended' then return json_build_object('ended', v_first); end if;
  if v_full then return json_build_object('full', true); end if;
  update agent_sessions
    set nudges = nudges + 1, due_at = least(due_at, app_now()), hint_at = '-infinity', updated_at = app_now(),
      seq = seq + (v_type = 'message')::int, inbox_n = inbox_n + (v_type = 'message')::int,
      woken = case v_type when 'wake' then true when 'pause' then false else woken end,
      desired = case when desired = 'cancel' then desired
        else case v_type when 'pause' then 'pause' when 'resume' then 'run' when 'cancel' then 'cancel' else desired end end
    where id = p_session returning * into s;
  if v_type = 'message' then
    insert into session_inbox (session_id, n, user_id, at, content) values (p_session, s.inbox_n, p_user, app_now(), p_wish ->> 'content');
    perform journal(s, json_build_array(json_build_object('type', 'agent.message_received',
      'data', json_build_object('content', p_wish ->> 'content'))));
  end if;
  return json_build_object('ended', false);
end $$;
