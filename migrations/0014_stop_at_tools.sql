-- A person's stop stops before the next tool, too. Until now the mark did not look, and the stop came with the next heartbeat.

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
