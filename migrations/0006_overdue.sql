-- The sweep says how overdue sessions are whatever it does with them. Until now it looked at those that it found, so a session that nobody
-- moved was seen only when its next hint was due, which is ever later, and a stop hid all of them: the alarm on it could not go off.

-- For how long the most overdue session that is due and unowned has not moved, milliseconds; hinted or not, and nothing is marked. Of the
-- p_limit that are due longest, which bounds the work. (A session at work keeps its old due_at, so its last movement counts.)
create function overdue_ms(p_limit int) returns bigint language sql volatile as $$
  select coalesce(floor(1000 * max(extract(epoch from app_now() - greatest(due_at, updated_at)))), 0)::bigint
    from (select due_at, updated_at from agent_sessions where due_at <= app_now() and due_at < 'infinity'
      and (lease_until is null or lease_until <= clock_timestamp()) order by due_at limit p_limit) s
$$;
--> statement-breakpoint

-- As sweep_freely, and `overdueMs`. While everything is stopped nothing is due, nothing is marked as hinted, and overdue is measured.
create or replace function sweep(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile as $$
declare
  v_answer json;
begin
  if (select stopped from brakes) then
    v_answer := json_build_object('due', '[]'::json, 'now', app_now(),
      'nextDue', (select min(due_at) from agent_sessions where due_at < 'infinity'));
  else
    v_answer := sweep_freely(p_limit, p_backoff);
  end if;
  return json_build_object('due', v_answer -> 'due', 'now', v_answer -> 'now', 'nextDue', v_answer -> 'nextDue',
    'overdueMs', overdue_ms(greatest(p_limit, 1000)));
end $$;
