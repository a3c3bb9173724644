-- Money set aside, so that nobody is starved (DESIGN 6 and 12, R12): of each day for the last words of every session that works on it, of
-- each session for the others by its share, of each cycle for its last day by a limit on the days before.
ALTER TABLE "user_settings" ADD COLUMN "max_daily_multiple" numeric(6, 2);
--> statement-breakpoint
ALTER TABLE "user_settings" ADD CONSTRAINT "multiple_at_least_one" CHECK ("user_settings"."max_daily_multiple" >= 1);
--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "daily_share_percent" integer;
--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "model_ladder" text[] DEFAULT '{}' NOT NULL;
--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD CONSTRAINT "share_is_a_part" CHECK ("agent_sessions"."daily_share_percent" between 1 and 100);
--> statement-breakpoint
ALTER TABLE "session_days" ADD COLUMN "spent" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "session_days" ADD COLUMN "held" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "session_days" ADD COLUMN "handed_off" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "session_days" ADD COLUMN "last_call" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "budget_holds" ADD COLUMN "hand_off" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
CREATE INDEX "session_days_user" ON "session_days" USING btree ("user_id","day");
--> statement-breakpoint
alter table session_days set (fillfactor = 70);
--> statement-breakpoint

-- As before (0001), and no day gets more than the user's multiple of an even day: the cycle's money over the cycle's days. What was topped
-- up for this very day comes on top.
create or replace function freeze(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
  v_top_ups bigint;
  v_today bigint;
  v_all_today bigint;
  v_committed bigint;
  v_left bigint;
  v_allowance bigint;
begin
  perform roll_cycle(p_user, p_day);
  select * into u from user_settings where user_id = p_user;
  perform 1 from budget_days where user_id = p_user order by day desc limit 1 for no key update;
  select coalesce(sum(amount), 0), coalesce(sum(amount) filter (where day = p_day and spread = 'today'), 0),
      coalesce(sum(amount) filter (where spread = 'today'), 0) into v_top_ups, v_today, v_all_today
    from top_ups where user_id = p_user and day between u.cycle_start and p_day;
  select coalesce(sum(spent + held), 0) into v_committed
    from budget_days where user_id = p_user and day >= u.cycle_start and day < p_day;
  v_left := greatest(0, u.subscription_budget_microdollars + v_top_ups - v_committed);
  v_today := least(v_left, v_today);
  v_allowance := (v_left - v_today) / greatest(1, coalesce(u.subscription_renewal_date - p_day, 30));
  v_allowance := least(v_allowance, floor(u.max_daily_multiple * (u.subscription_budget_microdollars + v_top_ups - v_all_today)
    / greatest(1, coalesce(u.subscription_renewal_date - u.cycle_start, 30)))) + v_today;
  insert into budget_days (user_id, day, allowance, ceiling) values (p_user, p_day, v_allowance, least(v_left, v_allowance * 11 / 10))
    on conflict (user_id, day) do update
      set allowance = excluded.allowance, ceiling = excluded.ceiling, revision = budget_days.revision + 1;
end $$;
--> statement-breakpoint

-- The session's own row of a day, fresh if its last one is of an earlier day. The caller holds the session.
create function own_day(s agent_sessions, p_day date) returns session_days language plpgsql volatile as $$
declare
  o session_days;
begin
  insert into session_days as d (session_id, user_id, day, fence) values (s.id, s.user_id, p_day, greatest(0, s.fence - 1))
    on conflict (session_id) do update set day = excluded.day, fence = excluded.fence, spent = 0, held = 0, handed_off = 0, last_call = 0
      where d.day < excluded.day;
  select * into o from session_days where session_id = s.id and day = p_day;
  return o;
end $$;
--> statement-breakpoint

-- The last frozen day as the core's Day, and with it, where the session may use a part of each day only, that part.
create function day_of(s agent_sessions) returns json language plpgsql volatile as $$
declare
  d budget_days;
  o session_days;
begin
  if s.daily_share_percent is null then return last_day(s.user_id); end if;
  select * into d from budget_days where user_id = s.user_id order by day desc limit 1;
  select * into o from session_days where session_id = s.id and day = d.day;
  return (last_day(s.user_id)::jsonb || jsonb_build_object('share', jsonb_build_object(
    'allowance', (d.allowance * s.daily_share_percent / 100)::text, 'ceiling', (d.ceiling * s.daily_share_percent / 100)::text,
    'spent', coalesce(o.spent, 0)::text, 'held', coalesce(o.held, 0)::text)))::json;
end $$;
--> statement-breakpoint

-- What of day d is kept for the hand-offs of the sessions that may still work on it and have not handed off: of each one and a half times
-- what its last call cost, or the least it last asked for if it has made none, and the largest of those leasts, which the last of them must be
-- able to hold; at most a fifth of the allowance. One that rests past the day's end, waits for a person, or has ended needs none; nor does s
-- itself, where p_hand_off says that this is its hand-off.
create function set_aside(s agent_sessions, d budget_days, p_least bigint, p_hand_off boolean) returns bigint language sql volatile as $$
  with live as (
    select o.last_call, case when x.id = (s).id then p_least else x.least_microdollars end as least
      from session_days o join agent_sessions x on x.id = o.session_id
      where o.user_id = (s).user_id and o.day = (d).day and o.handed_off = 0 and (not p_hand_off or x.id <> (s).id) and (x.id = (s).id or x.state <> 'ended'
        and (x.due_at < ((d).day + 1)::timestamp at time zone 'UTC' or x.lease_until > clock_timestamp())))
  select least((d).allowance / 5, coalesce(sum(case when last_call > 0 then last_call * 3 / 2 else least end) + max(least), 0))::bigint from live
$$;
--> statement-breakpoint

-- As `reserve` before it, which old code still calls. p_hand_off: the session winds down; the first such call of a day gets its least also out
-- of what is set aside for others, and more only out of the rest. That it did so is counted here, with its hold.
-- p_model: that of this call. Refused says which limit: cap (the session's own), share (its part of the day), day, held (it fits once others settle).
create function reserve_for(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean, p_journal json)
returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := mine(p_session, p_fence);
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
    return json_build_object('refused', case when v_cap < p_least or v_cap <= 0 then 'cap' when v_share < p_least or v_share <= 0 then 'share'
      when v_free < greatest(p_least, 1) then 'day' else 'held' end, 'day', day_of(s));
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

-- For code that does not say whether it winds down: past 90 % of the day it does.
create or replace function reserve(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_journal json)
returns json language plpgsql volatile as $$
declare
  s agent_sessions;
  d budget_days;
  v_answer json;
begin
  select * into s from agent_sessions where id = p_session;
  select * into d from budget_days where user_id = s.user_id order by day desc limit 1;
  v_answer := reserve_for(p_session, p_fence, p_n, p_least, p_wanted, s.model, coalesce(d.spent * 10 >= d.allowance * 9, false), p_journal);
  if v_answer ->> 'refused' = 'share' then return (v_answer::jsonb || '{"refused": "day"}')::json; end if;
  return v_answer;
end $$;
--> statement-breakpoint

-- As before (0001), and the session's own row of that day with it.
create or replace function resolve(p_session text, p_fence bigint, p_n int, p_cost bigint, p_class text, p_call json default null)
returns bigint language plpgsql volatile as $$
declare
  h budget_holds;
  l usage_ledger;
  v_was bigint;
  v_more bigint;
  v_released bigint;
begin
  perform 1 from budget_days d join budget_holds using (user_id, day)
    where session_id = p_session and fence = p_fence and n = p_n for no key update of d;
  if not found then raise 'no hold %:%:%', p_session, p_fence, p_n using errcode = 'no_data_found'; end if;
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n for no key update;
  if h.class = 'settled' or h.class = p_class then return null; end if;
  select cost into v_was from usage_ledger
    where user_id = h.user_id and session_id = p_session and fence = p_fence and n = p_n;
  l.user_id := h.user_id; l.session_id := p_session; l.fence := p_fence; l.n := p_n; l.day := h.day; l.iteration := h.iteration;
  l.cost := coalesce(p_cost, h.amount);
  l.class := p_class;
  l.model := coalesce(p_call ->> 'model', h.model);
  l.kind := p_call ->> 'kind';
  l.usage := case when json_typeof(p_call -> 'usage') = 'object' then p_call -> 'usage' end;
  l.tools := array(select c ->> 'name' from json_array_elements(p_call -> 'calls') with ordinality x(c, i) order by i);
  perform enter(l);
  update budget_holds set class = p_class where session_id = p_session and fence = p_fence and n = p_n;
  v_more := l.cost - coalesce(v_was, 0);
  v_released := case when h.class = 'held' then h.amount else 0 end;
  update budget_days set spent = spent + v_more, held = held - v_released, revision = revision + 1 where user_id = h.user_id and day = h.day;
  update session_days
    set spent = spent + v_more, held = held - v_released, handed_off = handed_off + case when h.hand_off then v_more - v_released else 0 end,
      last_call = case when l.cost > 0 then l.cost else last_call end
    where session_id = p_session and day = h.day;
  return v_more;
end $$;
--> statement-breakpoint

-- As before (0001), and the session's own row of the day with it.
create or replace function record_cost(p_user text, p_session text, p_iteration int, p_model text, p_usage json, p_cost bigint)
returns json language plpgsql volatile as $$
declare
  s agent_sessions;
  l usage_ledger;
begin
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  select * into s from agent_sessions where id = p_session and user_id = p_user for no key update;
  perform open_day(p_user);
  if not exists (select from usage_ledger where user_id = p_user and session_id = p_session and fence = 0 and n = p_iteration) then
    l.user_id := p_user; l.session_id := p_session; l.fence := 0; l.n := p_iteration; l.iteration := p_iteration;
    l.day := last_day(p_user) ->> 'date';  -- the day that was opened: it may be past midnight by now
    l.cost := p_cost; l.class := 'settled'; l.model := p_model; l.usage := p_usage; l.tools := '{}';
    update budget_days set spent = spent + p_cost, revision = revision + 1 where user_id = p_user and day = l.day;
    perform enter(l);
    if s.id is not null then
      update agent_sessions set cost_microdollars = cost_microdollars + p_cost where id = p_session;
      perform own_day(s, l.day);
      update session_days set spent = spent + p_cost where session_id = p_session and day = l.day;
    end if;
  end if;
  return json_build_object(
    'sessionCost', (select coalesce(sum(cost), 0)::text from usage_ledger where user_id = p_user and session_id = p_session),
    'daySpent', last_day(p_user) ->> 'spent');
end $$;
--> statement-breakpoint

-- As before (0002), with the session's share of the day and its ladder.
create or replace function claimed(s agent_sessions, p_have int) returns json language plpgsql volatile as $$
declare
  v_memory json := (select agent_state from agent_checkpoints where session_id = s.id);
  v_from int := coalesce((v_memory #>> '{context,from}')::int, 1);
begin
  return json_build_object('fence', s.fence, 'at', app_now(), 'attempts', s.attempts, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'facts', json_build_object('id', s.id, 'userId', s.user_id, 'agent', s.agent, 'model', s.model, 'ladder', s.model_ladder, 'tier', s.tier,
      'goal', case when p_have = 0 then s.goal end, 'system', case when p_have = 0 then s.system end,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text,
      'wakePolicy', (select wake_policy from user_settings where user_id = s.user_id)),
    'state', rested(s), 'memory', v_memory, 'from', v_from, 'msgN', s.msg_n,
    'history', coalesce((select json_agg(json_build_object('n', n, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id and n > p_have and n >= v_from), '[]'),
    'calls', coalesce((select json_agg(json_build_object('id', call_id, 'name', name, 'input', input, 'startedBy', started_by)
      order by message_n, position) from tool_calls where session_id = s.id and done_at is null), '[]'),
    'wishes', wishes(s), 'day', day_of(s));
end $$;
--> statement-breakpoint

-- As before (0002), with the session's share in the day it answers.
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

-- As before (0005); the day's row of the session starts afresh with its first claim.
create or replace function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  b brakes := (select brakes from brakes);
  v_today date := (app_now() at time zone 'UTC')::date;
  v_again timestamptz;
  v_answer json;
  s agent_sessions;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_again := held_back(p_session, p_invocation, b.claims_per_day);
  if v_again is not null then return json_build_object('retryInMs', greatest(1, ceil(1000 * extract(epoch from v_again - app_now())))); end if;
  v_answer := claim_freely(p_session, p_invocation, p_have, p_lease);
  if v_answer -> 'fence' is not null and not exists (select from session_days where session_id = p_session and day >= v_today) then
    select * into s from agent_sessions where id = p_session;
    perform own_day(s, v_today);
  end if;
  return v_answer;
end $$;
--> statement-breakpoint

-- As before (0003), with the session's ladder and share, which old code does not name. `mostLive`: with so many sessions that have not ended
-- the user gets {full}, and the key stays free; the user is locked, so that two at once cannot both be the last.
create or replace function create_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_id text := p_session ->> 'id';
  k idempotency_keys;
  s agent_sessions;
begin
  if p_key is not null and not first_time(p_user, 'create', p_key, p_fingerprint, v_id) then
    select * into k from idempotency_keys where user_id = p_user and scope = 'create' and key = p_key;
    return case when k.fingerprint = p_fingerprint then json_build_object('id', k.session_id) else json_build_object('conflict', true) end;
  end if;
  if p_session ->> 'mostLive' is not null then
    perform 1 from user_settings where user_id = p_user for no key update;
    if (select count(*) from agent_sessions where user_id = p_user and state <> 'ended' and deleted_at is null and id <> v_id)
        >= (p_session ->> 'mostLive')::int then
      delete from idempotency_keys where user_id = p_user and scope = 'create' and key = p_key;
      return json_build_object('full', true);
    end if;
  end if;
  insert into agent_sessions (id, user_id, created_at, updated_at, due_at, hint_at, seq, msg_n, agent, tier, model, on_end_turn, max_iterations,
      max_cost_microdollars, metadata, system, goal, daily_share_percent, model_ladder)
    values (v_id, p_user, app_now(), app_now(), app_now(), '-infinity', 1, 1, p_session ->> 'agent', p_session ->> 'tier', p_session ->> 'model',
      p_session ->> 'onEndTurn', (p_session ->> 'maxIterations')::int, (p_session ->> 'maxCost')::bigint, p_session -> 'metadata',
      p_session ->> 'system', p_session ->> 'goal', (p_session ->> 'share')::int,
      array(select value from json_array_elements_text(case when json_typeof(p_session -> 'ladder') = 'array' then p_session -> 'ladder' else '[]' end)))
    on conflict (id) do nothing returning * into s;
  if not found then
    perform 1 from agent_sessions where id = v_id and user_id = p_user;
    if not found then raise 'session % is taken', v_id using errcode = 'unique_violation'; end if;
    return json_build_object('id', v_id);
  end if;
  insert into agent_checkpoints (session_id, user_id, fence, retry_counts, agent_state, updated_at)
    values (v_id, p_user, 0, '[]', '{}', app_now());
  perform append(s, json_build_array(json_build_object('role', 'user',
    'content', json_build_array(json_build_object('type', 'text', 'text', s.goal)))));
  perform journal(s, json_build_array(json_build_object('type', 'agent.started',
    'data', json_build_object('agent', s.agent, 'model', s.model, 'tier', s.tier))));
  return json_build_object('id', v_id);
end $$;
--> statement-breakpoint

-- As put_user, and the key maxDailyMultiple (null: no limit).
create function put_terms(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_answer json := put_user(p_user, p_change);
  v_multiple numeric := (p_change ->> 'maxDailyMultiple')::numeric;
  v_before bigint;
begin
  if p_change -> 'maxDailyMultiple' is null then return v_answer; end if;
  if not exists (select from user_settings where user_id = p_user and max_daily_multiple is distinct from v_multiple) then return v_answer; end if;
  v_before := before_rebudget(p_user);
  update user_settings set max_daily_multiple = v_multiple, updated_at = app_now() where user_id = p_user;
  perform rebudget(p_user, v_before);
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= app_now() and fence = saved_fence));
end $$;
