create or replace function last_day(p_user text) returns json language plpgsql stable as $$
begin
  return (select json_build_object('date', day, 'allowance', allowance::text, 'ceiling', ceiling::text, 'spent', spent::text, 'held', held::text,
      'resetsAt', (day + 1)::timestamp at time zone 'UTC', 'revision', revision)
    from budget_days where user_id = p_user order by day desc limit 1);
end $$;
--> statement-breakpoint
create or replace function usage_count(p_usage json, variadic p_path text[]) returns bigint language sql immutable as $$
  select case when json_typeof(p_usage #> p_path) = 'number' then trunc((p_usage #>> p_path)::numeric)::bigint else 0 end
$$;
--> statement-breakpoint
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
create or replace function save(p_session text, p_fence bigint, p_save json, p_files json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
  v_rests boolean;
  v_to json := json_build_object('state', 'ready');
  v_due timestamptz := (p_save ->> 'due')::timestamptz;
  v_memory json := p_save -> 'memory';
  v_journal json := p_save -> 'journal';
  v_turn json := case when json_typeof(p_save -> 'turn') = 'array' then json_build_array(json_build_object('role', 'user', 'content', p_save -> 'turn')) else '[]' end;
begin
  if s.saved_fence is distinct from p_fence then  -- else a blind retry: answer only
    s := mine(p_session, p_fence);
    v_rests := json_typeof(p_save -> 'rest') = 'object' and s.nudges = s.seen;
    if v_rests then
      v_to := p_save #> '{rest,to}';
      v_due := (p_save #>> '{rest,due}')::timestamptz;
      v_memory := p_save #> '{rest,memory}';
      v_journal := joined(v_journal, p_save #> '{rest,journal}');
    elsif s.nudges <> s.seen then
      v_due := app_now();
    end if;
    if v_due <= app_now() then v_due := least(s.due_at, app_now()); end if;  -- still due: an unchanged due_at keeps the update off its index
    if json_array_length(v_turn) > 0 then
      update tool_calls set done_at = app_now() where session_id = p_session and done_at is null;
    end if;
    update agent_sessions
      set state = v_to ->> 'state', due_at = case when v_to ->> 'state' <> 'ended' then v_due end, saved_fence = p_fence,
        lease_until = null, attempts = 0, woken = woken and (s.nudges <> s.seen or s.desired = 'pause'),
        -- What goes on at once is hinted by its owner; what rests must be seen by the first sweep after it became due, also if the clock leaps.
        hint_at = case when v_due > app_now() then '-infinity'::timestamptz else clock_timestamp() + interval '30 s' end,
        rest_until = (v_to ->> 'until')::timestamptz, sleep_reason = v_to ->> 'reason', question = v_to ->> 'question',
        outcome = v_to ->> 'outcome', result = v_to ->> 'result', error_code = v_to #>> '{error,code}', error_message = v_to #>> '{error,message}',
        completed_at = case when v_to ->> 'state' = 'ended' then app_now() end, updated_at = app_now(), last_checkpoint_at = app_now(),
        msg_n = msg_n + json_array_length(v_turn), inbox_taken = greatest(inbox_taken, (p_save ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal)
      where id = p_session returning * into s;
    perform append(s, v_turn);
    perform remember(s, v_memory);
    perform journal(s, v_journal);
    insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
      select distinct on (f ->> 'path') s.id, f ->> 'path', s.iteration, s.user_id, app_now(), (f ->> 'mode')::int, decode(f ->> 'content', 'base64')
        from json_array_elements(p_files) with ordinality x(f, i) order by f ->> 'path', i desc
      on conflict (session_id, path, iteration) do update set at = excluded.at, mode = excluded.mode, content = excluded.content;
  end if;
  return json_build_object('state', rested(s), 'desired', s.desired, 'due', coalesce(s.due_at, 'infinity'), 'now', app_now(), 'userId', s.user_id,
    'fence', s.fence, 'seq', s.seq, 'cost', s.cost_microdollars::text, 'day', last_day(s.user_id), 'msgN', s.msg_n);
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
  return json_build_object('day', day_of(s), 'cost', s.cost_microdollars::text, 'wishes', wishes(s), 'msgN', s.msg_n);
end $$;
--> statement-breakpoint
create function change_user(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
  v_before bigint;
  was user_settings;
  u user_settings;
begin
  insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, created_at, updated_at)
    values (p_user, 'standard', 0, v_day, 'auto', app_now(), app_now()) on conflict do nothing;
  perform 1 from user_settings where user_id = p_user for no key update;
  v_before := before_rebudget(p_user);
  select * into was from user_settings where user_id = p_user;
  u := was;
  u.tier := coalesce(p_change ->> 'tier', u.tier);
  u.wake_policy := coalesce(p_change ->> 'wakePolicy', u.wake_policy);
  u.subscription_budget_microdollars := coalesce((p_change ->> 'budget')::bigint, u.subscription_budget_microdollars);
  if p_change -> 'renewalDate' is not null then
    u.renewal_anchor_day := extract(day from (p_change ->> 'renewalDate')::date);
    u.subscription_renewal_date := renewal_after((p_change ->> 'renewalDate')::date, u.renewal_anchor_day, app_day(p_user));
  end if;
  if u is distinct from was then
    update user_settings
      set tier = u.tier, wake_policy = u.wake_policy, subscription_budget_microdollars = u.subscription_budget_microdollars,
        subscription_renewal_date = u.subscription_renewal_date, renewal_anchor_day = u.renewal_anchor_day, updated_at = app_now()
      where user_id = p_user;
  end if;
  if u.subscription_budget_microdollars <> was.subscription_budget_microdollars
    or u.subscription_renewal_date is distinct from was.subscription_renewal_date then
    perform rebudget(p_user, v_before);
  end if;
  if was.wake_policy = 'manual' and u.wake_policy = 'auto' then  -- what slept until a person acts may now sleep until midnight
    update agent_sessions set nudges = nudges + 1, due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
      where user_id = p_user and state in ('sleeping', 'exceeded') and due_at = 'infinity';
  end if;
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= app_now() and fence = saved_fence));
end $$;
--> statement-breakpoint
create or replace function put_user(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_answer json := change_user(p_user, p_change);  -- holds the user and all his sessions
begin
  if p_change ->> 'wakePolicy' is distinct from 'auto' then return v_answer; end if;
  update agent_sessions s set nudges = nudges + 1, due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
    where user_id = p_user and state = 'waiting' and due_at = 'infinity' and wants_money(s);
  return case when found then json_build_object('nudged', true) else v_answer end;
end $$;
--> statement-breakpoint
create or replace function put_terms(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_answer json;
  v_multiple numeric := (p_change ->> 'maxDailyMultiple')::numeric;
  v_before bigint;
begin
  insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, created_at, updated_at)
    values (p_user, 'standard', coalesce((p_change ->> 'budget')::bigint, (p_change ->> 'firstBudget')::bigint, 0), app_day(p_user), 'auto', app_now(), app_now())
    on conflict do nothing;
  v_answer := put_user(p_user, p_change);
  if p_change -> 'maxDailyMultiple' is null then return v_answer; end if;
  if not exists (select from user_settings where user_id = p_user and max_daily_multiple is distinct from v_multiple) then return v_answer; end if;
  v_before := before_rebudget(p_user);
  update user_settings set max_daily_multiple = v_multiple, updated_at = app_now() where user_id = p_user;
  perform rebudget(p_user, v_before);
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= app_now() and fence = saved_fence));
end $$;
--> statement-breakpoint
create or replace function top_up(p_user text, p_amount bigint, p_spread text, p_key text, p_fingerprint text) returns json language plpgsql volatile
security definer set search_path = public, pg_temp as $$
declare
  v_before bigint;
begin
  perform only_his(p_user);
  if not first_time(p_user, 'top_up', p_key, p_fingerprint) then
    perform 1 from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key and fingerprint = p_fingerprint;
    return case when found then json_build_object('moved', 0) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  v_before := before_rebudget(p_user);
  insert into top_ups (user_id, key, day, amount, spread, at) values (p_user, p_key, app_day(p_user), p_amount, p_spread, app_now());
  return json_build_object('moved', rebudget(p_user, v_before));
end $$;
--> statement-breakpoint
create or replace function rebudget(p_user text, p_ceiling_before bigint) returns int language plpgsql volatile as $$
declare
  d budget_days;
  v_free bigint;
  v_moved int;
begin
  perform freeze(p_user, app_day(p_user));
  select * into d from budget_days where user_id = p_user order by day desc limit 1;
  v_free := case when d.ceiling > p_ceiling_before then d.ceiling - d.spent - d.held else 0 end;
  update agent_sessions set nudges = nudges + 1 where user_id = p_user and state <> 'ended';
  update agent_sessions s set due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
    where user_id = p_user and due_at > app_now() and v_free >= greatest(least_microdollars, 1) and wants_money(s);
  get diagnostics v_moved = row_count;
  return v_moved;
end $$;
--> statement-breakpoint
create or replace function before_rebudget(p_user text) returns bigint language plpgsql volatile as $$
begin
  perform 1 from agent_sessions where user_id = p_user and state <> 'ended' order by id for no key update;
  perform open_day(p_user);
  return last_day(p_user) ->> 'ceiling';
end $$;
--> statement-breakpoint
drop function cycle_money(text);
--> statement-breakpoint
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
drop function reckon(text, date);
--> statement-breakpoint
create or replace function roll_cycle(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
begin
  select * into u from user_settings where user_id = p_user;
  while u.subscription_renewal_date <= p_day loop
    u.cycle_start := u.subscription_renewal_date;
    u.subscription_renewal_date := month_after(u.subscription_renewal_date, u.renewal_anchor_day);
    update user_settings set cycle_start = u.cycle_start, subscription_renewal_date = u.subscription_renewal_date where user_id = p_user;
  end loop;
end $$;
--> statement-breakpoint
drop function top_ups_left(text, bigint, date, date, date);
--> statement-breakpoint
drop function most_money();
--> statement-breakpoint
--> statement-breakpoint
DROP INDEX "agent_sessions_wanting";
--> statement-breakpoint
ALTER TABLE "user_settings" DROP CONSTRAINT "carried_not_negative";
--> statement-breakpoint
ALTER TABLE "agent_sessions" DROP COLUMN "wants_microdollars";
--> statement-breakpoint
ALTER TABLE "top_ups" DROP COLUMN "committed";
--> statement-breakpoint
ALTER TABLE "user_settings" DROP COLUMN "prior_carried_microdollars";
--> statement-breakpoint
ALTER TABLE "user_settings" DROP COLUMN "prior_cycle_start";
--> statement-breakpoint
ALTER TABLE "user_settings" DROP COLUMN "carried_microdollars";
--> statement-breakpoint
ALTER TABLE "budget_days" DROP COLUMN "remaining";
