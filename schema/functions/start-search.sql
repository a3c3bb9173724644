-- A search of the web is counted, and paid for, before it is made.

-- The session's searches of today, a UTC day.
create or replace function searches_today(s agent_sessions) returns int language sql stable as $$
  select case when s.searches_on >= (app_now() at time zone 'UTC')::date then s.searches else 0 end
$$;

-- Holds p_most microdollars for a search, as reserve_for_tool does, and counts it in the same step: a search that gets no money is not counted. With a
-- price of 0 nothing is held, and `granted` is 0. A call counts once, also where its owner dies and the next one makes it again. A repeat answers as the
-- first time did.
--
-- Otherwise {refused, day}, where refused is what hold_money says, or `searches`: the session has made the `most` searches that it may make a day.
-- Locks the user if the day must be opened, then the session, and what hold_money locks.
create or replace function start_search(p_session text, p_fence bigint, p_n int, p_call text, p_tool text, p_most bigint) returns json
language plpgsql volatile as $$
declare
  v_opens boolean := lock_to_open((select user_id from agent_sessions where id = p_session));
  s agent_sessions := lock_owned_session(p_session, p_fence);
  v_most int := (s.web ->> 'searchesPerDay')::int;
  v_question text := concat_ws(' ', 'search', p_n, p_call);
  v_counted boolean := coalesce((select counted from tool_calls where session_id = p_session and call_id = p_call and done_at is null), false);
  v_answer json;
begin
  select refusals -> 'answers' -> v_question into v_answer from session_days where session_id = p_session and refusals ->> 'fence' = p_fence::text;
  if v_answer is not null then return v_answer; end if;
  if v_opens then perform open_day(s.user_id); end if;
  if not v_counted and searches_today(s) >= v_most then
    return keep_refusal(s, v_question, json_build_object('refused', 'searches', 'most', v_most, 'day', day_for_session(s)));
  elsif p_most > 0 then
    v_answer := reserve_for_tool(p_session, p_fence, p_n, p_tool, p_most);
  elsif s.desired <> 'run' and not v_counted then
    v_answer := keep_refusal(s, v_question, json_build_object('refused', 'stopped', 'day', day_for_session(s)));
  else
    v_answer := json_build_object('granted', '0', 'day', app_day(s.user_id));
  end if;
  if v_answer ->> 'granted' is not null and not v_counted then
    update tool_calls set counted = true where session_id = p_session and call_id = p_call and done_at is null;
    update agent_sessions set searches = searches_today(s) + 1, searches_on = (app_now() at time zone 'UTC')::date where id = p_session;
  end if;
  return v_answer;
end $$;
