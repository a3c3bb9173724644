-- What the sessions of a user remember together.

-- A memory as the port's SharedMemory: its revision and its entries in the order of their paths, with their content in base64 if p_content. A memory that is
-- not there has revision 0.
create or replace function shared_memory(p_user text, p_name text, p_content boolean) returns json language sql stable as $$
  select json_build_object('revision', coalesce((select revision from memories where user_id = p_user and name = p_name), 0),
    'entries', coalesce((select json_agg(json_build_object('path', path, 'version', version, 'bytes', bytes, 'source', source, 'sessionId', session_id,
        'updatedAt', at, 'content', case when p_content then encode(content, 'base64') end) order by path collate "C")
      from memory_entries where user_id = p_user and name = p_name), '[]'))
$$;

-- Locks the memory, made now if it is not there, and reads its revision.
create or replace function lock_memory(p_user text, p_name text) returns bigint language plpgsql volatile as $$
declare
  v_revision bigint;
begin
  insert into memories (user_id, name, revision, updated_at) values (p_user, p_name, 0, app_now()) on conflict do nothing;
  select revision into v_revision from memories where user_id = p_user and name = p_name for no key update;
  return v_revision;
end $$;

-- Writes entries, [{path, source, sessionId, content (base64; null: remove it)}], as the memory's next revision. Real time is in it, so that a memory that
-- was removed and made anew does not count through the same numbers. The caller has locked the memory.
create or replace function write_entries(p_user text, p_name text, p_revision bigint, p_changes json) returns bigint language plpgsql volatile as $$
declare
  v_next bigint := greatest(p_revision + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint);
begin
  delete from memory_entries where user_id = p_user and name = p_name
    and path in (select c ->> 'path' from json_array_elements(p_changes) c where c ->> 'content' is null);
  insert into memory_entries (user_id, name, path, version, at, source, session_id, bytes, content)
    select distinct on (c ->> 'path') p_user, p_name, c ->> 'path', v_next, app_now(), c ->> 'source', c ->> 'sessionId', octet_length(content), content
      from json_array_elements(p_changes) with ordinality x(c, i), decode(c ->> 'content', 'base64') content where content is not null
      order by c ->> 'path', i desc
    on conflict (user_id, name, path) do update set version = excluded.version, at = excluded.at, source = excluded.source,
      session_id = excluded.session_id, bytes = excluded.bytes, content = excluded.content;
  update memories set revision = v_next, updated_at = app_now() where user_id = p_user and name = p_name;
  return v_next;
end $$;

