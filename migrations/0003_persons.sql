-- What persons and operators ask for: sessions, wishes, money. Each takes its idempotency key first, so that a copy under way waits there
-- (R4). A wish never sets a state: it adds to `nudges` and makes the session due, and the core turns it into a state (R5).

-- Takes the key. False: it was taken before, by a request that is committed.
create function first_time(p_user text, p_scope text, p_key text, p_fingerprint text, p_session text default null)
returns boolean language plpgsql volatile as $$
begin
  insert into idempotency_keys (user_id, scope, key, fingerprint, session_id, at)
    values (p_user, p_scope, p_key, p_fingerprint, p_session, app_now()) on conflict do nothing;
  return found;
end $$;
--> statement-breakpoint

-- Answers {id}, or {conflict} if the key stands for another request. p_session: NewSession. Its id is minted before the first try, so a
-- blind repeat finds it; p_key null: no idempotency beyond that.
create function create_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
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

-- A person's session, locked. A row of nulls: none of his.
create function his(p_user text, p_session text) returns agent_sessions language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
begin
  if s.user_id is distinct from p_user or s.deleted_at is not null then return null; end if;
  return s;
end $$;
--> statement-breakpoint

-- p_wish: {type: message | pause | resume | cancel | wake, content?}. Answers {ended}, true if the wish came too late, or null if there is
-- no such session. A wish that came too late, or to nobody, leaves no key: its repeat finds out again. Cancel is for good.
create function nudge(p_user text, p_session text, p_operation text, p_wish json) returns json language plpgsql volatile as $$
declare
  v_type text := p_wish ->> 'type';
  v_first boolean := first_time(p_user, p_session, p_operation, v_type, p_session);
  s agent_sessions := his(p_user, p_session);
begin
  if v_first and (s.id is null or s.state = 'ended') then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
  end if;
  if s.id is null then return null; end if;
  if not v_first or s.state = 'ended' then return json_build_object('ended', v_first); end if;
  update agent_sessions
    set nudges = nudges + 1, due_at = least(due_at, app_now()), hint_at = '-infinity', updated_at = app_now(),
      seq = seq + (v_type = 'message')::int, inbox_n = inbox_n + (v_type = 'message')::int,
      desired = case when desired = 'cancel' then desired
        else case v_type when 'pause' then 'pause' when 'resume' then 'run' when 'cancel' then 'cancel' else desired end end
    where id = p_session returning * into s;
  if v_type = 'message' then
    insert into session_inbox (session_id, n, user_id, at, content) values (p_session, s.inbox_n, p_user, app_now(), p_wish ->> 'content');
    perform journal(s, json_build_array(json_build_object('type', 'agent.message_received',
      'data', json_build_object('content', p_wish ->> 'content'))));
  end if;
  return json_build_object('ended', false);
end $$;
--> statement-breakpoint

-- Cancel and a tombstone: the person sees it no more; purge() takes it once it has ended. False: no such session.
create function remove_session(p_user text, p_session text, p_operation text) returns boolean language plpgsql volatile as $$
begin
  if not first_time(p_user, p_session, p_operation, 'remove', p_session) then return true; end if;
  if (his(p_user, p_session)).id is null then
    delete from idempotency_keys where user_id = p_user and scope = p_session and key = p_operation;
    return false;
  end if;
  update agent_sessions
    set desired = 'cancel', deleted_at = app_now(), updated_at = app_now(), nudges = nudges + 1, hint_at = '-infinity',
      due_at = least(due_at, case when state <> 'ended' then app_now() end)
    where id = p_session;
  return true;
end $$;
--> statement-breakpoint

-- Before a budget changes, with the user held: locks all his sessions that have not ended, opens the day, and says its ceiling.
create function before_rebudget(p_user text) returns bigint language plpgsql volatile as $$
begin
  perform 1 from agent_sessions where user_id = p_user and state <> 'ended' order by id for no key update;
  perform open_day(p_user);
  return last_day(p_user) ->> 'ceiling';
end $$;
--> statement-breakpoint

-- After it: freezes today anew. Every session learns of it; only those move that want money (also those that asked for it, which wait
-- with a due_at), if the ceiling rose and what is free reaches the least that they last asked for. One that is owned is due already. Answers how many became due.
create function rebudget(p_user text, p_ceiling_before bigint) returns int language plpgsql volatile as $$
declare
  d budget_days;
  v_free bigint;
  v_moved int;
begin
  perform freeze(p_user, app_day(p_user));
  select * into d from budget_days where user_id = p_user order by day desc limit 1;
  v_free := case when d.ceiling > p_ceiling_before then d.ceiling - d.spent - d.held else 0 end;
  update agent_sessions set nudges = nudges + 1 where user_id = p_user and state <> 'ended';
  update agent_sessions set due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
    where user_id = p_user and due_at > app_now() and v_free >= greatest(least_microdollars, 1)
      and (state = 'exceeded' or state = 'sleeping' and sleep_reason = 'allowance' or state = 'waiting' and due_at < 'infinity');
  get diagnostics v_moved = row_count;
  return v_moved;
end $$;
--> statement-breakpoint

-- Answers {moved}: how many sessions became due; or {conflict}. A repeat moves none.
create function top_up(p_user text, p_amount bigint, p_spread text, p_key text, p_fingerprint text) returns json language plpgsql volatile as $$
declare
  v_before bigint;
begin
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

-- Creates or changes; only the keys present in p_change count: tier, budget, renewalDate (null: none), wakePolicy. A new renewal date moves
-- only the end of the cycle, past today, and never what was spent in it (R9). Answers {nudged}: some of his sessions are due, so that a
-- repeat says it, too.
create function put_user(p_user text, p_change json) returns json language plpgsql volatile as $$
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
