create or replace function settle(p_session text, p_fence bigint, p_settlement json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
  v_mine boolean := owns(s, p_fence);
  v_cost bigint := resolve(p_session, p_fence, (p_settlement ->> 'n')::int, (p_settlement ->> 'cost')::bigint, p_settlement ->> 'class', p_settlement);
  v_turns json := p_settlement -> 'turns';
  v_journal json := p_settlement -> 'journal';
begin
  if not v_mine then
    update agent_sessions set cost_microdollars = cost_microdollars + v_cost where id = p_session and v_cost <> 0;
    return json_build_object('late', true);
  end if;
  if v_cost is not null then
    update agent_sessions
      set state = 'ready', rest_until = null, sleep_reason = null, question = null, error_code = null, error_message = null, attempts = 0,
        wants_microdollars = null,
        cost_microdollars = cost_microdollars + v_cost, iteration = iteration + (p_settlement ->> 'iterated')::boolean::int,
        msg_n = msg_n + json_array_length(v_turns), inbox_taken = greatest(inbox_taken, (p_settlement ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal), updated_at = app_now(), last_checkpoint_at = app_now()
      where id = p_session returning * into s;
    perform append(s, v_turns);
    insert into tool_calls (session_id, message_n, position, user_id, call_id, name, input)
      select s.id, s.msg_n, i, s.user_id, c ->> 'id', c ->> 'name', c -> 'input'
      from json_array_elements(p_settlement -> 'calls') with ordinality x(c, i);
    perform remember(s, p_settlement -> 'memory');
    perform journal(s, v_journal);
  end if;
  return json_build_object('day', day_of(s), 'cost', s.cost_microdollars::text, 'wishes', wishes(s), 'msgN', s.msg_n);
end $$;
--> statement-breakpoint
create or replace function reserve_unless_stopped(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text,
  p_hand_off boolean, p_journal json) returns json language sql volatile as $$
  select reserve_once(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, true)
$$;
--> statement-breakpoint
create or replace function reserve_for(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json) returns json language sql volatile as $$
  select reserve_once(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal, false)
$$;
--> statement-breakpoint
create or replace function reserve_once(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
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
drop function note_outage(agent_sessions, bigint, int, text);
--> statement-breakpoint
drop function outage_until(text, text, bigint);
--> statement-breakpoint
drop function outage_pause(int);
--> statement-breakpoint
DROP INDEX "session_days_outage";
--> statement-breakpoint
ALTER TABLE "session_days" DROP COLUMN "outage";
--> statement-breakpoint
DROP TABLE "user_outages";
