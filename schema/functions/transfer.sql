-- A session taken out as a whole, and put in as a new one.

-- The whole session as one document; null: the user has no such session; {bytes}: more than p_most bytes of messages, journal and files, so nothing was
-- read. It takes no lock and is stable, so that all its statements see one snapshot. Of a session whose history was given up it says {cleared}.
create or replace function export_session(p_user text, p_session text, p_most bigint) returns json language plpgsql stable as $$
declare
  s agent_sessions;
  v_bytes bigint;
begin
  select * into s from agent_sessions where id = p_session and user_id = p_user and deleted_at is null;
  if not found then return null; end if;
  if s.cleared_at is not null then return json_build_object('clearedAt', s.cleared_at); end if;
  v_bytes := (select coalesce(sum(octet_length(without_media(content)::text)), 0) from agent_messages where session_id = s.id)
    + (select coalesce(sum(octet_length(data::text)), 0) from agent_events where session_id = s.id)
    + (select coalesce(sum(octet_length(content)), 0) from workspace_seen(s.id)) * 4 / 3;
  if v_bytes > p_most then return json_build_object('bytes', v_bytes); end if;
  return json_build_object('at', app_now(), 'state', session_state(s), 'desired', s.desired, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'facts', json_build_object('id', s.id, 'goal', s.goal, 'agent', s.agent, 'tier', s.tier, 'model', s.model, 'system', s.system,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text, 'ladder', s.model_ladder,
      'share', s.daily_share_percent, 'effort', s.effort, 'maxOutputTokens', s.max_output_tokens, 'tools', s.tools, 'web', s.web, 'mcp', s.mcp, 'memoryName', s.memory_name, 'metadata', s.metadata, 'createdAt', s.created_at,
      'approvals', s.approvals, 'resultSchema', s.result_schema, 'offerChoices', s.offer_choices),
    'memory', (select agent_state from agent_checkpoints where session_id = s.id),
    'rows', (select json_agg(json_build_object('n', n, 'at', at, 'role', role, 'content', without_media(content)) order by n)
      from agent_messages where session_id = s.id),
    'calls', coalesce((select json_agg(json_build_object('id', call_id, 'name', name, 'messageN', message_n, 'position', position,
        'started', started_by is not null, 'doneAt', done_at) order by message_n, position) from tool_calls where session_id = s.id), '[]'),
    'inbox', coalesce((select json_agg(json_build_object('at', at, 'content', content) order by n)
      from session_inbox where session_id = s.id and n > s.inbox_taken), '[]'),
    'received', coalesce((select json_agg(json_build_object('path', path, 'bytes', bytes) order by path collate "C")
      from workspace_inbox where session_id = s.id), '[]'),
    'journal', (select json_agg(json_build_object('seq', seq, 'at', at, 'iteration', iteration, 'type', type, 'data', data) order by seq)
      from agent_events where session_id = s.id),
    'files', coalesce((select json_agg(json_build_object('path', path, 'mode', mode, 'updatedAt', at, 'content', encode(content, 'base64'))
      order by path collate "C") from workspace_seen(s.id)), '[]'),
    'ledger', coalesce((select json_agg(json_build_object('at', at, 'day', day, 'iteration', iteration, 'model', model, 'kind', kind, 'class', class,
      'cost', cost::text, 'usage', usage) order by fence, n) from usage_ledger where session_id = s.id and user_id = p_user), '[]'));
end $$;

-- Makes a session from p_session, the port's Restored: at rest, unowned, without any money. Answers {id}, or what admit_session says. The id is minted before
-- the first try. Locks the key, then the user.
--
-- It runs as the owner of the tables, because users may not write files and tool calls. So every row is p_user's and of the session made here.
create or replace function import_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  v_to json := p_session -> 'state';
  v_ended boolean := v_to ->> 'state' = 'ended';
  v_now timestamptz := app_now();
  v_answer json;
  s agent_sessions;
begin
  perform assert_current_user(p_user);
  v_answer := admit_session(p_user, 'import', p_session, not v_ended, p_key, p_fingerprint);
  if v_answer is not null then return v_answer; end if;
  insert into agent_sessions (id, user_id, created_at, updated_at, last_checkpoint_at, completed_at, state, due_at, hint_at, iteration, seq, msg_n,
      inbox_n, question, outcome, result, error_code, error_message, agent, tier, model, on_end_turn, max_iterations, max_cost_microdollars,
      metadata, system, goal, daily_share_percent, model_ladder, effort, max_output_tokens, tools, web, waiting_for, waiting_since, choices, result_json,
      approvals, result_schema, offer_choices, memory_name, mcp)
    values (v_id, p_user, v_now, v_now, v_now, case when v_ended then v_now end, v_to ->> 'state', case when not v_ended then 'infinity'::timestamptz end,
      '-infinity', (p_session ->> 'iteration')::int, json_array_length(p_session -> 'journal'), json_array_length(p_session -> 'rows'),
      json_array_length(p_session -> 'inbox'), v_to ->> 'question', v_to ->> 'outcome', v_to ->> 'result', v_to #>> '{error,code}',
      v_to #>> '{error,message}', p_session ->> 'agent', p_session ->> 'tier', p_session ->> 'model', p_session ->> 'onEndTurn',
      (p_session ->> 'maxIterations')::int, (p_session ->> 'maxCost')::bigint, p_session -> 'metadata', p_session ->> 'system', p_session ->> 'goal',
      (p_session ->> 'share')::int, array(select json_array_elements_text(p_session -> 'ladder')),
      p_session ->> 'effort', (p_session ->> 'maxOutputTokens')::int, texts_of(p_session -> 'tools'), object_of(p_session -> 'web'),
      case when v_to ->> 'state' = 'waiting' then 'question' end, v_now, texts_of(v_to -> 'choices'), object_of(v_to -> 'resultJson'),
      texts_of(p_session -> 'approvals'), object_of(p_session -> 'resultSchema'), coalesce((p_session ->> 'offerChoices')::boolean, false), p_session ->> 'memoryName', texts_of(p_session -> 'mcp'))
    on conflict (id) do nothing returning * into s;
  if not found then return made_before(p_user, v_id); end if;
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
  insert into agent_events (session_id, seq, user_id, fence, at, iteration, type, data)
    select v_id, i, p_user, 0, coalesce((e ->> 'at')::timestamptz, v_now), coalesce((e ->> 'iteration')::int, (p_session ->> 'iteration')::int),
      e ->> 'type', e -> 'data'
    from json_array_elements(p_session -> 'journal') with ordinality x(e, i);
  insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
    select v_id, f ->> 'path', s.iteration, p_user, (f ->> 'updatedAt')::timestamptz, (f ->> 'mode')::int, decode(f ->> 'content', 'base64')
    from json_array_elements(p_session -> 'files') x(f);
  insert into workspace_inbox (session_id, path, user_id, at, mode, bytes, taken)
    select v_id, r ->> 'path', p_user, v_now, 420, (r ->> 'bytes')::int, true
    from json_array_elements(coalesce(p_session -> 'received', '[]')) x(r);
  return json_build_object('id', v_id);
end $$;