-- save, and with it changes of the session's memory that were made for p_memory ->> 'revision'. {moved}: the memory has another revision by now, and
-- nothing was written. A blind retry only gets the answer. Locks the session, then the memory, then what save locks.
create or replace function save_with_memory(p_session text, p_fence bigint, p_save json, p_files json, p_memory json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := lock_session(p_session);
  v_revision bigint;
begin
  if s.saved_fence is distinct from p_fence then
    s := lock_owned_session(p_session, p_fence);
    v_revision := lock_memory(s.user_id, s.memory_name);
    if v_revision <> (p_memory ->> 'revision')::bigint then
      delete from memories where user_id = s.user_id and name = s.memory_name and revision = 0;
      return json_build_object('moved', true);
    end if;
    perform write_entries(s.user_id, s.memory_name, v_revision, p_memory -> 'changes');
  end if;
  return save(p_session, p_fence, p_save, p_files);
end $$;

-- Why a person's write is not taken, as {refused}; null: it may be. The caller has locked the memory. As file_refusal; `full`: the memory would hold more
-- than `most`, {bytes, entries}, and more than it does.
create or replace function entry_refusal(p_user text, p_name text, p_write json) returns json language plpgsql volatile as $$
declare
  v_path text := p_write ->> 'path';
  v_content bytea := decode(p_write ->> 'content', 'base64');
  v_old bytea := (select content from memory_entries where user_id = p_user and name = p_name and path = v_path);
  v_names text[] := array['*', encode(sha256(v_old), 'hex')];
  v_by text;
  v_entries bigint;
  v_bytes bigint;
begin
  if v_content = v_old then return null; end if;
  if p_write ->> 'ifMatch' is not null
      and (v_old is null or not exists (select from json_array_elements_text(p_write -> 'ifMatch') name where name = any(v_names)))
      or p_write ->> 'ifNoneMatch' is not null
      and v_old is not null and exists (select from json_array_elements_text(p_write -> 'ifNoneMatch') name where name = any(v_names)) then
    return json_build_object('refused', 'changed');
  end if;
  if v_content is null then return case when v_old is null then json_build_object('refused', 'missing') end; end if;
  v_by := (select path from memory_entries where user_id = p_user and name = p_name
    and (starts_with(path, v_path || '/') or starts_with(v_path, path || '/')) order by path collate "C" limit 1);
  if v_by is not null then return json_build_object('refused', 'clash', 'path', v_path, 'by', v_by); end if;
  select count(*) + 1, coalesce(sum(bytes), 0) + octet_length(v_content) into v_entries, v_bytes
    from memory_entries where user_id = p_user and name = p_name and path <> v_path;
  if v_old is null and v_entries > (p_write #>> '{most,entries}')::int
      or octet_length(v_content) > coalesce(octet_length(v_old), 0) and v_bytes > (p_write #>> '{most,bytes}')::bigint then
    return json_build_object('refused', 'full', 'entries', v_entries, 'bytes', v_bytes);
  end if;
  return null;
end $$;

-- A person puts an entry into a memory, or removes one. p_write: {path, content (base64; null: remove it), ifMatch?, ifNoneMatch?, most: {bytes, entries,
-- memories}}. Answers {created, entry}, {removed}, or {refused}: what entry_refusal says; `many`: the user has `memories` of them and this one
-- would be new; `conflict`: the key stands for another write. A refusal does not keep the key. A blind repeat gets the answer of the first, also where the entry
-- is gone by now. Locks the key, then, where the memory is new, the user, then the memory.
create or replace function write_entry(p_user text, p_name text, p_operation text, p_write json) returns json language plpgsql volatile as $$
declare
  v_path text := p_write ->> 'path';
  v_content bytea := decode(p_write ->> 'content', 'base64');
  v_scope text := 'memory ' || p_name;
  v_fingerprint text := 'entry ' || v_path || ' ' || coalesce(encode(sha256(v_content), 'hex'), 'removed');
  v_first boolean := take_idempotency_key(p_user, v_scope, p_operation, v_fingerprint,
    case when not exists (select from memory_entries where user_id = p_user and name = p_name and path = v_path) then 'created' end);
  v_known boolean := exists (select from memories where user_id = p_user and name = p_name);
  v_refusal json;
  v_revision bigint;
  k idempotency_keys;
  e memory_entries;
begin
  if not v_first and not key_stands_for(p_user, v_scope, p_operation, v_fingerprint) then return json_build_object('refused', 'conflict'); end if;
  if v_first and not v_known then
    perform 1 from user_settings where user_id = p_user for no key update;
    v_refusal := case when v_content is null then json_build_object('refused', 'missing')
      when (select count(*) from memories where user_id = p_user) >= (p_write #>> '{most,memories}')::int then json_build_object('refused', 'many') end;
  end if;
  if v_first and v_refusal is null then
    v_revision := lock_memory(p_user, p_name);
    v_refusal := entry_refusal(p_user, p_name, p_write);
  end if;
  if v_refusal is not null then
    delete from idempotency_keys where user_id = p_user and scope = v_scope and key = p_operation;
    if not v_known then delete from memories where user_id = p_user and name = p_name and revision = 0; end if;
    return v_refusal;
  end if;
  select * into e from memory_entries where user_id = p_user and name = p_name and path = v_path;
  if v_first and (e.content is distinct from v_content or e.source <> 'person') then
    perform write_entries(p_user, p_name, v_revision,
      json_build_array(json_build_object('path', v_path, 'source', 'person', 'content', encode(v_content, 'base64'))));
  end if;
  if v_content is null then return json_build_object('removed', true); end if;
  select * into k from idempotency_keys where user_id = p_user and scope = v_scope and key = p_operation;
  return json_build_object('created', case when v_first then e.path is null else k.session_id is not null end, 'entry', coalesce(
    (select json_build_object('path', path, 'version', version, 'bytes', bytes, 'source', source, 'sessionId', session_id, 'updatedAt', at)
      from memory_entries where user_id = p_user and name = p_name and path = v_path),
    json_build_object('path', v_path, 'version', 0, 'bytes', octet_length(v_content), 'source', 'person', 'sessionId', null, 'updatedAt', k.at)));
end $$;

-- Removes a memory with all its entries. False: there is none. Sessions that name it go on with an empty one. Locks the key, then the memory.
create or replace function remove_memory(p_user text, p_name text, p_operation text) returns boolean language plpgsql volatile as $$
begin
  if not take_idempotency_key(p_user, 'memory ' || p_name, p_operation, 'remove') then return true; end if;
  delete from memories where user_id = p_user and name = p_name;
  if not found then
    delete from idempotency_keys where user_id = p_user and scope = 'memory ' || p_name and key = p_operation;
    return false;
  end if;
  return true;
end $$;
