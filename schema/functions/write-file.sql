-- What users put into the workspace of a session, and remove from it.

-- The folders above a stored path, without the root.
create or replace function folders_of(p_path text) returns text[] language sql immutable as $$
  select array(select left(p_path, i - 1) from generate_series(2, length(p_path)) i where substr(p_path, i, 1) = '/')
$$;

-- Whether the path is that of the session's shared memory, whose entries are no files of the workspace.
create or replace function in_memory(s agent_sessions, p_path text) returns boolean language sql immutable as $$
  select s.memory_name is not null and starts_with(p_path || '/', '/memory/')
$$;

-- Why a write is not taken, as {refused}; null: it may be. The caller has locked the session. `changed`: the file is not what ifMatch or ifNoneMatch
-- ask for; they name files by the SHA-256 of their bytes, `*` is any. `memory`: that is the folder of the shared memory. `clash`: `by` is a file where `path` needs a folder, or lies in `path`.
-- `full`: the workspace would hold more than `most`, {files, treeBytes}, and more than it does. A file that is there already, byte for byte, is never
-- refused, so that a repeat is harmless.
create or replace function file_refusal(s agent_sessions, p_write json) returns json language plpgsql volatile as $$
declare
  v_path text := p_write ->> 'path';
  v_content bytea := decode(p_write ->> 'content', 'base64');
  v_old bytea := (select content from workspace_seen(s.id) where path = v_path);
  v_names text[] := array['*', encode(sha256(v_old), 'hex')];
  v_by text;
  v_files bigint;
  v_bytes bigint;
begin
  if s.state = 'ended' then return json_build_object('refused', 'ended'); end if;
  if v_content = v_old then return null; end if;
  if in_memory(s, v_path) then return json_build_object('refused', 'memory'); end if;
  if p_write ->> 'ifMatch' is not null
      and (v_old is null or not exists (select from json_array_elements_text(p_write -> 'ifMatch') name where name = any(v_names)))
      or p_write ->> 'ifNoneMatch' is not null
      and v_old is not null and exists (select from json_array_elements_text(p_write -> 'ifNoneMatch') name where name = any(v_names)) then
    return json_build_object('refused', 'changed');
  end if;
  if v_content is null then return case when v_old is null then json_build_object('refused', 'missing') end; end if;
  v_by := (select path from workspace_seen(s.id) where path = any(folders_of(v_path))
    or path collate "C" > v_path || '/' and path collate "C" < v_path || '0' order by path collate "C" limit 1);
  if v_by is not null then return json_build_object('refused', 'clash', 'path', v_path, 'by', v_by); end if;
  select count(*) + 1, coalesce(sum(octet_length(content)), 0) + octet_length(v_content) into v_files, v_bytes
    from workspace_seen(s.id) where path <> v_path;
  if v_old is null and v_files > (p_write #>> '{most,files}')::int
      or octet_length(v_content) > coalesce(octet_length(v_old), 0) and v_bytes > (p_write #>> '{most,treeBytes}')::bigint then
    return json_build_object('refused', 'full', 'files', v_files, 'bytes', v_bytes);
  end if;
  return null;
end $$;

-- Puts a file into the workspace, or removes one. p_write: {path, content (base64; null: remove it), ifMatch?, ifNoneMatch?, most}. The next claim takes
-- it up. An owner does not suspend the session before that (R5), and a sleeper is not woken. Answers {created, bytes, mode, updatedAt}, {removed}, what
-- file_refusal says, or null: no such session. A refusal does not keep the key. {refused: conflict}: the key stands for another write. Locks the key, then
-- the session.
create or replace function write_file(p_user text, p_session text, p_operation text, p_write json) returns json language plpgsql volatile as $$
declare
  v_path text := p_write ->> 'path';
  v_content bytea := decode(p_write ->> 'content', 'base64');
  v_fingerprint text := 'file ' || v_path || ' ' || coalesce(encode(sha256(v_content), 'hex'), 'removed');
  v_first boolean := take_idempotency_key(p_user, p_session, p_operation, v_fingerprint, p_session);
  s agent_sessions := lock_user_session(p_user, p_session);
  v_refusal json := case when v_first then file_refusal(s, p_write) end;
  f workspace_inbox;
begin
  if v_first and (s.id is null or v_refusal is not null) then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  if s.id is null then return null; end if;
  if not v_first and not key_stands_for(p_user, p_session, p_operation, v_fingerprint) then return json_build_object('refused', 'conflict'); end if;
  if v_refusal is not null then return v_refusal; end if;
  select path, mode, at, content into f.path, f.mode, f.at, f.content from workspace_seen(s.id) where path = v_path;
  if v_first and f.content is distinct from v_content then
    f.at := app_now();
    if v_content is null and not exists (select from workspace_files where session_id = s.id and path = v_path and superseded_at is null) then
      delete from workspace_inbox where session_id = s.id and path = v_path;  -- nobody but its user has seen it
    else
      insert into workspace_inbox (session_id, path, user_id, at, mode, bytes, content)
        values (s.id, v_path, p_user, f.at, coalesce(f.mode, 420), octet_length(v_content), v_content)
        on conflict (session_id, path) do update
          set at = excluded.at, mode = excluded.mode, bytes = excluded.bytes, content = excluded.content, taken = false;
    end if;
    update agent_sessions set command_seq = command_seq + 1, updated_at = app_now() where id = s.id;
  end if;
  if v_content is null then return json_build_object('removed', true); end if;
  return json_build_object('created', v_first and f.path is null, 'bytes', octet_length(v_content), 'mode', coalesce(f.mode, 420),
    'updatedAt', coalesce(f.at, app_now()));
end $$;
