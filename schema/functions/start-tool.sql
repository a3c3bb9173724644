-- Marks a tool call as started, before it runs. `run`: marked, run it now; `pause`, `cancel`: not marked, a user wants this; `begun`: an earlier
-- owner started it, or there is no such open call. Locks the session.
create or replace function start_tool(p_session text, p_fence bigint, p_call text) returns text language plpgsql volatile as $$
declare
  s agent_sessions := lock_owned_session(p_session, p_fence);
  v_by bigint;
begin
  if s.desired <> 'run' then return s.desired; end if;
  update tool_calls set started_by = coalesce(started_by, p_fence) where session_id = s.id and call_id = p_call and done_at is null
    returning started_by into v_by;
  return case when v_by = p_fence then 'run' else 'begun' end;
end $$;
