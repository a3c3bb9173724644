ALTER TABLE "budget_days" ADD COLUMN "remaining" bigint;--> statement-breakpoint
-- What was topped up and not used is carried over a renewal; no sum of money outgrows what JSON carries exactly; and a budget change costs what
-- it moves, not what the user has.
ALTER TABLE "user_settings" ADD COLUMN "carried_microdollars" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "prior_cycle_start" date;
--> statement-breakpoint
ALTER TABLE "user_settings" ADD COLUMN "prior_carried_microdollars" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "top_ups" ADD COLUMN "committed" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "agent_sessions" ADD COLUMN "wants_microdollars" bigint;
--> statement-breakpoint
ALTER TABLE "user_settings" ADD CONSTRAINT "carried_not_negative" CHECK ("user_settings"."carried_microdollars" >= 0 and "user_settings"."prior_carried_microdollars" >= 0);
--> statement-breakpoint
CREATE INDEX "agent_sessions_wanting" ON "agent_sessions" USING btree ("user_id","wants_microdollars") WHERE "agent_sessions"."wants_microdollars" is not null;
--> statement-breakpoint
--> statement-breakpoint
update agent_sessions s set wants_microdollars = greatest(least_microdollars, 1) where state in ('sleeping', 'exceeded', 'waiting') and wants_money(s);
--> statement-breakpoint

-- The most that any sum of money may be: 2^53 - 1 microdollars, which JSON still carries exactly.
create function most_money() returns bigint language sql immutable as $$ select 9007199254740991 $$;
--> statement-breakpoint

-- What of the money topped up since p_from, and of p_carried that came into that cycle, is left after all that was spent or held before p_before;
-- top-ups until p_last count. It is used before the subscription's own, but no top-up pays for what came before it: what is left is the most
-- that any top-up and all after it, or the whole, leave over what was spent since. A top-up's `committed` splits its own day.
create function top_ups_left(p_user text, p_carried bigint, p_from date, p_last date, p_before date) returns numeric language sql volatile as $$
  with days as (
    select day, sum(spent + held) over (order by day desc) as since
      from budget_days where user_id = p_user and day >= p_from and day < p_before
  ), ups as (
    select t.day, t.committed, sum(t.amount) over (order by t.day desc, t.at desc, t.key desc) as since
      from top_ups t where t.user_id = p_user and t.day between p_from and p_last
  ), whole as (
    select p_carried + coalesce((select max(since) from ups), 0) as paid, coalesce((select max(since) from days), 0) as used
  )
  select greatest(0, whole.paid - whole.used,
      (select max(ups.since - greatest(0, coalesce(days.since, 0) - ups.committed)) from ups left join days using (day)))
    from whole
$$;
--> statement-breakpoint

