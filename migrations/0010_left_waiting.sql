-- Three ways in which somebody waited for longer than need be, and an operator's way to let nobody wait.
--
-- Who asked the person for money is moved by money, whatever the user's wake policy: under `manual` such a session waits without a due_at,
-- and so looked like one that waits for an answer.

-- Does the session want money? It sleeps for it, or has asked for it (the core's memory says so, lib/core/refused.ts) and waits.
create function wants_money(s agent_sessions) returns boolean language sql volatile as $$
  select s.state = 'exceeded' or s.state = 'sleeping' and s.sleep_reason = 'allowance' or s.state = 'waiting'
    and coalesce((select (agent_state ->> 'tooDear')::boolean from agent_checkpoints where session_id = s.id), false)
$$;
--> statement-breakpoint

-- As in 0003_persons.sql, with wants_money for the states.
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

alter function put_user rename to change_user;
--> statement-breakpoint

-- As change_user. Under `auto` a session that asked for money tries again every morning, also if it asked while the policy was `manual`.
create function put_user(p_user text, p_change json) returns json language plpgsql volatile as $$
declare
  v_answer json := change_user(p_user, p_change);  -- holds the user and all his sessions
begin
  if p_change ->> 'wakePolicy' is distinct from 'auto' then return v_answer; end if;
  update agent_sessions s set nudges = nudges + 1, due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
    where user_id = p_user and state = 'waiting' and due_at = 'infinity' and wants_money(s);
  return case when found then json_build_object('nudged', true) else v_answer end;
end $$;
--> statement-breakpoint

-- As in 0002_iteration.sql, and forgets when the session was last hinted. While it is owned its lease keeps it from being hinted; once its
-- owner has died, the first sweep after the lease finds it. Until now a session that had waited for long before it was claimed was left
-- alone for as long again, up to 16 minutes.
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
--> statement-breakpoint

-- reserve_for of 0011_shares.sql, but no money for a session that a person wants to stop: the last look before the model is called. It reads
-- without a lock, since reserve_for locks the user first (R3); a wish that comes later is found by the heartbeat.
create function reserve_unless_stopped(p_session text, p_fence bigint, p_n int, p_least bigint, p_wanted bigint, p_model text, p_hand_off boolean,
  p_journal json)
returns json language plpgsql volatile as $$
declare
  s agent_sessions := (select s from agent_sessions s where id = p_session);
begin
  if s.desired <> 'run' and owns(s, p_fence)
    and not exists (select from budget_holds where session_id = p_session and fence = p_fence and n = p_n) then
    return json_build_object('refused', 'stopped', 'day', day_of(s));
  end if;
  return reserve_for(p_session, p_fence, p_n, p_least, p_wanted, p_model, p_hand_off, p_journal);
end $$;
--> statement-breakpoint

-- For an operator who has mended something: up to p_limit sessions that are due and unowned, whenever they were hinted last, in the order of
-- their ids from p_after on; of p_sessions only, if that is not null. Marked as just hinted, as by sweep: the caller sends them. `others`: how
-- those of p_sessions stand that are not among them. While everything is stopped it says so, and nothing is due.
create function redrive(p_sessions text[], p_after text, p_limit int) returns json language plpgsql volatile as $$
declare
  v_stopped boolean := (select stopped from brakes);
  v_due json;
begin
  with picked as (
    select id from agent_sessions where due_at <= app_now() and due_at < 'infinity' and (lease_until is null or lease_until <= clock_timestamp())
      and (p_sessions is null or id = any(p_sessions)) and id > p_after and not v_stopped
      order by id limit p_limit for no key update skip locked
  ), marked as (
    update agent_sessions s set hint_at = clock_timestamp() + interval '30 s' from picked where s.id = picked.id
      returning s.id, s.user_id, extract(epoch from app_now() - greatest(s.due_at, s.updated_at)) as overdue
  )
  select coalesce(json_agg(json_build_object('id', id, 'userId', user_id, 'overdueMs', greatest(0, floor(1000 * overdue))) order by id), '[]')
    into v_due from marked;
  return json_build_object('stopped', case when v_stopped then (select coalesce(reason, 'no reason is given') from brakes) end, 'due', v_due,
    'others', (select coalesce(json_agg(json_build_object('id', s.id, 'state', s.state, 'desired', s.desired, 'outcome', s.outcome,
        'error', s.error_message, 'due', s.due_at, 'now', app_now(), 'owned', coalesce(s.lease_until > clock_timestamp(), false)) order by s.id), '[]')
      from agent_sessions s where s.id = any(p_sessions) and not exists (select from json_array_elements(v_due) d where d ->> 'id' = s.id)));
end $$;
