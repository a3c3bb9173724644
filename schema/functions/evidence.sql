-- The provider's own report corrects what was charged on doubt.

-- Corrects calls of one user downwards, each once (R7), if they are still charged as they were when the report was read. p_rows: [{sessionId, fence, n, was,
-- cost}] in microdollars. Answers how much was given back; sessions that wait for the money move.
--
-- Locks the user, then every session that rebudget may lock, then days and holds. A session that is claimed in between may make a deadlock: Postgres
-- then ends one of the two requests, and connect.ts repeats it.
create or replace function correct_costs(p_user text, p_rows json) returns bigint language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_more bigint;
  v_given bigint := 0;
  r record;
  l usage_ledger;
  s agent_sessions;
begin
  perform 1 from user_settings where user_id = p_user for no key update;
  perform 1 from agent_sessions where id in (  -- all that rebudget may lock, too: sessions come before days (R3)
    select e ->> 'sessionId' from json_array_elements(p_rows) e
    union all select id from agent_sessions where user_id = p_user and due_at <= v_now and due_at < 'infinity' and fence > saved_fence
    union all select id from agent_sessions where user_id = p_user and wants_microdollars is not null)
    order by id for no key update;
  for r in
    select h.session_id, h.fence, h.n, (e ->> 'was')::bigint as was, (e ->> 'cost')::bigint as cost
      from json_array_elements(p_rows) e join budget_holds h
        on h.session_id = e ->> 'sessionId' and h.fence = (e ->> 'fence')::bigint and h.n = (e ->> 'n')::int and h.user_id = p_user
      order by h.day, h.session_id, h.fence, h.n
  loop
    select * into l from usage_ledger
      where user_id = p_user and session_id = r.session_id and fence = r.fence and n = r.n and class = 'unknown' and cost = r.was;
    continue when not found or r.cost >= r.was;
    v_more := close_hold(r.session_id, r.fence, r.n, r.cost, 'settled',
      json_build_object('model', l.model, 'kind', l.kind, 'usage', l.usage, 'calls', json_build_array()));
    v_given := v_given - coalesce(v_more, 0);
    update agent_sessions set cost_microdollars = cost_microdollars + v_more, seq = seq + 1, updated_at = v_now
      where id = r.session_id returning * into s;
    if found then
      perform append_events(s, json_build_array(json_build_object('type', 'agent.cost_corrected', 'iteration', l.iteration, 'data',
        json_build_object('reason', 'provider_report', 'charged_microdollars', r.was, 'cost_microdollars', r.cost))));
    end if;
  end loop;
  if v_given > 0 then perform rebudget(p_user, -1); end if;
  return v_given;
end $$;