-- As in 0001_money.sql, and what is left of the top-ups goes along, into the new cycle. What the ended cycle began with is kept, since its
-- last holds may still be settled for less.
create or replace function roll_cycle(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
  v_end date;
begin
  select * into u from user_settings where user_id = p_user;
  while u.subscription_renewal_date <= p_day loop
    v_end := u.subscription_renewal_date;
    u.prior_carried_microdollars := u.carried_microdollars;
    u.prior_cycle_start := u.cycle_start;
    u.carried_microdollars := least(most_money(), top_ups_left(p_user, u.carried_microdollars, u.cycle_start, v_end - 1, v_end));
    u.cycle_start := v_end;
    u.subscription_renewal_date := month_after(v_end, u.renewal_anchor_day);
    update user_settings
      set cycle_start = u.cycle_start, subscription_renewal_date = u.subscription_renewal_date, carried_microdollars = u.carried_microdollars,
        prior_cycle_start = u.prior_cycle_start, prior_carried_microdollars = u.prior_carried_microdollars
      where user_id = p_user;
  end loop;
end $$;
--> statement-breakpoint

-- What freezing p_day would give (R8), in numeric, so that no sum overflows, and at most what JSON carries exactly, so that it can be shown
-- whatever was written before that was a rule. The caller holds the user and has rolled the cycle.
create function reckon(p_user text, p_day date, out allowance bigint, out ceiling bigint, out remaining bigint) language plpgsql volatile as $$
declare
  u user_settings;
  v_top_ups numeric;
  v_today numeric;
  v_all_today numeric;
  v_committed numeric;
  v_left numeric;
  v_even numeric;
begin
  select * into u from user_settings where user_id = p_user;
  select coalesce(sum(amount), 0), coalesce(sum(amount) filter (where day = p_day and spread = 'today'), 0),
      coalesce(sum(amount) filter (where spread = 'today'), 0) into v_top_ups, v_today, v_all_today
    from top_ups where user_id = p_user and day between u.cycle_start and p_day;
  select coalesce(sum(spent + held), 0) into v_committed
    from budget_days where user_id = p_user and day >= u.cycle_start and day < p_day;
  v_top_ups := v_top_ups + u.carried_microdollars;
  v_left := least(most_money(), greatest(0, u.subscription_budget_microdollars + v_top_ups - v_committed));
  v_today := least(v_left, v_today);
  v_even := (u.subscription_budget_microdollars + v_top_ups - v_all_today) / greatest(1, coalesce(u.subscription_renewal_date - u.cycle_start, 30));
  allowance := least(div(v_left - v_today, greatest(1, coalesce(u.subscription_renewal_date - p_day, 30))), floor(u.max_daily_multiple * v_even)) + v_today;
  ceiling := least(v_left, div(allowance::numeric * 11, 10));
  remaining := v_left;
end $$;
--> statement-breakpoint

-- As in 0011_shares.sql, with what was carried over: it is counted anew each time, as the last holds of the cycle before are settled.
create or replace function freeze(p_user text, p_day date) returns void language plpgsql volatile as $$
declare
  u user_settings;
begin
  perform 1 from budget_days where user_id = p_user order by day desc limit 1 for no key update;
  perform roll_cycle(p_user, p_day);
  select * into u from user_settings where user_id = p_user;
  if u.prior_cycle_start is not null then
    update user_settings set carried_microdollars = carried.now
      from (select least(most_money(), top_ups_left(p_user, u.prior_carried_microdollars, u.prior_cycle_start, u.cycle_start - 1, u.cycle_start)) as now) carried
      where user_id = p_user and carried_microdollars <> carried.now;
  end if;
  insert into budget_days (user_id, day, allowance, ceiling, remaining) select p_user, p_day, r.allowance, r.ceiling, r.remaining from reckon(p_user, p_day) r
    on conflict (user_id, day) do update
      set allowance = excluded.allowance, ceiling = excluded.ceiling, remaining = excluded.remaining, revision = budget_days.revision + 1;
end $$;
--> statement-breakpoint

-- All that the user has in the present cycle, whatever of it is spent: the plan's money, what was carried over and what was topped up. The
-- caller holds the user and has rolled the cycle.
create function cycle_money(p_user text) returns numeric language sql volatile as $$
  select u.subscription_budget_microdollars + u.carried_microdollars
      + (select coalesce(sum(amount), 0) from top_ups t where t.user_id = p_user and t.day >= u.cycle_start)
    from user_settings u where user_id = p_user
$$;
--> statement-breakpoint

-- Before a budget changes, with the user held: today's ceiling, as it is or would be. It locks no day, since sessions come before days (R3).
create or replace function before_rebudget(p_user text) returns bigint language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
  v_ceiling bigint;
begin
  perform roll_cycle(p_user, v_day);
  select ceiling into v_ceiling from budget_days where user_id = p_user and day = v_day;
  return coalesce(v_ceiling, (select r.ceiling from reckon(p_user, v_day) r));
end $$;
--> statement-breakpoint

-- After it: freezes today anew. It costs what it moves: every session with an owner learns of it, since that owner may be about to rest for want
-- of money; of those that rest for it, those move whose least the free money reaches, if the ceiling rose. Answers how many became due.
create or replace function rebudget(p_user text, p_ceiling_before bigint) returns int language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_day date := app_day(p_user);
  v_most bigint;
  v_free bigint;
  v_ids text[];
  v_moved int;
  d budget_days;
begin
  perform roll_cycle(p_user, v_day);
  v_most := (select r.ceiling from reckon(p_user, v_day) r) - coalesce((select spent from budget_days where user_id = p_user and day = v_day), 0);
  with found as (
    select id from agent_sessions where id in (
      select id from agent_sessions where user_id = p_user and due_at <= v_now and due_at < 'infinity'
      union all select id from agent_sessions where user_id = p_user and wants_microdollars <= v_most)
      order by id for no key update
  ) select array_agg(id) into v_ids from found;
  perform freeze(p_user, v_day);
  select * into d from budget_days where user_id = p_user order by day desc limit 1;
  v_free := case when d.ceiling > p_ceiling_before then d.ceiling - d.spent - d.held else 0 end;
  update agent_sessions set nudges = nudges + 1 where id = any(v_ids) and fence > saved_fence;
  update agent_sessions set nudges = nudges + 1, due_at = v_now, hint_at = '-infinity', updated_at = v_now
    where id = any(v_ids) and fence = saved_fence and due_at > v_now and wants_microdollars <= v_free;
  get diagnostics v_moved = row_count;
  return v_moved;
end $$;
--> statement-breakpoint

-- As in 0015_own_money.sql. Answers {tooMuch} with what the user has in this cycle and the most that may be added, if it would become more than
-- JSON carries exactly; the key stays free.
create or replace function top_up(p_user text, p_amount bigint, p_spread text, p_key text, p_fingerprint text) returns json language plpgsql volatile
security definer set search_path = public, pg_temp as $$
declare
  v_day date;
  v_has numeric;
  v_before bigint;
begin
  perform only_his(p_user);
  if not first_time(p_user, 'top_up', p_key, p_fingerprint) then
    perform 1 from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key and fingerprint = p_fingerprint;
    return case when found then json_build_object('moved', 0) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  v_day := app_day(p_user);
  v_before := before_rebudget(p_user);
  v_has := cycle_money(p_user);
  if v_has + p_amount > most_money() then
    delete from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key;
    return json_build_object('tooMuch', json_build_object('has', v_has::text, 'most', greatest(0, most_money() - v_has)::text));
  end if;
  insert into top_ups (user_id, key, day, amount, spread, at, committed) values (p_user, p_key, v_day, p_amount, p_spread, app_now(),
    coalesce((select spent + held from budget_days where user_id = p_user and day = v_day), 0));
  return json_build_object('moved', rebudget(p_user, v_before));
end $$;
--> statement-breakpoint

-- Creates or changes; only the keys present in p_change count: tier, budget, firstBudget (that of a user who is new, unless the change names one),
-- renewalDate (null: none), wakePolicy, maxDailyMultiple (null: no limit). A new renewal date moves only the end of the cycle, past today, and
-- never what was spent in it (R9). Answers {nudged}: some of the user's sessions are due, so that a repeat says it, too; or {tooMuch}, with what
-- the user has beside the plan's money and the most that the plan may be, and nothing was changed.
create or replace function put_terms(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_day date := app_day(p_user);
  v_plan numeric := (p_change ->> 'budget')::numeric;
  v_beside numeric;
  v_before bigint;
  was user_settings;
  u user_settings;
begin
  if coalesce(v_plan, (p_change ->> 'firstBudget')::numeric, 0) <= most_money() then
    insert into user_settings (user_id, tier, subscription_budget_microdollars, cycle_start, wake_policy, created_at, updated_at)
      values (p_user, 'standard', coalesce((p_change ->> 'budget')::bigint, (p_change ->> 'firstBudget')::bigint, 0), v_day, 'auto', v_now, v_now)
      on conflict do nothing;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  v_now := app_now();
  v_day := app_day(p_user);
  v_before := before_rebudget(p_user);
  select * into was from user_settings where user_id = p_user;
  v_beside := coalesce(cycle_money(p_user) - was.subscription_budget_microdollars, 0);
  if was.user_id is null or v_plan > 0 and v_plan + v_beside > most_money() then
    return json_build_object('tooMuch', json_build_object('has', v_beside::text, 'most', greatest(0, most_money() - v_beside)::text));
  end if;
  u := was;
  u.tier := coalesce(p_change ->> 'tier', u.tier);
  u.wake_policy := coalesce(p_change ->> 'wakePolicy', u.wake_policy);
  u.subscription_budget_microdollars := coalesce((p_change ->> 'budget')::bigint, u.subscription_budget_microdollars);
  if p_change -> 'renewalDate' is not null then
    u.renewal_anchor_day := extract(day from (p_change ->> 'renewalDate')::date);
    u.subscription_renewal_date := renewal_after((p_change ->> 'renewalDate')::date, u.renewal_anchor_day, v_day);
  end if;
  if p_change -> 'maxDailyMultiple' is not null then
    u.max_daily_multiple := (p_change ->> 'maxDailyMultiple')::numeric;
  end if;
  if u is distinct from was then
    update user_settings
      set tier = u.tier, wake_policy = u.wake_policy, subscription_budget_microdollars = u.subscription_budget_microdollars,
        subscription_renewal_date = u.subscription_renewal_date, renewal_anchor_day = u.renewal_anchor_day,
        max_daily_multiple = u.max_daily_multiple, updated_at = v_now
      where user_id = p_user;
  end if;
  -- Under `auto`, what rested until a person acts may now sleep until midnight, and what asked for money tries again every morning.
  if p_change ->> 'wakePolicy' = 'auto' then
    update agent_sessions set nudges = nudges + 1, due_at = v_now, hint_at = '-infinity', updated_at = v_now
      where user_id = p_user and due_at = 'infinity'
        and (was.wake_policy = 'manual' and state in ('sleeping', 'exceeded') or state = 'waiting' and wants_microdollars is not null);
  end if;
  if (u.subscription_budget_microdollars, u.subscription_renewal_date, u.max_daily_multiple)
    is distinct from (was.subscription_budget_microdollars, was.subscription_renewal_date, was.max_daily_multiple) then
    perform rebudget(p_user, v_before);
  end if;
  perform open_day(p_user);
  v_now := app_now();
  return json_build_object('nudged', exists (
    select from agent_sessions where user_id = p_user and due_at <= v_now and due_at < 'infinity' and fence = saved_fence));
end $$;
--> statement-breakpoint

-- What older code asks.
create or replace function put_user(p_user text, p_change json) returns json language sql volatile as $$
  select put_terms(p_user, (p_change::jsonb - 'maxDailyMultiple' - 'firstBudget')::json)
$$;
--> statement-breakpoint

drop function change_user(text, json);
--> statement-breakpoint

-- As in 0011_shares.sql; a session that works wants no money.
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

-- As in 0018_kept_wishes.sql, and what rests for want of money says how much would move it.
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
        wants_microdollars = case when v_to ->> 'state' = 'exceeded' or v_to ->> 'state' = 'sleeping' and v_to ->> 'reason' = 'allowance'
          or v_to ->> 'state' = 'waiting' and (v_memory ->> 'tooDear')::boolean then greatest(least_microdollars, 1) end,
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

-- As in 0001_money.sql; a count that cannot be is none, and none is more than can be shown. In numeric: a double of 1e300 is no bigint.
create or replace function usage_count(p_usage json, variadic p_path text[]) returns bigint language sql immutable as $$
  select case when json_typeof(p_usage #> p_path) = 'number' then least(most_money(), greatest(0, trunc((p_usage #>> p_path)::numeric)))::bigint else 0 end
$$;
--> statement-breakpoint

-- As in 0011_shares.sql. No day's money outgrows what can be shown.
create or replace function resolve(p_session text, p_fence bigint, p_n int, p_cost bigint, p_class text, p_call json default null)
returns bigint language plpgsql volatile as $$
declare
  h budget_holds;
  l usage_ledger;
  v_was bigint;
  v_most bigint;
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
  v_most := most_money() - (select spent from budget_days where user_id = h.user_id and day = h.day) + coalesce(v_was, 0);
  l.cost := least(coalesce(p_cost, h.amount), greatest(0, v_most));
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
    l.cost := least(p_cost, greatest(0, most_money() - (select spent from budget_days where user_id = p_user and day = l.day)));
    l.class := 'settled'; l.model := p_model; l.usage := p_usage; l.tools := '{}';
    update budget_days set spent = spent + l.cost, revision = revision + 1 where user_id = p_user and day = l.day;
    perform enter(l);
    if s.id is not null then
      update agent_sessions set cost_microdollars = cost_microdollars + l.cost where id = p_session;
      perform own_day(s, l.day);
      update session_days set spent = spent + l.cost where session_id = p_session and day = l.day;
    end if;
  end if;
  return json_build_object(
    'sessionCost', (select coalesce(sum(cost), 0)::text from usage_ledger where user_id = p_user and session_id = p_session),
    'daySpent', last_day(p_user) ->> 'spent');
end $$;
--> statement-breakpoint

-- As in 0041_growth_functions.sql, with what was left of the whole budget when the day was frozen, and when it renews.
create or replace function last_day(p_user text) returns json language plpgsql stable as $$
begin
  return (select json_build_object('date', d.day, 'allowance', d.allowance::text, 'ceiling', d.ceiling::text, 'spent', d.spent::text,
      'held', d.held::text, 'resetsAt', (d.day + 1)::timestamp at time zone 'UTC', 'revision', d.revision,
      'cycle', case when d.remaining is not null then json_build_object('remaining', d.remaining::text, 'renews', u.subscription_renewal_date,
        'daysLeft', greatest(1, coalesce(u.subscription_renewal_date - d.day, 30))) end)
    from budget_days d join user_settings u on u.user_id = d.user_id where d.user_id = p_user order by d.day desc limit 1);
end $$;
