-- Money is held before a model, or a paid tool, is called.

-- How much of day d is kept for the hand-offs of its sessions, in microdollars: at most a fifth of the allowance (R12).
--
-- A session counts if it may still work on the day and has not handed off. It counts with one and a half times its last call, or with the least it
-- last asked for. The largest minimum among them is added, because the last session must be able to hold it. p_hand_off: session s asks for its own
-- hand-off, and does not count.
--
-- It reads no more than a hundred sessions: so many would ask for a fifth of the allowance anyway. The caller has locked the day.
create or replace function handoff_reserve(s agent_sessions, d budget_days, p_least bigint, p_hand_off boolean) returns bigint language plpgsql stable
set enable_bitmapscan = off set enable_hashjoin = off as $$
declare
  v_most constant int := 100;
  v_live int;
  v_needs numeric;
  v_least bigint;
begin
  select count(*), coalesce(sum(handoff_need(last_call, least)), 0), coalesce(max(least), 0) into v_live, v_needs, v_least
    from (select o.last_call, case when x.id = (s).id then p_least else x.least_microdollars end as least
      from session_days o join agent_sessions x on x.id = o.session_id
      where o.user_id = (s).user_id and o.day = (d).day and not o.done_for_day and o.handed_off = 0
        and (not p_hand_off or x.id <> (s).id) and (x.id = (s).id or x.state <> 'ended'
        and (x.due_at < ((d).day + 1)::timestamp at time zone 'UTC' or x.lease_until > clock_timestamp()))
      limit v_most + 1) live;
  return handoff_reserve_of((d).allowance, case when v_live > v_most then (d).allowance else v_needs end, v_least);
end $$;

-- What a session that does not work today would find kept for the hand-offs of others. Microdollars.
create or replace function kept_for_hand_offs(p_user text) returns bigint language plpgsql stable as $$
declare
  s agent_sessions;
  d budget_days;
begin
  s.user_id := p_user;
  select * into d from budget_days where user_id = p_user order by day desc limit 1;
  return coalesce(handoff_reserve(s, d, 0, false), 0);
end $$;

-- Keeps a refusal for as long as this owner may ask, and answers with it. The next owner's first refusal replaces it. The caller has locked the session.
create or replace function keep_refusal(s agent_sessions, p_question text, p_answer json) returns json language plpgsql volatile as $$
declare
  v_kept jsonb := jsonb_build_object('fence', s.fence, 'answers', jsonb_build_object(p_question, p_answer));
begin
  insert into session_days as d (session_id, user_id, day, fence, refusals)
    values (s.id, s.user_id, app_day(s.user_id), greatest(0, s.fence - 1), v_kept)
    on conflict (session_id) do update set refusals = case when d.refusals ->> 'fence' = s.fence::text
      then jsonb_set(d.refusals, '{answers}', (d.refusals -> 'answers') || (v_kept -> 'answers')) else v_kept end;
  return p_answer;
end $$;

-- Holds money for the n-th call of an owner: between p_least and p_wanted microdollars. Answers {granted, day}; a repeat finds its own hold.
--
-- Otherwise {refused, day}, where refused is one of:
--   stopped  a user wants this;
--   cap      the session's own limit;
--   share    the session's part of the day;
--   day      the day's limit;
--   held     the money fits once other calls settle;
--   outage   the provider is away and another session probes; the answer also has `until`.
-- A copy of a refused question gets the same refusal, whatever money came in meanwhile (R4).
--
-- p_hand_off: the session winds down. Its first such call of a day may take its least out of the money set aside for others. p_tool: a call of the
-- paid tool p_model, which the reply that is there asks for. It hands nothing off, and an outage of the provider does not hold it back. AGAIN: the day
-- ended meanwhile. Locks the user if the day must be opened, then the session, the day, the outage.
create or replace function hold_money(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json, p_tool boolean) returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := lock_owned_session(p_session, p_fence);
  v_question text := concat_ws(' ', p_n, p_least, p_wanted, p_model, p_hand_off);
  v_refused json;
  h budget_holds;
  d budget_days;
  o session_days;
  v_call bigint := p_least;  -- what the next call of the model needs, by which hand-offs are reckoned
  v_aside bigint;
  v_cap bigint;
  v_share bigint;
  v_free bigint;
  v_amount bigint;
  v_until timestamptz;
  v_probes boolean := false;
