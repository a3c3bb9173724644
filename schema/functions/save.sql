-- The end of an iteration: the session goes on or is suspended, and has no owner any more.

-- Writes state, memory, journal and files in one step, once; a repeat only gets the answer. With commands that its claim has not seen a session is
-- not suspended (R5): what settle or a heartbeat reported does not count as seen. The suspension is journalled only if it came true. An owner that finds the
-- session paused has done nothing about a wake, so the wake stays for the resume. Each of `paid` closes the hold of a paid tool: its cost, or null where
-- nobody knows it. Locks the session, then days and holds.
create or replace function save(p_session text, p_fence bigint, p_save json, p_files json) returns json language plpgsql volatile as $$
declare
  s agent_sessions := lock_session(p_session);
  v_suspends boolean;
  v_to json := json_build_object('state', 'ready');
  v_due timestamptz := (p_save ->> 'due')::timestamptz;
  v_memory json := p_save -> 'memory';
  v_journal json := p_save -> 'journal';
  v_cost bigint := 0;
  v_paid record;
  v_turn json := case when json_typeof(p_save -> 'turn') = 'array'
    then json_build_array(json_build_object('role', 'user', 'content', p_save -> 'turn')) else '[]' end;
begin
  if s.saved_fence is distinct from p_fence then  -- else a blind retry: answer only
    s := lock_owned_session(p_session, p_fence);
    v_suspends := json_typeof(p_save -> 'suspension') = 'object' and s.command_seq = s.command_seen;
    if v_suspends then
      v_to := p_save #> '{suspension,to}';
      v_due := (p_save #>> '{suspension,due}')::timestamptz;
      v_memory := p_save #> '{suspension,memory}';
      v_journal := joined(v_journal, p_save #> '{suspension,journal}');
    elsif s.command_seq <> s.command_seen then
      v_due := app_now();
    end if;
    if v_due <= app_now() then v_due := least(s.due_at, app_now()); end if;  -- still due: an unchanged due_at keeps the update off its index
    for v_paid in select (e ->> 'n')::int as n, (e ->> 'cost')::bigint as cost from json_array_elements(coalesce(p_save -> 'paid', '[]')) e order by 1 loop
      v_cost := v_cost + coalesce(close_hold(p_session, p_fence, v_paid.n, v_paid.cost, case when v_paid.cost is null then 'unknown' else 'settled' end), 0);
    end loop;
    if json_array_length(v_turn) > 0 then
      update tool_calls set done_at = app_now() where session_id = p_session and done_at is null
        and not call_id = any(coalesce(texts_of(p_save -> 'open'), '{}'));
    end if;
    update agent_sessions
      set state = v_to ->> 'state', due_at = case when v_to ->> 'state' <> 'ended' then v_due end, saved_fence = p_fence,
        lease_until = null, attempts = 0, wake_requested = wake_requested and (s.command_seq <> s.command_seen or s.desired = 'pause'),
        -- What goes on at once is hinted by its owner; a suspended session must be seen by the first sweep after it became due, also if the clock leaps.
        hint_at = case when v_due > app_now() then '-infinity'::timestamptz else clock_timestamp() + interval '30 s' end,
        sleep_until = (v_to ->> 'until')::timestamptz, sleep_reason = v_to ->> 'reason', question = v_to ->> 'question',
        waiting_for = case when v_to ->> 'state' = 'waiting' then coalesce(v_to ->> 'kind', 'question') end, choices = texts_of(v_to -> 'choices'),
        waiting_since = case when v_to ->> 'state' = 'waiting' and state <> 'waiting' then app_now() else waiting_since end,
        result_json = object_of(v_to -> 'resultJson'),
        outcome = v_to ->> 'outcome', result = v_to ->> 'result', error_code = v_to #>> '{error,code}', error_message = v_to #>> '{error,message}',
        wants_microdollars = case when v_to ->> 'state' = 'exceeded' or v_to ->> 'state' = 'sleeping' and v_to ->> 'reason' = 'allowance'
          or v_to ->> 'state' = 'waiting' and (v_memory ->> 'unaffordable')::boolean then greatest(least_microdollars, 1) end,
        completed_at = case when v_to ->> 'state' = 'ended' then app_now() end, updated_at = app_now(), last_checkpoint_at = app_now(),
        cost_microdollars = cost_microdollars + v_cost, msg_n = msg_n + json_array_length(v_turn), inbox_taken = greatest(inbox_taken, (p_save ->> 'inboxTaken')::int),
        seq = seq + json_array_length(v_journal)
      where id = p_session returning * into s;
    perform append_messages(s, v_turn);
    perform save_memory(s, v_memory);
    perform put_questions(s, p_save -> 'requests');
    perform append_events(s, v_journal);
    insert into workspace_files (session_id, path, iteration, user_id, at, mode, content)
      select distinct on (f ->> 'path') s.id, f ->> 'path', s.iteration, s.user_id, app_now(), (f ->> 'mode')::int, decode(f ->> 'content', 'base64')
        from json_array_elements(p_files) with ordinality x(f, i) order by f ->> 'path', i desc
      on conflict (session_id, path, iteration) do update set at = excluded.at, mode = excluded.mode, content = excluded.content;
  end if;
  return json_build_object('state', session_state(s), 'desired', s.desired, 'due', coalesce(s.due_at, 'infinity'), 'now', app_now(), 'userId', s.user_id,
    'fence', s.fence, 'seq', s.seq, 'cost', s.cost_microdollars::text, 'day', last_day(s.user_id), 'msgN', s.msg_n);
end $$;
