-- Traces: which sessions have journal entries that the receiver of traces has not taken yet (docs/observability.md). Nothing here runs and nothing is
-- written while trace_export has no row. Lock order: session, cursor. A sender locks cursors alone, and waits for none.

-- Whether the deployment has a receiver. From `true` on, what is journalled is sent; `false` forgets how far it was. Repeating it changes nothing.
create or replace function switch_traces(p_on boolean) returns void language plpgsql volatile as $$
begin
  if p_on then
    insert into trace_export (one) values (true) on conflict (one) do nothing;
  elsif exists (select from trace_export) then
    delete from trace_export;
    delete from trace_cursors;
  end if;
end $$;

-- Marks a session whose journal has grown, in the transaction that grew it. A session that is seen for the first time begins with what it has just written.
create or replace function mark_traces() returns trigger language plpgsql as $$
begin
  if not exists (select from trace_export) then return null; end if;
  insert into trace_cursors as c (session_id, user_id, seq, pending_since) values (new.id, new.user_id, old.seq, app_now())
    on conflict (session_id) do update set pending_since = excluded.pending_since where c.pending_since is null;
  return null;
end $$;
create or replace trigger mark_traces after update on agent_sessions for each row
  when (new.seq > old.seq) execute function mark_traces();

-- After how long the p_failures-th failure in a row is tried again.
create or replace function trace_backoff(p_failures int) returns interval language sql immutable as $$
  select least(interval '15 min', interval '1 min' * power(2, least(p_failures, 5) - 1))
$$;

-- What is to be sent: of up to p_sessions sessions, those that wait longest first, up to p_entries entries each. p_sender is the one that sends for the next
-- minute, unless nothing is pending; while another is, or while the receiver is left alone, there is nothing. A sender that dies loses nothing: the cursors are as they were. A session
-- that its user removed, or whose journal was given up, tells nothing more. `nextDue`: when something can be sent; null: all was.
create or replace function sweep_traces(p_sender text, p_sessions int, p_entries int) returns json language plpgsql volatile set enable_bitmapscan = off as $$
declare
  v_due json := '[]';
  x trace_export;
begin
  update trace_export set sender = p_sender, sender_until = clock_timestamp() + interval '1 min'
    where (sender_until is null or sender_until <= clock_timestamp() or sender = p_sender) and (retry_at is null or retry_at <= app_now())
      and exists (select from trace_cursors where pending_since is not null);
  if found then
    select coalesce(json_agg(json_build_object('sessionId', c.session_id, 'userId', c.user_id, 'agent', s.agent, 'seq', c.seq, 'stretch', c.stretch,
        'entries', e.entries) order by c.pending_since, c.session_id), '[]') into v_due
      from (select * from trace_cursors where pending_since is not null order by pending_since, session_id limit p_sessions) c
      join agent_sessions s on s.id = c.session_id
      cross join lateral (select coalesce(json_agg(json_build_object('seq', n.seq, 'at', n.at, 'iteration', n.iteration, 'type', n.type, 'data', n.data)
          order by n.seq), '[]') as entries
        from (select seq, at, iteration, type, data from agent_events where session_id = c.session_id and seq > c.seq
          and s.deleted_at is null and s.cleared_at is null order by seq limit p_entries) n) e;
  end if;
  select * into x from trace_export;
  return json_build_object('due', v_due, 'now', app_now(), 'nextDue', case when x.one then
    (select greatest(pending_since, x.retry_at) from trace_cursors where pending_since is not null order by pending_since limit 1) end);
end $$;

-- p_taken: [{sessionId, seq, stretch}], of which the receiver has the spans. p_refused: ids of sessions whose spans it refused and that keep them: they
-- wait behind all others from now on, or they would fill every page and hold up the rest. p_took: it took spans from this sender, and its failures
-- are counted anew. p_failed: it did not take the rest, and is left alone for p_wait, at most an hour; null: for a time that grows to 15 minutes.
-- p_last: the sender stops. A cursor that a save holds just now stays as it was, so its spans are sent again under the same ids.
create or replace function settle_traces(p_sender text, p_taken json, p_refused json, p_took boolean, p_failed boolean, p_wait interval, p_last boolean)
  returns void language plpgsql volatile as $$
declare
  v_id text;
  v_seq bigint;
  v_stretch json;
  s agent_sessions;
begin
  for v_id, v_seq, v_stretch in select t."sessionId", t.seq, t.stretch
      from json_to_recordset(p_taken) t("sessionId" text, seq bigint, stretch json) join trace_cursors c on c.session_id = t."sessionId"
      order by 1 for no key update of c skip locked loop
    select * into s from agent_sessions where id = v_id;  -- after the lock, so that no entry is missed
    if s.state = 'ended' and s.seq <= v_seq then
      delete from trace_cursors where session_id = v_id;
    else
      update trace_cursors set seq = greatest(seq, v_seq), stretch = v_stretch,
          pending_since = case when s.seq > v_seq and s.deleted_at is null and s.cleared_at is null then pending_since end
        where session_id = v_id and seq <= v_seq;
    end if;
  end loop;
  update trace_cursors set pending_since = app_now() where pending_since is not null and session_id in (
    select c.session_id from json_array_elements_text(p_refused) r(id) join trace_cursors c on c.session_id = r.id for no key update of c skip locked);
  update trace_export
    set failures = case when p_failed then failures + 1 when p_took then 0 else failures end,
      retry_at = case when p_failed then app_now() + least(interval '1 hour', coalesce(p_wait, trace_backoff(failures + 1)))
        when p_took then null else retry_at end,
      sender = case when not p_last then sender end, sender_until = case when not p_last then sender_until end
    where sender = p_sender;
end $$;
