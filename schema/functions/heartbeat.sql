-- Prolongs the lease of a living owner and answers what users want of the session. Locks the session.
create or replace function heartbeat(p_session text, p_fence bigint, p_lease interval default '45 s') returns json language plpgsql volatile as $$
declare
  s agent_sessions := lock_owned_session(p_session, p_fence);
begin
  update agent_sessions set lease_until = clock_timestamp() + p_lease where id = p_session;
  return pending_commands(s);
end $$;
