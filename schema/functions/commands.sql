-- What users and operators ask for. Each takes its idempotency key first, so that a copy under way waits there (R4).

-- Takes the key. False: an earlier request took it and is committed.
create or replace function take_idempotency_key(p_user text, p_scope text, p_key text, p_fingerprint text, p_session text default null)
returns boolean language plpgsql volatile as $$
begin
  insert into idempotency_keys (user_id, scope, key, fingerprint, session_id, at)
    values (p_user, p_scope, p_key, p_fingerprint, p_session, app_now()) on conflict do nothing;
  return found;
end $$;

-- Whether a key that was taken stands for this request. Volatile, so that it sees what was committed while the key was waited for.
create or replace function key_stands_for(p_user text, p_scope text, p_key text, p_fingerprint text) returns boolean language plpgsql volatile as $$
begin
  return exists (select from idempotency_keys where user_id = p_user and scope = p_scope and key = p_key and fingerprint = p_fingerprint);
end $$;

-- Whether the user has p_most sessions or more that have not ended, p_but aside. Reads no more sessions than that.
create or replace function has_live_sessions(p_user text, p_but text, p_most int) returns boolean language plpgsql stable set enable_bitmapscan = off as $$
begin
  return (select count(*) from (select from agent_sessions where user_id = p_user and due_at is not null and deleted_at is null and id <> p_but
    limit p_most) live) >= p_most;
end $$;

-- Takes the key for a new session with the id of p_session, and counts the user's sessions. Null: go on. {id}: the session that an earlier request with this
-- key made; {conflict}: the key stands for another request; {full}: the user has `mostLive` sessions that have not ended (p_live says that this one would
-- count), and the key stays free. p_key null: nothing but the count. Locks the key, then the user, so that of two requests at once only one is the last.
create or replace function admit_session(p_user text, p_scope text, p_session json, p_live boolean, p_key text, p_fingerprint text)
returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  v_most int := (p_session ->> 'mostLive')::int;
  k idempotency_keys;
