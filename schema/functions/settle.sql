-- The call's outcome becomes rows: its cost, the reply, the tool calls it asks for.

-- Closes the hold of the call and writes the reply, once; a repeat changes nothing and gets the same answer. An owner that has lost the session
-- settles the money, up or down, and nothing else: the one write of a lost fence (R7). Locks the session, then day and hold, then the outage.
create or replace function settle(p_session text, p_fence bigint, p_settlement json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := lock_session(p_session);
  v_mine boolean := owns(s, p_fence);
  v_cost bigint;
  v_turns json := p_settlement -> 'turns';
  v_journal json := p_settlement -> 'journal';
begin
  v_cost := close_hold(p_session, p_fence, (p_settlement ->> 'n')::int, (p_settlement ->> 'cost')::bigint, p_settlement ->> 'class', p_settlement);
  if not v_mine then
    update agent_sessions set cost_microdollars = cost_microdollars + v_cost where id = p_session and v_cost <> 0;
    return json_build_object('late', true);
  end if;
  if v_cost is not null then
    update agent_sessions
      set state = 'ready', sleep_until = null, sleep_reason = null, question = null, waiting_for = null, choices = null, error_code = null, error_message = null, attempts = 0,
        wants_microdollars = null,
        cost_microdollars = cost_microdollars + v_cost, iteration = iteration + (p_settlement ->> 'iterated')::boolean::int,
        msg_n = msg_n + json_array_length(v_turns), inbox_taken = greatest(inbox_taken, (p_settlement ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal), updated_at = app_now(), last_checkpoint_at = app_now()
      where id = p_session returning * into s;
    perform append_messages(s, v_turns);
    insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input)
      select s.id, s.msg_n, i, s.user_id, c ->> 'id', c ->> 'name', c -> 'input'
      from json_array_elements(p_settlement -> 'calls') with ordinality x(c, i);
    perform save_memory(s, p_settlement -> 'memory');
    if (p_settlement ->> 'filesTold')::boolean then delete from workspace_inbox where session_id = s.id and taken; end if;
    perform note_outage(s, p_fence, (p_settlement ->> 'n')::int, p_settlement ->> 'outage');
    perform append_events(s, v_journal);
  end if;
  return json_build_object('day', day_for_session(s), 'cost', s.cost_microdollars::text, 'pending', pending_commands(s), 'msgN', s.msg_n);
end $$;
