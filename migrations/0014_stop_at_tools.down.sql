-- nudge as 0012_woken.sql made it.
create or replace function nudge(p_user text, p_session text, p_operation text, p_wish json) returns json language plpgsql volatile as $$
declare
  v_type text := p_wish ->> 'type';
  v_first boolean := first_time(p_user, p_session, p_operation, v_type, p_session);
  s agent_sessions := his(p_user, p_session);
begin
  if v_first and (s.id is null or s.state = 'ended') then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  if s.id is null then return null; end if;
  if not v_first or s.state = 'ended' then return json_build_object('ended', v_first); end if;
  update agent_sessions
    set nudges = nudges + 1, due_at = least(due_at, app_now()), hint_at = '-infinity', updated_at = app_now(),
      seq = seq + (v_type = 'message')::int, inbox_n = inbox_n + (v_type = 'message')::int,
      woken = case v_type when 'wake' then true when 'pause' then false else woken end,
      desired = case when desired = 'cancel' then desired
        else case v_type when 'pause' then 'pause' when 'resume' then 'run' when 'cancel' then 'cancel' else desired end end
    where id = p_session returning * into s;
  if v_type = 'message' then
    insert into session_inbox (session_id, n, user_id, at, content) values (p_session, s.inbox_n, p_user, app_now(), p_wish ->> 'content');
    perform journal(s, json_build_array(json_build_object('type', 'agent.message_received',
      'data', json_build_object('content', p_wish ->> 'content'))));
  end if;
  return json_build_object('ended', false);
end $$;
--> statement-breakpoint
drop function inbox_full, start_tool_unless_stopped;
