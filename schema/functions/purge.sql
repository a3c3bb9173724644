-- Removes rows that are of no use any more, a page at a time.

-- Removes up to p_rows rows of what a session said, did and wrote, the oldest first, and answers how many. Fewer than p_rows: nothing is left.
create or replace function strip_session(p_session text, p_rows int) returns int language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_gone int;
  v_left int := p_rows;
begin
  delete from agent_messages where ctid = any(array(select ctid from agent_messages where session_id = p_session order by n limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from agent_events where ctid = any(array(select ctid from agent_events where session_id = p_session order by seq limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from webhook_deliveries where ctid = any(array(select ctid from webhook_deliveries where session_id = p_session limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from tool_calls where ctid = any(array(select ctid from tool_calls where session_id = p_session order by message_n limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from tool_approvals where ctid = any(array(select ctid from tool_approvals where session_id = p_session order by call_id limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from session_inbox where ctid = any(array(select ctid from session_inbox where session_id = p_session order by n limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from workspace_inbox where ctid = any(array(select ctid from workspace_inbox where session_id = p_session order by path limit v_left));
  get diagnostics v_gone = row_count;
  v_left := v_left - v_gone;
  delete from workspace_files where ctid = any(array(select ctid from workspace_files where session_id = p_session order by path, iteration limit v_left));
  get diagnostics v_gone = row_count;
  return p_rows - v_left + v_gone;
end $$;

-- Removes one page: at most p_rows rows of each kind, and rows of at most a hundred sessions. Answers how many rows and sessions it found; 0: done. Ledger,
-- days, top-ups and what Stripe told stay for ever. It skips rows that are locked.
--   idempotency keys                          a week, but for top-ups;
--   messages of users, once taken             30 days: they are part of the conversation;
--   versions of files, once superseded        30 days;
--   revoked keys                              90 days;
--   holds, once resolved                      92 days after their day: no report of the provider corrects an older one;
--   alerts                                    400 days;
--   deliveries of notices                     30 days, sent or not;
--   runs of schedules, but one that waits     400 days;
--   sessions that their user removed          at once, when they have ended and hold no money;
--   schedules that their user removed         at once, with their runs;
--   what ended sessions said, did and wrote   p_keep; null: for ever. The session, its result and its cost stay. Notices that are not delivered are waited for.
create or replace function purge(p_rows int, p_keep interval) returns int language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_now timestamptz := app_now();
  v_today date := (v_now at time zone 'UTC')::date;
  v_done int;
  v_left int := p_rows;
  v_gone int;
  v_id text;
begin
  with keys as (
    delete from idempotency_keys where ctid = any(array(select ctid from idempotency_keys
      where scope <> 'top_up' and at < v_now - interval '7 days' order by at limit p_rows for update skip locked)) returning 1
  ), messages as (
    delete from session_inbox where ctid = any(array(select ctid from session_inbox
      where taken_at < v_now - interval '30 days' order by taken_at limit p_rows for update skip locked)) returning 1
  ), versions as (  -- the row that says a file is gone goes last, or an older version would be taken for the newest
    delete from workspace_files where ctid = any(array(select ctid from workspace_files f where superseded_at < v_now - interval '30 days'
        and (content is not null or not exists (select from workspace_files o where o.session_id = f.session_id and o.path = f.path and o.iteration < f.iteration))
      order by superseded_at limit p_rows for update skip locked)) returning 1
  ), revoked as (
    delete from api_keys where ctid = any(array(select ctid from api_keys
      where revoked_at < v_now - interval '90 days' order by revoked_at limit p_rows for update skip locked)) returning 1
  ), holds as (
    delete from budget_holds where ctid = any(array(select ctid from budget_holds
      where day < v_today - 92 and class <> 'held' order by day, user_id limit p_rows for update skip locked)) returning 1
  ), alerts as (
    delete from budget_alerts where ctid = any(array(select ctid from budget_alerts
      where day < v_today - 400 order by day limit p_rows for update skip locked)) returning 1
  ), deliveries as (
    delete from webhook_deliveries where ctid = any(array(select ctid from webhook_deliveries
      where at < v_now - interval '30 days' order by at limit p_rows for update skip locked)) returning 1
  ), runs as (
    delete from schedule_runs where ctid = any(array(select ctid from schedule_runs
      where due_at < v_now - interval '400 days' and status <> 'waiting' order by due_at limit p_rows for update skip locked)) returning 1
  ) select count(*) into v_done from (table keys union all table messages union all table versions union all table revoked
    union all table holds union all table alerts union all table deliveries union all table runs) gone;
  for v_id in select id from agent_sessions s where deleted_at is not null and state = 'ended'
      and not exists (select from budget_holds h where h.session_id = s.id and class = 'held')
      order by deleted_at limit 100 for update skip locked loop
    exit when v_left <= 0;
    v_left := v_left - strip_session(v_id, v_left);
    if v_left > 0 then delete from agent_sessions where id = v_id; end if;
    v_done := v_done + 1;
  end loop;
  v_left := p_rows;
  for v_id in select id from schedules where deleted_at is not null order by deleted_at limit 100 for update skip locked loop
    exit when v_left <= 0;
    delete from schedule_runs where ctid = any(array(select ctid from schedule_runs where schedule_id = v_id order by due_at limit v_left));
    get diagnostics v_gone = row_count;
    v_left := v_left - v_gone;
    if v_left > 0 then delete from schedules where id = v_id; end if;
    v_done := v_done + 1;
  end loop;
  if p_keep is null then return v_done; end if;
  v_left := p_rows;
  for v_id in select id from agent_sessions s where state = 'ended' and not stripped and completed_at < v_now - p_keep
      and not exists (select from webhook_deliveries d where d.session_id = s.id and d.due_at is not null)  -- for 30 days at most
      order by completed_at limit 100 for no key update skip locked loop
    exit when v_left <= 0;
    update agent_sessions set cleared_at = v_now where id = v_id and cleared_at is null;
    v_left := v_left - strip_session(v_id, v_left);
    if v_left > 0 then
      update agent_sessions set stripped = true where id = v_id;
      update agent_checkpoints set agent_state = json_build_object('successor', agent_state -> 'successor'), retry_counts = '[]', current_phase = null
        where session_id = v_id;
    end if;
    v_done := v_done + 1;
  end loop;
  return v_done;
end $$;
