create or replace function sweep(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile as $$
declare
  v_answer json;
begin
  if (select stopped from brakes) then
    return json_build_object('due', '[]'::json, 'now', app_now(), 'nextDue', (select min(due_at) from agent_sessions where due_at < 'infinity'));
  end if;
  v_answer := sweep_freely(p_limit, p_backoff);
  return json_build_object('due', v_answer -> 'due', 'now', v_answer -> 'now', 'nextDue', v_answer -> 'nextDue', 'overdueMs', (
    select coalesce(floor(1000 * max(extract(epoch from app_now() - greatest(s.due_at, s.updated_at)))), 0)
      from json_array_elements(v_answer -> 'due') d join agent_sessions s on s.id = d ->> 'id'));
end $$;
--> statement-breakpoint

drop function overdue_ms;