begin
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n;
  if found then return json_build_object('granted', h.amount::text, 'day', h.day); end if;  -- a retry: the hold's own day, midnight may have passed
  select refusals -> 'answers' -> v_question into v_refused from session_days where session_id = p_session and refusals ->> 'fence' = p_fence::text;
  if v_refused is not null then return v_refused; end if;
  if s.desired <> 'run' then
    return keep_refusal(s, v_question, json_build_object('refused', 'stopped', 'day', day_for_session(s)));
  end if;
  if v_opens then perform open_day(v_user); end if;
  select * into d from budget_days where user_id = v_user order by day desc limit 1 for no key update;
  if d.day is distinct from app_day(v_user) or exists (select from budget_days where user_id = v_user and day > d.day) then
    raise 'the day has ended' using errcode = 'AGAIN';
  end if;
  o := session_day(s, d.day);
  if p_tool then v_call := s.least_microdollars; end if;
  v_aside := handoff_reserve(s, d, v_call, p_hand_off);
  if p_hand_off and o.handed_off = 0 then
    v_aside := least(v_aside, greatest(0, d.ceiling - d.spent - d.held - p_least));
  elsif not p_tool and o.spent + o.held = 0 then  -- if the day can pay for only one call, that call may use all of it: there is nothing to hand off yet
    v_aside := least(v_aside, greatest(handoff_reserve(s, d, p_least, true), d.ceiling - d.spent - d.held - p_least));
  end if;
  v_cap := s.max_cost_microdollars - s.cost_microdollars
    - (select coalesce(sum(amount), 0) from budget_holds where session_id = p_session and class = 'held');
  v_share := share_of(d.ceiling, s.daily_share_percent) - o.spent - o.held;
  if not p_hand_off and o.handed_off = 0 and (o.spent + o.held > 0 or v_share > 2 * v_call) then  -- within its share the session keeps money for its own hand-off
    v_share := v_share - handoff_reserve_of(share_of(d.allowance, s.daily_share_percent), handoff_need(o.last_call, v_call), v_call);
  end if;
  v_free := d.ceiling - d.spent - v_aside;
  v_amount := least(p_wanted, v_cap, v_share, v_free - d.held);
  if v_amount < p_least or v_amount <= 0 then
    update agent_sessions set least_microdollars = v_call where id = p_session and least_microdollars <> v_call;
    return keep_refusal(s, v_question, json_build_object('refused', case when v_cap < p_least or v_cap <= 0 then 'cap'
      when v_share < p_least or v_share <= 0 then 'share' when v_free < greatest(p_least, 1) then 'day' else 'held' end, 'day', day_for_session(s)));
  end if;
  if not p_tool and exists (select from user_outages where user_id = v_user and until > app_now() - interval '1 day') then
    v_until := outage_until(v_user, p_session, p_least);
    if v_until is not null then
      update session_days set outage = true where session_id = p_session;
      update agent_sessions set least_microdollars = p_least where id = p_session and least_microdollars <> p_least;
      return keep_refusal(s, v_question, json_build_object('refused', 'outage', 'until', v_until, 'day', day_for_session(s)));
    end if;
    v_probes := true;
    v_amount := least(v_amount, greatest(p_least, 1));
    update user_outages set probe_session = p_session, probe_fence = p_fence, probe_n = p_n where user_id = v_user;
  end if;
  update budget_days set held = held + v_amount, revision = revision + 1 where user_id = v_user and day = d.day;
  insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, kind, model, class, amount, ceiling, committed, at,
      hand_off)
    values (p_session, p_fence, p_n, v_user, d.day, s.iteration + (not p_tool)::int, s.msg_n, case when p_tool then 'tool' else 'call' end, p_model,
      'held', v_amount, d.ceiling, d.spent + d.held + v_amount, app_now(), p_hand_off);
  update session_days set held = held + v_amount, handed_off = handed_off + case when p_hand_off then v_amount else 0 end, outage = outage and (v_probes or p_tool)
    where session_id = p_session;
  if json_array_length(p_journal) > 0 or s.least_microdollars <> v_call then
    update agent_sessions
      set seq = seq + json_array_length(p_journal), least_microdollars = v_call, updated_at = app_now()
      where id = p_session returning * into s;
    perform append_events(s, p_journal);
  end if;
  return json_build_object('granted', v_amount::text, 'day', d.day);
end $$;

-- The n-th call of an owner is one of a model.
create or replace function reserve(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json) returns json language sql volatile as $$
  select hold_money(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, false)
$$;

-- The n-th call of an owner is one of the paid tool p_tool: all of p_most, or nothing.
create or replace function reserve_for_tool(p_session text, p_fence bigint, p_n int, p_tool text, p_most bigint) returns json language sql volatile as $$
  select hold_money(p_session, p_fence, p_n, p_most, p_most, p_tool, false, '[]', true)
$$;