begin
  if p_key is not null and not take_idempotency_key(p_user, p_scope, p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = p_scope and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  if v_most is null or not p_live then return null; end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if not has_live_sessions(p_user, v_id, v_most) then return null; end if;
  delete from idempotency_keys where user_id = p_user and scope = p_scope and key = p_key;
  return json_build_object('full', true);
end $$;

-- Answers {id} to a blind repeat, which finds its session made. Raises unique_violation if another user has a session of this id.
create or replace function made_before(p_user text, p_id text) returns json language plpgsql volatile as $$
begin
  perform 1 from agent_sessions where id = p_id and user_id = p_user;
  if not found then raise 'session % is taken', p_id using errcode = 'unique_violation'; end if;
  return json_build_object('id', p_id);
end $$;

-- A json array of texts as an array; null for whatever is no array.
create or replace function texts_of(p_list json) returns text[] language plpgsql immutable as $$
begin
  if json_typeof(p_list) is distinct from 'array' then return null; end if;
  return array(select value from json_array_elements_text(p_list));
end $$;

-- The json object itself; null for whatever is none.
create or replace function object_of(p_value json) returns json language sql immutable as $$
  select case when json_typeof(p_value) = 'object' then p_value end
$$;

-- Makes a session from p_session, the port's NewSession. Its files come into the workspace with the first claim. Answers {id}, or what admit_session
-- says. The id is minted before the first try, so a blind repeat finds it; p_key null: no idempotency beyond that. Locks the key, then the user.
create or replace function create_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  v_answer json := admit_session(p_user, 'create', p_session, true, p_key, p_fingerprint);
  s agent_sessions;
begin
  if v_answer is not null then return v_answer; end if;
  insert into agent_sessions (id, user_id, created_at, updated_at, due_at, hint_at, seq, msg_n, agent, tier, model, on_end_turn, max_iterations,
      max_cost_microdollars, metadata, system, goal, daily_share_percent, model_ladder, effort, max_output_tokens, tools, web, approvals, result_schema,
      offer_choices, memory_name, mcp)
    values (v_id, p_user, app_now(), app_now(), app_now(), '-infinity', 1, 1, p_session ->> 'agent', p_session ->> 'tier', p_session ->> 'model',
      p_session ->> 'onEndTurn', (p_session ->> 'maxIterations')::int, (p_session ->> 'maxCost')::bigint, p_session -> 'metadata',
      p_session ->> 'system', p_session ->> 'goal', (p_session ->> 'share')::int,
      coalesce(texts_of(p_session -> 'ladder'), '{}'),
      p_session ->> 'effort', (p_session ->> 'maxOutputTokens')::int, texts_of(p_session -> 'tools'), object_of(p_session -> 'web'),
      texts_of(p_session -> 'approvals'), object_of(p_session -> 'resultSchema'), coalesce((p_session ->> 'offerChoices')::boolean, false), p_session ->> 'memoryName', texts_of(p_session -> 'mcp'))
    on conflict (id) do nothing returning * into s;
  if not found then return made_before(p_user, v_id); end if;
  insert into agent_checkpoints (session_id, user_id, fence, retry_counts, agent_state, updated_at)
    values (v_id, p_user, 0, '[]', '{}', app_now());
  perform append_messages(s, json_build_array(json_build_object('role', 'user',
    'content', json_build_array(json_build_object('type', 'text', 'text', s.goal)))));
  perform append_events(s, json_build_array(json_build_object('type', 'agent.started',
    'data', json_build_object('agent', s.agent, 'model', s.model, 'tier', s.tier))));
  insert into workspace_inbox (session_id, path, user_id, at, mode, bytes, content)
    select v_id, f ->> 'path', p_user, app_now(), 420, octet_length(content), content
      from json_array_elements(coalesce(p_session -> 'firstFiles', '[]')) f, decode(f ->> 'content', 'base64') content;
  return json_build_object('id', v_id);
end $$;

-- Locks a session of this user and reads it. A row of nulls: the user has no such session.
create or replace function lock_user_session(p_user text, p_session text) returns agent_sessions language plpgsql volatile as $$
declare
  s agent_sessions := lock_session(p_session);
begin
  if s.user_id is distinct from p_user or s.deleted_at is not null then return null; end if;
  return s;
end $$;

-- Whether p_content would be too much beside the messages that no save has taken yet. p_most: {messages, characters}; null: never. Volatile, so that
-- it sees what came in while the lock was waited for. The caller has locked the session.
create or replace function inbox_full(s agent_sessions, p_content text, p_most json) returns boolean language sql volatile as $$
  select count(*) >= (p_most ->> 'messages')::int or coalesce(sum(length(content)), 0) + length(p_content) > (p_most ->> 'characters')::int
    from session_inbox where session_id = s.id and n > s.inbox_taken
$$;

-- Takes a user's command to a session: p_wish is {type: message | pause | resume | cancel | wake, content?, most?, files?, mostFiles?}. A message is taken
-- with its files (attach_files) or not at all. A command never sets a state: it
-- adds to `command_seq` and makes the session due, and the core decides (R5). Cancel is final; a wake stays until an owner that knew it has saved, or the
-- user pauses.
--
-- Answers {ended}: true if the session had ended; {full}: more messages would wait than `most`; what attach_files refuses; null: no such session. None of these keeps the
-- key, so that a repeat finds out again. {conflict}: the key stands for another command. Locks the key, then the session.
create or replace function request_action(p_user text, p_session text, p_operation text, p_wish json) returns json language plpgsql volatile as $$
declare
  v_type text := p_wish ->> 'type';
  v_fingerprint text := v_type || coalesce(' ' || encode(sha256(convert_to(p_wish ->> 'content', 'UTF8')), 'hex'), '')
    || coalesce(' ' || encode(sha256(convert_to(p_wish ->> 'files', 'UTF8')), 'hex'), '');
  v_first boolean := take_idempotency_key(p_user, p_session, p_operation, v_fingerprint, p_session);
  s agent_sessions := lock_user_session(p_user, p_session);
  v_refusal json;
  v_full boolean := v_type = 'message' and inbox_full(s, p_wish ->> 'content', p_wish -> 'most');
begin
  if v_first and (s.id is null or s.state = 'ended' or v_full) then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  if s.id is null then return null; end if;
  if not v_first and not key_stands_for(p_user, p_session, p_operation, v_fingerprint) then return json_build_object('conflict', true); end if;
  if not v_first or s.state = 'ended' then return json_build_object('ended', v_first); end if;
  if v_full then return json_build_object('full', true); end if;
  if p_wish ->> 'files' is not null then v_refusal := attach_files(s, p_wish -> 'files', p_wish -> 'mostFiles'); end if;
  if v_refusal is not null then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
    return v_refusal;
  end if;
  update agent_sessions
    set command_seq = command_seq + 1, due_at = least(due_at, app_now()), hint_at = '-infinity', updated_at = app_now(),
      seq = seq + (v_type = 'message')::int, inbox_n = inbox_n + (v_type = 'message')::int,
      wake_requested = case v_type when 'wake' then true when 'pause' then false else wake_requested end,
      desired = case when desired = 'cancel' then desired
        else case v_type when 'pause' then 'pause' when 'resume' then 'run' when 'cancel' then 'cancel' else desired end end
    where id = p_session returning * into s;
  if v_type = 'message' then
    insert into session_inbox (session_id, n, user_id, at, content) values (p_session, s.inbox_n, p_user, app_now(), p_wish ->> 'content');
    perform append_events(s, json_build_array(json_build_object('type', 'agent.message_received',
      'data', json_build_object('content', p_wish ->> 'content'))));
  end if;
  return json_build_object('ended', false);
end $$;

-- Changes the settings of a session that p_change names, the port's SessionChange. An owner that claimed before the change does not suspend it (R5). A
-- sleeper takes the change up when it wakes. Answers as request_action: {ended}, {conflict}, or null. Locks the key, then the session.
create or replace function change_session(p_user text, p_session text, p_operation text, p_change json) returns json language plpgsql volatile as $$
declare
  v_change jsonb := p_change;
  v_fingerprint text := 'change ' || encode(sha256(convert_to(v_change::text, 'UTF8')), 'hex');
  v_first boolean := take_idempotency_key(p_user, p_session, p_operation, v_fingerprint, p_session);
  s agent_sessions := lock_user_session(p_user, p_session);
  v_ended boolean := s.state = 'ended' and exists (select from jsonb_object_keys(v_change) name where name <> 'metadata');
  v_told jsonb;
begin
  if v_first and (s.id is null or v_ended) then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  if s.id is null then return null; end if;
  if not v_first and not key_stands_for(p_user, p_session, p_operation, v_fingerprint) then return json_build_object('conflict', true); end if;
  if v_ended or not v_first then return json_build_object('ended', v_ended and v_first); end if;
  v_told := settings_changed(s, p_change);
  if v_told is null then return json_build_object('ended', false); end if;
  update agent_sessions
    set max_iterations = case when v_change ? 'maxIterations' then (v_change ->> 'maxIterations')::int else max_iterations end,
      max_cost_microdollars = case when v_change ? 'maxCost' then (v_change ->> 'maxCost')::bigint else max_cost_microdollars end,
      model_ladder = case when v_change ? 'ladder' then array(select jsonb_array_elements_text(v_change -> 'ladder')) else model_ladder end,
      daily_share_percent = case when v_change ? 'share' then (v_change ->> 'share')::int else daily_share_percent end,
      effort = case when v_change ? 'effort' then v_change ->> 'effort' else effort end,
      max_output_tokens = case when v_change ? 'maxOutputTokens' then (v_change ->> 'maxOutputTokens')::int else max_output_tokens end,
      web = case when v_change ? 'web' then object_of(p_change -> 'web') else web end,
      metadata = case when v_change ? 'metadata' then p_change -> 'metadata' else metadata end,
      command_seq = command_seq + 1, seq = seq + 1, updated_at = app_now()
    where id = p_session returning * into s;
  perform append_events(s, json_build_array(json_build_object('type', 'agent.settings_changed', 'data', v_told)));
  return json_build_object('ended', false);
end $$;

-- The data of agent.settings_changed: what p_change names and is not so already. Null: nothing.
create or replace function settings_changed(s agent_sessions, p_change json) returns jsonb language plpgsql immutable as $$
declare
  v_change jsonb := p_change;
begin
  return (select jsonb_object_agg(told, case when told in ('metadata', 'web') then to_jsonb('changed'::text) when told = 'max_cost_microdollars'
      then to_jsonb((v_change ->> name)::bigint) else v_change -> name end)
    from (values ('maxIterations', 'max_iterations', to_jsonb(s.max_iterations)),
      ('maxCost', 'max_cost_microdollars', to_jsonb(s.max_cost_microdollars::text)), ('ladder', 'model_ladder', to_jsonb(s.model_ladder)),
      ('share', 'daily_share_percent', to_jsonb(s.daily_share_percent)), ('effort', 'effort', to_jsonb(s.effort)),
      ('maxOutputTokens', 'max_output_tokens', to_jsonb(s.max_output_tokens)), ('web', 'web', s.web::jsonb),
      ('metadata', 'metadata', s.metadata::jsonb)) settings (name, told, was)
    where v_change ? name and v_change -> name is distinct from coalesce(was, 'null'));
end $$;

-- Cancels the session and hides it from the user; purge removes it once it has ended. False: no such session. Locks the key, then the session.
create or replace function remove_session(p_user text, p_session text, p_operation text) returns boolean language plpgsql volatile as $$
begin
  if not take_idempotency_key(p_user, p_session, p_operation, 'remove', p_session) then return true; end if;
  if (lock_user_session(p_user, p_session)).id is null then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
    return false;
  end if;
  update agent_sessions
    set desired = 'cancel', deleted_at = app_now(), updated_at = app_now(), command_seq = command_seq + 1, hint_at = '-infinity',
      due_at = least(due_at, case when state <> 'ended' then app_now() end)
    where id = p_session;
  return true;
end $$;
