-- The first request of an iteration: an invocation becomes the owner of a session that is due.

-- Everything that the owner needs to know. The caller keeps the messages up to number p_have, and with them goal and system prompt. `claims`: of this
-- session today, this one included, and the most that the operator allows (table operator_limits).
create or replace function claim_answer(s agent_sessions, p_have int) returns json language plpgsql volatile as $$
declare
  v_memory json := (select agent_state from agent_checkpoints where session_id = s.id);
  v_from int := coalesce((v_memory #>> '{context,from}')::int, 1);
begin
  return json_build_object('fence', s.fence, 'at', app_now(), 'attempts', s.attempts, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'least', s.least_microdollars::text,
    'facts', json_build_object('id', s.id, 'userId', s.user_id, 'agent', s.agent, 'model', s.model, 'ladder', s.model_ladder, 'tier', s.tier,
      'goal', case when p_have = 0 then s.goal end, 'system', case when p_have = 0 then s.system end,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text,
      'effort', s.effort, 'maxOutputTokens', s.max_output_tokens, 'tools', s.tools, 'web', s.web, 'mcp', s.mcp, 'memoryName', s.memory_name,
      'approvals', s.approvals, 'resultSchema', s.result_schema, 'offerChoices', s.offer_choices,
      'wakePolicy', (select wake_policy from user_settings where user_id = s.user_id)),
    'state', session_state(s), 'memory', v_memory, 'from', v_from, 'msgN', s.msg_n,
    'history', coalesce((select json_agg(json_build_object('n', n, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id and n > p_have and n >= v_from), '[]'),
    'calls', coalesce((select json_agg(case when a.call_id is null
        then json_build_object('id', c.call_id, 'name', c.name, 'input', c.input, 'startedBy', c.started_by)
        else json_build_object('id', c.call_id, 'name', c.name, 'input', c.input, 'startedBy', c.started_by, 'approval', json_build_object('input', a.input,
          'edited', a.edited, 'toolSha', a.tool_sha, 'expiresAt', a.expires_at, 'decision', a.decision, 'reason', a.reason)) end
      order by c.message_n, c.position) from tool_calls c left join tool_approvals a on a.session_id = c.session_id and a.call_id = c.call_id
      where c.session_id = s.id and c.done_at is null), '[]'),
    'pending', pending_commands(s), 'searches', searches_today(s), 'shared', case when s.memory_name is not null then shared_memory(s.user_id, s.memory_name, false) end, 'day', day_for_session(s), 'claims', json_build_object('most', (select claims_per_day from operator_limits),
      'today', s.fence - (select fence from session_days where session_id = s.id)));
end $$;

-- agent.model_called of a call whose owner died: nothing of it is known but what was held for it.
create or replace function dead_call(h budget_holds) returns json language plpgsql stable as $$
begin
  return json_build_object('type', 'agent.model_called', 'iteration', h.iteration, 'data', json_build_object('model', h.model, 'kind', null,
    'cost_microdollars', h.amount, 'charge', 'unknown', 'input_tokens', null, 'output_tokens', null, 'cache_write_5m_tokens', null,
    'cache_write_1h_tokens', null, 'cache_read_tokens', null,
    'duration_ms', greatest(0, floor(1000 * extract(epoch from app_now() - h.at))::bigint)));
end $$;

-- Makes p_invocation the owner of the session and answers with claim_answer. Otherwise {retryInMs}: milliseconds until a new try makes sense, null
-- if a sweep will find the session. p_invocation is minted before the first try, so a blind repeat gets the same claim.
--
-- The hold of a dead owner is charged in full, because the call may have been billed (R7). The claim forgets when the session was last hinted: the lease
-- keeps an owned session from being hinted, and once its owner has died the first sweep after the lease finds it.
--
-- What users wrote to the workspace is taken into it here, unless tool calls are open (take_files). Questions that nobody decided on in time end here, and so do all
-- others where a message waits (close_questions).
--
-- Locks the user if the day must be opened, then the session, then days and holds.
create or replace function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  b operator_limits := (select operator_limits from operator_limits);
  v_user text := (select user_id from agent_sessions where id = p_session);  -- never changes, so no lock
  v_opens boolean;
  v_today date;
  v_cost bigint := 0;
  v_journal json[] := '{}';
  v_received json;
  h budget_holds;
  s agent_sessions;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_opens := lock_to_open(v_user);
  s := lock_session(p_session);
  if s.id is null or s.state = 'ended' then return json_build_object('retryInMs', null); end if;
  if s.claimed_by is not distinct from p_invocation then
    if not owns(s, s.fence) then return json_build_object('retryInMs', null); end if;  -- a late copy of a claim that is done with
    return claim_answer(s, p_have);
  end if;
  if s.due_at > app_now() then  -- not due yet: hint again, do not drop (R10)
    return json_build_object('retryInMs',
      case when s.due_at < 'infinity' then greatest(1, ceil(1000 * extract(epoch from s.due_at - app_now()))) end);
  end if;
  -- Its owner chains, and if it dies the recovery cron hints. A hint of our own would stay in the queue for as long as the session works.
  if s.lease_until > clock_timestamp() then return json_build_object('retryInMs', null); end if;
  for h in select * from budget_holds where session_id = p_session and class = 'held' order by day, fence, n loop
    v_cost := v_cost + coalesce(close_hold(p_session, h.fence, h.n, null, 'unknown'), 0);
    if h.kind = 'call' then v_journal := v_journal || dead_call(h); end if;
    v_journal := v_journal || json_build_object('type', 'agent.retrying', 'iteration', h.iteration,
      'data', json_build_object('reason', 'outcome_unknown', 'cost_microdollars', h.amount));
  end loop;
  if v_opens then perform open_day(v_user); end if;
  v_received := take_files(s);
  if v_received is not null then v_journal := v_journal || json_build_object('type', 'agent.files_received', 'data', v_received); end if;
  v_journal := v_journal || close_questions(s);
  update agent_sessions
    set fence = fence + 1, claimed_by = p_invocation, lease_until = clock_timestamp() + p_lease, attempts = attempts + 1, command_seen = command_seq,
      hint_at = '-infinity', cost_microdollars = cost_microdollars + v_cost, seq = seq + cardinality(v_journal), updated_at = app_now()
    where id = p_session returning * into s;
  perform append_events(s, array_to_json(v_journal));
  v_today := (app_now() at time zone 'UTC')::date;
  if not exists (select from session_days where session_id = p_session and day >= v_today) then perform session_day(s, v_today); end if;
  return claim_answer(s, p_have);
end $$;
