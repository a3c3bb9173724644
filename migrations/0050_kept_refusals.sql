-- A refusal is an answer like any other: its copies get it again, whatever money came in meanwhile (R4). Until now a late copy of a refused
-- question was granted behind its asker's back, and the hold that nobody knew of was charged.
ALTER TABLE "session_days" ADD COLUMN "refusals" jsonb;
--> statement-breakpoint

-- What tells one question from another. Older code numbers all questions of an owner alike, so the number alone would not do.
create function question(p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean) returns text language sql immutable as $$
  select concat_ws(' ', p_n, p_least, p_wanted, p_model, p_hand_off)
$$;
--> statement-breakpoint

-- The refusal that this owner got to this question, or null. The caller holds the session.
create function kept_refusal(p_session text, p_fence bigint, p_question text) returns json language sql volatile as $$
  select (refusals -> 'answers' -> p_question)::json from session_days where session_id = p_session and refusals ->> 'fence' = p_fence::text
$$;
--> statement-breakpoint

-- Keeps it for as long as this owner may ask: the next owner's first refusal takes its place. Answers with it. The caller holds the session.
create function keep_refusal(s agent_sessions, p_question text, p_answer json) returns json language plpgsql volatile as $$
declare
  v_kept jsonb := jsonb_build_object('fence', s.fence, 'answers', jsonb_build_object(p_question, p_answer));
begin
  insert into session_days as d (session_id, user_id, day, fence, refusals)
    values (s.id, s.user_id, app_day(s.user_id), greatest(0, s.fence - 1), v_kept)
    on conflict (session_id) do update set refusals = case when d.refusals ->> 'fence' = s.fence::text
      then jsonb_set(d.refusals, '{answers}', (d.refusals -> 'answers') || (v_kept -> 'answers')) else v_kept end;
  return p_answer;
end $$;
--> statement-breakpoint

-- As reserve_unless_stopped of 0010_left_waiting.sql and reserve_for of 0011_shares.sql in one, under one lock: a person's wish to stop is seen
-- as it is now, and every refusal is kept. p_heeds: whether such a wish counts.
create function reserve_once(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json, p_heeds boolean) returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := mine(p_session, p_fence);
  v_question text := question(p_n, p_least, p_wanted, p_model, p_hand_off);
  v_refused json;
  h budget_holds;
  d budget_days;
  o session_days;
  v_aside bigint;
  v_cap bigint;
  v_share bigint;
  v_free bigint;
  v_amount bigint;
begin
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n;
  if found then return json_build_object('granted', h.amount::text, 'day', h.day); end if;  -- a retry: the hold's own day, midnight may have passed
  v_refused := kept_refusal(p_session, p_fence, v_question);
  if v_refused is not null then return v_refused; end if;
  if p_heeds and s.desired <> 'run' then
    return keep_refusal(s, v_question, json_build_object('refused', 'stopped', 'day', day_of(s)));
  end if;
  if v_opens then perform open_day(v_user); end if;
  select * into d from budget_days where user_id = v_user order by day desc limit 1 for no key update;
  if d.day is distinct from app_day(v_user) or exists (select from budget_days where user_id = v_user and day > d.day) then
    raise 'the day has ended' using errcode = 'AGAIN';
  end if;
  o := own_day(s, d.day);
  v_aside := set_aside(s, d, p_least, p_hand_off);
  if p_hand_off and o.handed_off = 0 then
    v_aside := least(v_aside, greatest(0, d.ceiling - d.spent - d.held - p_least));
  elsif o.spent + o.held = 0 then  -- a day that reaches for one call is for that call: there is nothing to hand off yet
    v_aside := least(v_aside, greatest(set_aside(s, d, p_least, true), d.ceiling - d.spent - d.held - p_least));
  end if;
  v_cap := s.max_cost_microdollars - s.cost_microdollars
    - (select coalesce(sum(amount), 0) from budget_holds where session_id = p_session and class = 'held');
  v_share := d.ceiling * s.daily_share_percent / 100 - o.spent - o.held;
  if not p_hand_off and o.handed_off = 0 and (o.spent + o.held > 0 or v_share > 2 * p_least) then  -- within its share the session keeps money for its own hand-off
    v_share := v_share - least(d.allowance * s.daily_share_percent / 100 / 5, case when o.last_call > 0 then o.last_call * 3 / 2 else p_least end + p_least);
  end if;
  v_free := d.ceiling - d.spent - v_aside;
  v_amount := least(p_wanted, v_cap, v_share, v_free - d.held);
  if v_amount < p_least or v_amount <= 0 then
    update agent_sessions set least_microdollars = p_least where id = p_session and least_microdollars <> p_least;
    return keep_refusal(s, v_question, json_build_object('refused', case when v_cap < p_least or v_cap <= 0 then 'cap'
      when v_share < p_least or v_share <= 0 then 'share' when v_free < greatest(p_least, 1) then 'day' else 'held' end, 'day', day_of(s)));
  end if;
  update budget_days set held = held + v_amount, revision = revision + 1 where user_id = v_user and day = d.day;
  insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, model, class, amount, ceiling, committed, at, hand_off)
    values (p_session, p_fence, p_n, v_user, d.day, s.iteration + 1, s.msg_n, p_model, 'held', v_amount, d.ceiling, d.spent + d.held + v_amount, app_now(),
      p_hand_off);
  update session_days set held = held + v_amount, handed_off = handed_off + case when p_hand_off then v_amount else 0 end where session_id = p_session;
  if json_array_length(p_journal) > 0 or s.least_microdollars <> p_least then
    update agent_sessions
      set seq = seq + json_array_length(p_journal), least_microdollars = p_least, updated_at = app_now()
      where id = p_session returning * into s;
    perform journal(s, p_journal);
  end if;
  return json_build_object('granted', v_amount::text, 'day', d.day);
end $$;
--> statement-breakpoint

-- What older code asks.
create or replace function reserve_for(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json) returns json language sql volatile as $$
  select reserve_once(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, false)
$$;
--> statement-breakpoint

create or replace function reserve_unless_stopped(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text,
  p_hand_off boolean, p_journal json) returns json language sql volatile as $$
  select reserve_once(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, true)
$$;
