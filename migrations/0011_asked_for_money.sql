-- Who asked the person for money is moved by money, whatever the user's wake policy: under `manual` such a session waits without a due_at,
-- and so looked like one that waits for an answer.

-- Does the session want money? It sleeps for it, or has asked for it (the core's memory says so, lib/core/refuse.ts) and waits.
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
