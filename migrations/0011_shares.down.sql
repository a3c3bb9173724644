create or replace function freeze(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
  v_top_ups bigint;
  v_today bigint;
  v_committed bigint;
  v_left bigint;
  v_allowance bigint;
begin
  perform roll_cycle(p_user, p_day);
  select * into u from user_settings where user_id = p_user;
  perform 1 from budget_days where user_id = p_user order by day desc limit 1 for no key update;
  select coalesce(sum(amount), 0), coalesce(sum(amount) filter (where day = p_day and spread = 'today'), 0) into v_top_ups, v_today
    from top_ups where user_id = p_user and day between u.cycle_start and p_day;
  select coalesce(sum(spent + held), 0) into v_committed
    from budget_days where user_id = p_user and day >= u.cycle_start and day < p_day;
  v_left := greatest(0, u.subscription_budget_microdollars + v_top_ups - v_committed);
  v_today := least(v_left, v_today);
  v_allowance := (v_left - v_today) / greatest(1, coalesce(u.subscription_renewal_date - p_day, 30)) + v_today;
  insert into budget_days (user_id, day, allowance, ceiling) values (p_user, p_day, v_allowance, least(v_left, v_allowance * 11 / 10))
    on conflict (user_id, day) do update
      set allowance = excluded.allowance, ceiling = excluded.ceiling, revision = budget_days.revision + 1;
end $$;
--> statement-breakpoint
create or replace function resolve(p_session text, p_fence bigint, p_n int, p_cost bigint, p_class text, p_call json default null)
returns bigint language plpgsql volatile as $$
declare
  h budget_holds;
  l usage_ledger;
  v_was bigint;
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
  update budget_days
    set spent = spent + l.cost - coalesce(v_was, 0), held = held - case when h.class = 'held' then h.amount else 0 end, revision = revision + 1
    where user_id = h.user_id and day = h.day;
  return l.cost - coalesce(v_was, 0);
end $$;
--> statement-breakpoint
create or replace function record_cost(p_user text, p_session text, p_iteration int, p_model text, p_usage json, p_cost bigint)
returns json language plpgsql volatile as $$
declare
  l usage_ledger;
begin
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  perform 1 from agent_sessions where id = p_session and user_id = p_user for no key update;
  perform open_day(p_user);
  if not exists (select from usage_ledger where user_id = p_user and session_id = p_session and fence = 0 and n = p_iteration) then
    l.user_id := p_user; l.session_id := p_session; l.fence := 0; l.n := p_iteration; l.iteration := p_iteration;
    l.day := app_day(p_user); l.cost := p_cost; l.class := 'settled'; l.model := p_model; l.usage := p_usage; l.tools := '{}';
    update budget_days set spent = spent + p_cost, revision = revision + 1 where user_id = p_user and day = l.day;
    perform enter(l);
    update agent_sessions set cost_microdollars = cost_microdollars + p_cost where id = p_session and user_id = p_user;
  end if;
  return json_build_object(
    'sessionCost', (select coalesce(sum(cost), 0)::text from usage_ledger where user_id = p_user and session_id = p_session),
    'daySpent', last_day(p_user) ->> 'spent');
end $$;
--> statement-breakpoint
create or replace function claimed(s agent_sessions, p_have int) returns json language plpgsql volatile as $$
declare
  v_memory json := (select agent_state from agent_checkpoints where session_id = s.id);
  v_from int := coalesce((v_memory #>> '{context,from}')::int, 1);
begin
  return json_build_object('fence', s.fence, 'at', app_now(), 'attempts', s.attempts, 'iteration', s.iteration, 'cost', s.cost_microdollars::text,
    'facts', json_build_object('id', s.id, 'userId', s.user_id, 'agent', s.agent, 'model', s.model, 'tier', s.tier,
      'goal', case when p_have = 0 then s.goal end, 'system', case when p_have = 0 then s.system end,
      'onEndTurn', s.on_end_turn, 'maxIterations', s.max_iterations, 'maxCost', s.max_cost_microdollars::text,
      'wakePolicy', (select wake_policy from user_settings where user_id = s.user_id)),
    'state', rested(s), 'memory', v_memory, 'from', v_from, 'msgN', s.msg_n,
    'history', coalesce((select json_agg(json_build_object('n', n, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id and n > p_have and n >= v_from), '[]'),
    'calls', coalesce((select json_agg(json_build_object('id', call_id, 'name', name, 'input', input, 'startedBy', started_by)
      order by message_n, position) from tool_calls where session_id = s.id and done_at is null), '[]'),
    'wishes', wishes(s), 'day', last_day(s.user_id));
end $$;
--> statement-breakpoint
create or replace function reserve(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_journal json)
returns json language plpgsql volatile as $$
declare
  v_user text := (select user_id from agent_sessions where id = p_session);
  v_opens boolean := lock_to_open(v_user);
  s agent_sessions := mine(p_session, p_fence);
  h budget_holds;
  d budget_days;
  v_cap bigint;
  v_amount bigint;
begin
  select * into h from budget_holds where session_id = p_session and fence = p_fence and n = p_n;
  if found then return json_build_object('granted', h.amount::text, 'day', h.day); end if;  -- a retry: the hold's own day, midnight may have passed
  if v_opens then perform open_day(v_user); end if;
  select * into d from budget_days where user_id = v_user order by day desc limit 1 for no key update;
  if d.day is distinct from app_day(v_user) or exists (select from budget_days where user_id = v_user and day > d.day) then
    raise 'the day has ended' using errcode = 'AGAIN';
  end if;
  v_cap := s.max_cost_microdollars - s.cost_microdollars
    - (select coalesce(sum(amount), 0) from budget_holds where session_id = p_session and class = 'held');
  v_amount := least(p_wanted, v_cap, d.ceiling - d.spent - d.held);
  if v_amount < p_least or v_amount <= 0 then
    update agent_sessions set least_microdollars = p_least where id = p_session and least_microdollars <> p_least;
    return json_build_object('refused', case when v_cap < p_least or v_cap <= 0 then 'cap'
      when d.ceiling - d.spent < greatest(p_least, 1) then 'day' else 'held' end, 'day', last_day(v_user));
  end if;
  update budget_days set held = held + v_amount, revision = revision + 1 where user_id = v_user and day = d.day;
  insert into budget_holds (session_id, fence, n, user_id, day, iteration, prompt_n, model, class, amount, ceiling, committed, at)
    values (p_session, p_fence, p_n, v_user, d.day, s.iteration + 1, s.msg_n, s.model, 'held', v_amount, d.ceiling, d.spent + d.held + v_amount, app_now());
  if json_array_length(p_journal) > 0 or s.least_microdollars <> p_least then
    update agent_sessions
      set seq = seq + json_array_length(p_journal), least_microdollars = p_least, updated_at = app_now()
      where id = p_session returning * into s;
    perform journal(s, p_journal);
  end if;
  return json_build_object('granted', v_amount::text, 'day', d.day);
end $$;
--> statement-breakpoint
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
  return json_build_object('day', last_day(s.user_id), 'cost', s.cost_microdollars::text, 'wishes', wishes(s), 'msgN', s.msg_n);
end $$;
--> statement-breakpoint
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
  insert into agent_sessions (id, user_id, created_at, updated_at, due_at, hint_at, seq, msg_n, agent, tier, model, on_end_turn, max_iterations,
      max_cost_microdollars, metadata, system, goal)
    values (v_id, p_user, app_now(), app_now(), app_now(), '-infinity', 1, 1, p_session ->> 'agent', p_session ->> 'tier', p_session ->> 'model',
      p_session ->> 'onEndTurn', (p_session ->> 'maxIterations')::int, (p_session ->> 'maxCost')::bigint, p_session -> 'metadata',
      p_session ->> 'system', p_session ->> 'goal')
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
create or replace function claim(p_session text, p_invocation uuid, p_have int default 0, p_lease interval default '45 s')
returns json language plpgsql volatile as $$
declare
  b brakes := (select brakes from brakes);
  v_today date := (app_now() at time zone 'UTC')::date;
  v_again timestamptz;
  v_answer json;
begin
  if b.stopped then return json_build_object('retryInMs', null); end if;
  v_again := held_back(p_session, p_invocation, b.claims_per_day);
  if v_again is not null then return json_build_object('retryInMs', greatest(1, ceil(1000 * extract(epoch from v_again - app_now())))); end if;
  v_answer := claim_freely(p_session, p_invocation, p_have, p_lease);
  if v_answer -> 'fence' is not null and not exists (select from session_days where session_id = p_session and day = v_today) then
    insert into session_days (session_id, user_id, day, fence)
      values (p_session, v_answer #>> '{facts,userId}', v_today, (v_answer ->> 'fence')::bigint - 1)
      on conflict (session_id) do update set day = excluded.day, fence = excluded.fence;
  end if;
  return v_answer;
end $$;
--> statement-breakpoint
drop function put_terms, reserve_for, set_aside, day_of, own_day;
--> statement-breakpoint
drop index session_days_user;
--> statement-breakpoint
alter table session_days reset (fillfactor);
--> statement-breakpoint
alter table session_days drop column spent, drop column held, drop column handed_off, drop column last_call;
--> statement-breakpoint
alter table budget_holds drop column hand_off;
--> statement-breakpoint
alter table agent_sessions drop column daily_share_percent, drop column model_ladder;
--> statement-breakpoint
alter table user_settings drop column max_daily_multiple;
