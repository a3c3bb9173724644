-- What users put into the workspace comes into it with a claim, and is told to the agent with a settlement.

-- What users put into the workspace and removed from it and the agent was not told of: the first hundred paths, and how many there are besides. Null:
-- nothing. p_all false: only what is not in the workspace yet. The data of the event agent.files_received.
create or replace function received_files(p_session text, p_all boolean) returns json language plpgsql volatile as $$
declare
  v_count bigint := (select count(*) from workspace_inbox where session_id = p_session and (p_all or not taken));
begin
  if v_count = 0 then return null; end if;
  return (select json_build_object(
      'files', coalesce(json_agg(json_build_object('path', path, 'bytes', bytes) order by path collate "C") filter (where bytes is not null), '[]'),
      'removed', coalesce(json_agg(path order by path collate "C") filter (where bytes is null), '[]'), 'more', v_count - count(*))
    from (select path, bytes from workspace_inbox where session_id = p_session and (p_all or not taken) order by path collate "C" limit 100) first);
end $$;

-- Takes what users wrote into the workspace, after all that the agent did without knowing of it: not while a reply has tool calls that have not run. So of
-- two who wrote the same file the user's stands, and the agent's is kept as an older version. What an agent made meanwhile in the place of a user's file, or
-- as a folder of it, is removed. Answers what received_files says of it; null: nothing. The caller has locked the session.
create or replace function take_files(s agent_sessions) returns json language plpgsql volatile as $$
declare
  v_put text[];
  v_folders text[];
  v_received json;
begin
  if not exists (select from workspace_inbox where session_id = s.id and not taken)
      or exists (select from tool_calls where session_id = s.id and done_at is null) then
    return null;
  end if;
  v_put := array(select path from workspace_inbox where session_id = s.id and not taken and content is not null);
  v_folders := array(select distinct folder from unnest(v_put) path, unnest(folders_of(path)) folder);
  insert into workspace_inbox (session_id, path, user_id, at, mode)
    select s.id, path, s.user_id, app_now(), mode from workspace(s.id) where path = any(v_folders) or folders_of(path) && v_put
    on conflict (session_id, path) do update set at = excluded.at, bytes = null, content = null, taken = false where workspace_inbox.taken;
  v_received := received_files(s.id, false);
  -- A version of the last iteration, beside which the next one's stands. Where that or a later one has a version already, the version after it, since the
  -- newest one counts.
  insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
    select i.session_id, i.path, greatest(s.iteration, least(coalesce(f.newest, -1) + 1, s.iteration + 1)), i.user_id, app_now(), i.mode, i.content
      from workspace_inbox i left join lateral (select max(iteration) as newest from workspace_files w
        where w.session_id = i.session_id and w.path = i.path) f on true
      where i.session_id = s.id and not i.taken
    on conflict (session_id, path, iteration) do update set at = excluded.at, mode = excluded.mode, content = excluded.content;
  update workspace_inbox set taken = true, content = null where session_id = s.id and not taken;
  return v_received;
end $$;
