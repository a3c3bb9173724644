-- The clock, the billing cycle, the days, the holds and the ledger. DESIGN 6 and 12 (R3, R7, R8, R9).
--
-- For all functions of these migrations: one function is one request and one transaction. A volatile plpgsql function in read committed
-- takes a new snapshot for every statement in it, so "lock first, then read" (R1) holds inside it: never mark one of them stable, never
-- merge its statements into one. Lock order (R3): idempotency key, user, sessions by id, the user's days by date, holds. Always
-- `for no key update`: a plain `for update` on a parent row blocks the foreign key check of every insert beneath it.
-- A change of parameters is a new function under a new name, so that old and new code can overlap.
-- Money within json is a decimal string; instants are ISO 8601 or 'infinity'.
insert into app_clock (shift) values ('0');
--> statement-breakpoint
insert into plan_tiers (name, model) values
  ('economy', 'claude-haiku-5-5'), ('standard', 'claude-sonnet-5-5'), ('premium', 'claude-opus-5-5');
--> statement-breakpoint
-- Many updates a second to the same few rows: leave room for their next versions on the same page.
alter table agent_sessions set (fillfactor = 70);
--> statement-breakpoint
alter table agent_checkpoints set (fillfactor = 70);
--> statement-breakpoint
alter table budget_days set (fillfactor = 70);
--> statement-breakpoint

-- The only clock for what persons can see. Leases and backoffs go by clock_timestamp(), the real time (R6).
create function app_now() returns timestamptz language sql volatile as $$
  select clock_timestamp() + shift from app_clock
$$;
--> statement-breakpoint

-- The user's UTC day. Never goes back, whatever the clock does.
create function app_day(p_user text) returns date language sql volatile as $$
  select greatest((app_now() at time zone 'UTC')::date, (select max(day) from budget_days where user_id = p_user))
$$;
--> statement-breakpoint

-- The same day of the next month, or that month's last day: 31st, 28th, 31st (R9).
create function month_after(p_date date, p_anchor int) returns date language sql immutable as $$
  select least(first + p_anchor - 1, (first + interval '1 month')::date - 1)
    from (select (date_trunc('month', p_date::timestamp) + interval '1 month')::date as first) next_month
$$;
--> statement-breakpoint

-- The first renewal after p_day. Null stays null.
create function renewal_after(p_renewal date, p_anchor int, p_day date) returns date language plpgsql immutable as $$
begin
  while p_renewal <= p_day loop
    p_renewal := month_after(p_renewal, p_anchor);
  end loop;
  return p_renewal;
end $$;
--> statement-breakpoint

-- Moves the user into the cycle that p_day lies in. The renewal date itself is the first day of the next cycle. The caller holds the user.
create function roll_cycle(p_user text, p_day date) returns void language plpgsql volatile as $$
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

-- Allowance and ceiling of a day (R8): what is left of the cycle before that day, shared out over the days to renewal (30 where there is no
-- date), and what was topped up for that very day. Pure in its inputs: it never looks at the day's own spend, so it may be repeated.
-- The caller holds the user. The lock on the last day closes it: reserve() admits nothing on a day that has a successor, so no hold
-- can slip in behind the sum.
create function freeze(p_user text, p_day date) returns void language plpgsql volatile as $$
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

-- The two halves of opening a day inside a request that also locks sessions: the user is locked before them if the day has no row yet …
create function lock_to_open(p_user text) returns boolean language plpgsql volatile as $$
begin
  if exists (select from budget_days where user_id = p_user and day = app_day(p_user)) then return false; end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  return true;
end $$;
--> statement-breakpoint

-- … and the day is frozen after them, unless somebody did it meanwhile.
create function open_day(p_user text) returns void language plpgsql volatile as $$
declare
  v_day date := app_day(p_user);
begin
  if not exists (select from budget_days where user_id = p_user and day = v_day) then
    perform freeze(p_user, v_day);
  end if;
end $$;
--> statement-breakpoint

-- The user's last frozen day, as the core's Day.
create function last_day(p_user text) returns json language sql volatile as $$
  select json_build_object('date', day, 'allowance', allowance::text, 'ceiling', ceiling::text, 'spent', spent::text, 'held', held::text,
    'resetsAt', (day + 1)::timestamp at time zone 'UTC', 'revision', revision)
  from budget_days where user_id = p_user order by day desc limit 1
$$;
--> statement-breakpoint

-- Today as the core's Day, frozen now if it was not. Null: no such user. Locks only on the first question of a day.
create function today(p_user text) returns json language plpgsql volatile as $$
begin
  if lock_to_open(p_user) then
    if not exists (select from user_settings where user_id = p_user) then return null; end if;
    perform open_day(p_user);
  end if;
  return last_day(p_user);
end $$;
--> statement-breakpoint

-- A count out of a usage object; whatever is no whole number counts as none. The cost was computed elsewhere: this is for reports.
create function usage_count(p_usage json, variadic p_path text[]) returns bigint language sql immutable as $$
  select case when json_typeof(p_usage #> p_path) = 'number' then trunc((p_usage #>> p_path)::numeric)::bigint else 0 end
$$;
--> statement-breakpoint

-- Writes or corrects a call's ledger row. A correction keeps the day and the iteration of the first.
create function enter(p_row usage_ledger) returns void language plpgsql volatile as $$
begin
  p_row.input_tokens := coalesce(usage_count(p_row.usage, 'input_tokens'), 0);
  p_row.output_tokens := coalesce(usage_count(p_row.usage, 'output_tokens'), 0);
  p_row.cache_read_tokens := coalesce(usage_count(p_row.usage, 'cache_read_input_tokens'), 0);
  p_row.cache_write_1h_tokens := coalesce(usage_count(p_row.usage, 'cache_creation', 'ephemeral_1h_input_tokens'), 0);
  p_row.cache_write_5m_tokens := greatest(0, coalesce(usage_count(p_row.usage, 'cache_creation_input_tokens'), 0) - p_row.cache_write_1h_tokens);
  p_row.searches := coalesce(usage_count(p_row.usage, 'server_tool_use', 'web_search_requests'), 0);
  p_row.at := app_now();
  insert into usage_ledger select p_row.*
    on conflict (user_id, session_id, fence, n) do update
      set cost = excluded.cost, class = excluded.class, model = excluded.model, kind = excluded.kind, usage = excluded.usage,
        input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, cache_read_tokens = excluded.cache_read_tokens,
        cache_write_5m_tokens = excluded.cache_write_5m_tokens, cache_write_1h_tokens = excluded.cache_write_1h_tokens,
        searches = excluded.searches, tools = excluded.tools, at = excluded.at;
end $$;
--> statement-breakpoint

-- The only place where a hold changes: it leaves `held` once, and evidence corrects "unknown" once (R7). Returns by how much the
-- session's cost changes, or null if nothing was left to do. Cost null: the whole hold. The caller holds the session, if there is one.
create function resolve(p_session text, p_fence bigint, p_n int, p_cost bigint, p_class text, p_call json default null)
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

-- A call's cost written straight to today's ledger, once per user, session and iteration. Answers with both sums as they are now.
create function record_cost(p_user text, p_session text, p_iteration int, p_model text, p_usage json, p_cost bigint)
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
