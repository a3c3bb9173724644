-- For an operator after a repair: up to p_limit sessions that are due and unowned, in the order in which they became due, after the place (p_due, p_after);
-- only those of p_sessions if that is not null. It marks them as just hinted, and the caller sends them.
--
-- `next`: the place of the last, null when none is left. `others`: the state of those of p_sessions that are not due. `stopped`: the reason while
-- everything is stopped; then nothing is due.
create or replace function redrive(p_sessions text[], p_due timestamptz, p_after text, p_limit int) returns json language plpgsql volatile
set enable_bitmapscan = off as $$
declare
  v_stopped boolean := (select stopped from operator_limits);
  v_now timestamptz := app_now();
  v_due json;
  v_next json;
begin
  with any_due as (
    select id from agent_sessions where p_sessions is null and not v_stopped and due_at <= v_now and due_at < 'infinity'
      and (due_at, id) > (p_due, p_after) and (lease_until is null or lease_until <= clock_timestamp())
      order by due_at, id limit p_limit for no key update skip locked
  ), named_due as (
    select id from agent_sessions where id = any(p_sessions) and not v_stopped and due_at <= v_now and due_at < 'infinity'
      and (due_at, id) > (p_due, p_after) and (lease_until is null or lease_until <= clock_timestamp())
      order by due_at, id limit p_limit for no key update skip locked
  ), marked as (
    update agent_sessions s set hint_at = clock_timestamp() + interval '30 s' from (table any_due union all table named_due) picked where s.id = picked.id
      returning s.id, s.user_id, s.due_at, extract(epoch from v_now - greatest(s.due_at, s.updated_at)) as overdue
  )
  select coalesce(json_agg(json_build_object('id', id, 'userId', user_id, 'overdueMs', greatest(0, floor(1000 * overdue))) order by due_at, id), '[]'),
      (select json_build_object('due', due_at, 'id', id) from marked order by due_at desc, id desc limit 1)
    into v_due, v_next from marked;
  return json_build_object('stopped', case when v_stopped then (select coalesce(reason, 'no reason is given') from operator_limits) end, 'due', v_due, 'next', v_next,
    'others', (select coalesce(json_agg(json_build_object('id', s.id, 'state', s.state, 'desired', s.desired, 'outcome', s.outcome,
        'error', s.error_message, 'due', s.due_at, 'now', app_now(), 'owned', coalesce(s.lease_until > clock_timestamp(), false)) order by s.id), '[]')
      from agent_sessions s where s.id = any(p_sessions) and not exists (select from json_array_elements(v_due) d where d ->> 'id' = s.id)));
end $$;
