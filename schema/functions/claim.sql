-- The first request of an iteration: an invocation becomes the owner of a session that is due.

-- Everything that the owner needs to know. The caller keeps the messages up to number p_have, and with them goal and system prompt.
create or replace function claimed(s agent_sessions, p_have int) returns json language plpgsql volatile as $$
declare
  v_memory json := (select agent_state from agent_checkpoints where session_id = s.id);
  v_from int := coalesce((v_memory #>> '{context,from}')::int, 1);
begin
  return json_build_object('fence', s.fence, 'at', app_now(), 'attempts', s.attempts, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'facts', json_build_object('id', s.id, 'userId', s.user_id, 'agent', s.agent, 'model', s.model, 'ladder', s.model_ladder, 'tier', s.tier,
      'goal', case when p_have = 0 then s.goal end, 'system', case when p_have = 0 then s.system end,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text,
      'effort', s.effort, 'maxOutputTokens', s.max_output_tokens,
      'wakePolicy', (select wake_policy from user_settings where user_id = s.user_id)),
    'state', rested(s), 'memory', v_memory, 'from', v_from, 'msgN', s.msg_n,
    'history', coalesce((select json_agg(json_build_object('n', n, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id and n > p_have and n >= v_from), '[]'),
    'calls', coalesce((select json_agg(json_build_object('id', call_id, 'name', name, 'input', input, 'startedBy', started_by)
      order by message_n, position) from tool_calls where session_id = s.id and done_at is null), '[]'),
    'wishes', wishes(s), 'day', day_of(s));
end $$;

-- How often the session was claimed today so far, by any owner.
create or replace function claims_today(s agent_sessions) returns bigint language plpgsql stable as $$
begin
  return s.fence - coalesce((select fence from session_days where session_id = s.id and day = (app_now() at time zone 'UTC')::date), s.fence);
end $$;

-- Puts a session that was claimed p_most times today to sleep until midnight, and answers that instant; null: it was not. A pause or a cancel still
-- gets through. Locks the session and not the user: on a day with claims the user's day is open, so claim_freely will not lock the user after it (R3).
create or replace function held_back(p_session text, p_invocation uuid, p_most int) returns timestamptz language plpgsql volatile as $$
declare
  s agent_sessions;
  v_midnight timestamptz;
begin
  select * into s from agent_sessions where id = p_session;  -- unlocked: a claim too many does no harm, and claim locks the user first (R3)
  if s.id is null or claims_today(s) < p_most then return null; end if;
  s := locked(p_session);
  if claims_today(s) < p_most or s.state = 'ended' or s.desired <> 'run' or s.due_at > app_now() or s.lease_until > clock_timestamp()
    or s.claimed_by is not distinct from p_invocation then return null; end if;
  v_midnight := ((app_now() at time zone 'UTC')::date + 1)::timestamp at time zone 'UTC';
  update agent_sessions
    set state = 'sleeping', sleep_reason = 'allowance', rest_until = v_midnight, question = null, error_code = null, error_message = null,
      due_at = v_midnight, hint_at = '-infinity', seq = seq + 1, updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, json_build_array(json_build_object('type', 'agent.retrying', 'data',
    json_build_object('reason', 'daily_claims', 'claims', p_most, 'wake_at', to_char(v_midnight at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))));
  return v_midnight;
end $$;

-- p_invocation is minted before the first try, so a blind repeat gets the same claim. The claim forgets when the session was last hinted: the lease
-- keeps an owned session from being hinted, and once its owner has died the first sweep after the lease finds it.
create or replace function claim_freely(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);  -- never changes, so no lock
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := locked(p_session);
  h budget_holds;
  v_cost bigint := 0;
  v_charged json[] := '{}';
begin
  if s.id is null or s.state = 'ended' then return json_build_object('retryInMs', null); end if;
  if s.claimed_by is not distinct from p_invocation then
    if not owns(s, s.fence) then return json_build_object('retryInMs', null); end if;  -- a late copy of a claim that is done with
    return claimed(s, p_have);
  end if;
  if s.due_at > app_now() then  -- not due yet: hint again, do not drop (R10)
    return json_build_object('retryInMs',
      case when s.due_at < 'infinity' then greatest(1, ceil(1000 * extract(epoch from s.due_at - app_now()))) end);
  end if;
  -- Its owner chains, and if it dies the recovery cron hints. A hint of our own would stay in the queue for as long as the session works.
  if s.lease_until > clock_timestamp() then return json_build_object('retryInMs', null); end if;
  for h in select * from budget_holds where session_id = p_session and class = 'held' order by day, fence, n loop
    v_cost := v_cost + coalesce(resolve(p_session, h.fence, h.n, null, 'unknown'), 0);  -- it may have been billed: charge (R7)
    v_charged := v_charged || json_build_object('type', 'agent.retrying',
      'data', json_build_object('reason', 'outcome_unknown', 'cost_microdollars', h.amount));
  end loop;
  if v_opens then perform open_day(v_user); end if;
  update agent_sessions
    set fence = fence + 1, claimed_by = p_invocation, lease_until = clock_timestamp() + p_lease, attempts = attempts + 1, seen = nudges,
      hint_at = '-infinity',
      cost_microdollars = cost_microdollars + v_cost, seq = seq + cardinality(v_charged), updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, array_to_json(v_charged));
  return claimed(s, p_have);
end $$;

-- Makes p_invocation the owner of the session, or answers {retryInMs}: milliseconds until a new try makes sense, null if a sweep will find the
-- session. While everything is stopped it is null. Locks the user if the day must be opened, then the session, then days and holds.
create or replace function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s') returns json language plpgsql volatile as $$
declare
  b brakes := (select brakes from brakes);
  v_today date;
  v_again timestamptz;
  v_answer json;
  s agent_sessions;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_again := held_back(p_session, p_invocation, b.claims_per_day);
  if v_again is not null then return json_build_object('retryInMs', greatest(1, ceil(1000 * extract(epoch from v_again - app_now())))); end if;
  v_answer := claim_freely(p_session, p_invocation, p_have, p_lease);
  v_today := (app_now() at time zone 'UTC')::date;
  if v_answer -> 'fence' is not null and not exists (select from session_days where session_id = p_session and day >= v_today) then
    select * into s from agent_sessions where id = p_session;
    perform own_day(s, v_today);
  end if;
  return v_answer;
end $$;
