-- What an archive brings: many files of a user, all of them or none.

-- Puts the files into the inbox of the workspace, those that are there already aside. Answers why that must not stand, as {refused: memory | clash | full} of
-- file_refusal; null: it may. The caller has locked the session, and undoes what must not stand.
create or replace function put_files(s agent_sessions, p_files json, p_most json) returns json language plpgsql volatile as $$
declare
  v_before record;
  v_after record;
  v_clash record;
  v_paths text[];
begin
  if exists (select from json_array_elements(p_files) f where in_memory(s, f ->> 'path')) then return json_build_object('refused', 'memory'); end if;
  select count(*) as files, coalesce(sum(octet_length(content)), 0) as bytes into v_before from workspace_seen(s.id);
  with sent as (
    select f ->> 'path' as path, (f ->> 'mode')::int as mode, decode(f ->> 'content', 'base64') as content from json_array_elements(p_files) f
  ), put as (
    insert into workspace_inbox (session_id, path, user_id, at, mode, bytes, content)
      select s.id, sent.path, s.user_id, app_now(), coalesce(sent.mode, seen.mode, 420), octet_length(sent.content), sent.content
        from sent left join workspace_seen(s.id) seen on seen.path = sent.path
        where sent.content is distinct from seen.content or sent.mode <> seen.mode & 511
      on conflict (session_id, path) do update
        set at = excluded.at, mode = excluded.mode, bytes = excluded.bytes, content = excluded.content, taken = false
      returning path
  ) select array_agg(path) into v_paths from put;
  if v_paths is null then return null; end if;
  select lower.path as low, upper.path as high into v_clash
    from workspace_seen(s.id) lower cross join unnest(folders_of(lower.path)) folder join workspace_seen(s.id) upper on upper.path = folder
    where lower.path = any(v_paths) or upper.path = any(v_paths) order by lower.path collate "C" limit 1;
  if found then
    return case when v_clash.low = any(v_paths) then json_build_object('refused', 'clash', 'path', v_clash.low, 'by', v_clash.high)
      else json_build_object('refused', 'clash', 'path', v_clash.high, 'by', v_clash.low) end;
  end if;
  select count(*) as files, coalesce(sum(octet_length(content)), 0) as bytes into v_after from workspace_seen(s.id);
  if v_after.files > greatest(v_before.files, (p_most ->> 'files')::int) or v_after.bytes > greatest(v_before.bytes, (p_most ->> 'treeBytes')::bigint) then
    return json_build_object('refused', 'full', 'files', v_after.files, 'bytes', v_after.bytes);
  end if;
  update agent_sessions set command_seq = command_seq + 1, updated_at = app_now() where id = s.id;
  return null;
end $$;

-- put_files, and nothing of it where it answers a refusal.
create or replace function put_all_files(s agent_sessions, p_files json, p_most json) returns json language plpgsql volatile as $$
declare
  v_refusal json;
begin
  v_refusal := put_files(s, p_files, p_most);
  if v_refusal is not null then raise 'not all of the files can be put' using errcode = 'UNDO1'; end if;
  return v_refusal;
exception when sqlstate 'UNDO1' then return v_refusal;
end $$;

-- What a message brings along: files with their content, and with null those that must be there already. Answers {refused: absent, path}, what put_files
-- refuses, or null. The caller has locked the session.
create or replace function attach_files(s agent_sessions, p_files json, p_most json) returns json language plpgsql volatile as $$
declare
  v_absent text := (select f ->> 'path' from json_array_elements(p_files) f where f ->> 'content' is null
    and not exists (select from workspace_seen(s.id) seen where seen.path = f ->> 'path') limit 1);
begin
  if v_absent is not null then return json_build_object('refused', 'absent', 'path', v_absent); end if;
  return put_all_files(s, (select coalesce(json_agg(f), '[]') from json_array_elements(p_files) f where f ->> 'content' is not null), p_most);
end $$;

-- write_file for many files at once, [{path, content (base64), mode: permissions or null}], each path once. Answers {taken: true}, {refused: ended, conflict,
-- clash or full}, or null: no such session. Locks the key, then the session.
create or replace function write_files(p_user text, p_session text, p_operation text, p_files json, p_most json) returns json language plpgsql volatile as $$
declare
  v_fingerprint text := 'files ' || encode(sha256(convert_to(p_files::text, 'UTF8')), 'hex');
  v_first boolean := take_idempotency_key(p_user, p_session, p_operation, v_fingerprint, p_session);
  s agent_sessions := lock_user_session(p_user, p_session);
  v_refusal json;
begin
  if not v_first and s.id is not null and not key_stands_for(p_user, p_session, p_operation, v_fingerprint) then
    return json_build_object('refused', 'conflict');
  end if;
  if v_first and s.state = 'ended' then v_refusal := json_build_object('refused', 'ended');
  elsif v_first and s.id is not null then v_refusal := put_all_files(s, p_files, p_most);
  end if;
  if v_first and (s.id is null or v_refusal is not null) then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  return case when s.id is null then null else coalesce(v_refusal, json_build_object('taken', true)) end;
end $$;
