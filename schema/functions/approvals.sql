-- Questions about tool calls: put by a save, decided once, by a person or by a claim. All of it happens under the lock of the session.

-- Writes the questions that a save puts, the core's ApprovalRequest. A question about a call that was asked about before takes its place. The caller has locked the
-- session.
create or replace function put_questions(s agent_sessions, p_requests json) returns void language plpgsql volatile as $$
begin
  if json_typeof(p_requests) is distinct from 'array' then return; end if;
  insert into tool_approvals (session_id, call_id, user_id, tool, input, edited, args_sha, tool_sha, input_schema, asked_at, expires_at)
    select s.id, r ->> 'id', s.user_id, r ->> 'tool', r -> 'input', (r ->> 'edited')::boolean, r ->> 'argsSha', r ->> 'toolSha', r -> 'schema', app_now(),
      (r ->> 'expiresAt')::timestamptz
    from json_array_elements(p_requests) r
    on conflict (session_id, call_id) do update set tool = excluded.tool, input = excluded.input, edited = excluded.edited, args_sha = excluded.args_sha,
      tool_sha = excluded.tool_sha, input_schema = excluded.input_schema, asked_at = excluded.asked_at, expires_at = excluded.expires_at, decision = null,
      reason = null, decided_at = null;
end $$;

-- Whether a message is a person's: that of a trigger stands in its frame, the core's FROM_OUTSIDE.
create or replace function is_of_person(p_content text) returns boolean language sql immutable as $$
  select not starts_with(p_content, '[from outside ')
$$;

-- Ends the questions that nobody has decided on in time, and all others where a message of a person waits. Answers with their events. The caller has locked the session.
create or replace function close_questions(s agent_sessions) returns json[] language plpgsql volatile as $$
declare
  v_spoken boolean := exists (select from session_inbox where session_id = s.id and n > s.inbox_taken and is_of_person(content));
  v_now timestamptz := app_now();
  v_events json[];
begin
  with closed as (
    update tool_approvals a set decision = case when expires_at <= v_now then 'expired' else 'withdrawn' end, decided_at = v_now
      where session_id = s.id and decision is null and (expires_at <= v_now or v_spoken)
        and exists (select from tool_calls c where c.session_id = a.session_id and c.call_id = a.call_id and c.done_at is null)
      returning call_id, tool, decision, asked_at
  ) select array_agg(approval_decided(call_id, tool, decision, null, null) order by asked_at, call_id) into v_events from closed;
  return coalesce(v_events, '{}');
end $$;

-- agent.approval_decided. p_input: of an edit; p_reason: of a person.
create or replace function approval_decided(p_call text, p_tool text, p_decision text, p_input json, p_reason text) returns json language plpgsql immutable as $$
begin
  return json_build_object('type', 'agent.approval_decided', 'data', (
    json_build_object('tool_use_id', p_call, 'name', p_tool, 'decision', p_decision)::jsonb
    || case when p_input is null then '{}' else jsonb_build_object('input', p_input) end
    || case when p_reason is null then '{}' else jsonb_build_object('reason', p_reason) end));
end $$;

-- Why a reply, the port's ApprovalReply, decides nothing about question a of session s; null: it decides it. {answered}: it was decided so before.
create or replace function approval_refusal(s agent_sessions, a tool_approvals, p_reply json) returns json language plpgsql volatile as $$
begin
  if a.call_id is null then return json_build_object('refused', case when s.state = 'ended' then 'ended' else 'absent' end); end if;
  if p_reply ->> 'argsSha' <> a.args_sha then return json_build_object('changed', 'arguments'); end if;
  if p_reply ->> 'toolSha' <> a.tool_sha then return json_build_object('changed', 'tool'); end if;
  if a.decision is not null then
    return case when a.decision = p_reply ->> 'decision' and (a.decision <> 'edit' or (p_reply -> 'input')::jsonb = a.input::jsonb)
      then json_build_object('answered', true) else json_build_object('decided', a.decision) end;
  end if;
  if s.state = 'ended' or s.desired = 'cancel' then return json_build_object('refused', 'ended'); end if;
  if not exists (select from tool_calls where session_id = s.id and call_id = a.call_id and done_at is null) then
    return json_build_object('refused', 'absent');
  end if;
  return case when a.expires_at <= app_now() then json_build_object('expired', a.expires_at) end;
end $$;

-- Takes a person's decision on a call and makes the session due: what a claim finds decided the core runs, or tells (R5). Answers {answered}, what
-- approval_refusal says, {refused: conflict} if the key stands for another request, or null: the user has no such session. What is refused keeps no key. Locks the
-- key, then the session.
create or replace function answer_approval(p_user text, p_session text, p_operation text, p_call text, p_reply json) returns json language plpgsql volatile as $$
declare
  v_fingerprint text := 'approval ' || p_call || ' ' || encode(sha256(convert_to((p_reply::jsonb)::text, 'UTF8')), 'hex');
  v_first boolean := take_idempotency_key(p_user, p_session, p_operation, v_fingerprint, p_session);
  s agent_sessions := lock_user_session(p_user, p_session);
  v_decision text := p_reply ->> 'decision';
  v_refusal json;
  a tool_approvals;
begin
  if s.id is not null and not v_first then
    return case when key_stands_for(p_user, p_session, p_operation, v_fingerprint) then json_build_object('answered', true)
      else json_build_object('refused', 'conflict') end;
  end if;
  if s.id is not null then
    select * into a from tool_approvals where session_id = p_session and call_id = p_call;
    v_refusal := approval_refusal(s, a, p_reply);
  end if;
  if s.id is null or v_refusal is not null then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
    return v_refusal;
  end if;
  update tool_approvals
    set decision = v_decision, decided_at = app_now(), reason = p_reply ->> 'reason', edited = edited or v_decision = 'edit',
      input = case when v_decision = 'edit' then p_reply -> 'input' else input end
    where session_id = p_session and call_id = p_call;
  update agent_sessions
    set command_seq = command_seq + 1, due_at = least(due_at, app_now()), hint_at = '-infinity', updated_at = app_now(), seq = seq + 1
    where id = p_session returning * into s;
  perform append_events(s, json_build_array(approval_decided(p_call, a.tool, v_decision,
    case when v_decision = 'edit' then p_reply -> 'input' end, p_reply ->> 'reason')));
  return json_build_object('answered', true);
end $$;
