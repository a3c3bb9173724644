drop function redrive, reserve_unless_stopped;
--> statement-breakpoint
drop function put_user;
--> statement-breakpoint
alter function change_user rename to put_user;
--> statement-breakpoint
-- rebudget as 0003_persons.sql made it.
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
  update agent_sessions set due_at = app_now(), hint_at = '-infinity', updated_at = app_now()
    where user_id = p_user and due_at > app_now() and v_free >= greatest(least_microdollars, 1)
      and (state = 'exceeded' or state = 'sleeping' and sleep_reason = 'allowance' or state = 'waiting' and due_at < 'infinity');
  get diagnostics v_moved = row_count;
  return v_moved;
end $$;
--> statement-breakpoint
drop function wants_money;
--> statement-breakpoint
-- claim_freely as 0002_iteration.sql made it.
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
      cost_microdollars = cost_microdollars + v_cost, seq = seq + cardinality(v_charged), updated_at = app_now()
    where id = p_session returning * into s;
  perform journal(s, array_to_json(v_charged));
  return claimed(s, p_have);
end $$;
