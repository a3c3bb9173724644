-- What keeps everything moving, and tidy.

-- Up to p_limit sessions that are due and unowned, marked in the same statement, since a lock does not outlive an HTTP request (R10).
-- Again after p_backoff, and then after as long as it has not moved: a queue with a backlog must not fill with hints of the same session.
-- nextDue: the earliest due_at of all that may still move by themselves, those just marked included: they may not have moved yet.
create function sweep(p_limit int, p_backoff interval default '30 s') returns json language plpgsql volatile as $$
declare
  v_due json;
begin
  with picked as (
    select id from agent_sessions where due_at <= app_now() and due_at < 'infinity' and hint_at <= clock_timestamp()
      and (lease_until is null or lease_until <= clock_timestamp()) order by due_at limit p_limit for no key update skip locked
  ), marked as (
    update agent_sessions s
      set hint_at = clock_timestamp() + least(interval '16 min', greatest(p_backoff, app_now() - greatest(s.due_at, s.updated_at)))
      from picked where s.id = picked.id returning s.id, s.user_id, s.due_at
  )
  select coalesce(json_agg(json_build_object('id', id, 'userId', user_id) order by due_at, id), '[]') into v_due from marked;
  return json_build_object('due', v_due, 'now', app_now(), 'nextDue', (select min(due_at) from agent_sessions where due_at < 'infinity'));
end $$;
--> statement-breakpoint

-- The queue gave up a message about this session. Journalled, unless the newest entry says so already; the session stays due.
create function buried(p_session text, p_reason text) returns void language plpgsql volatile as $$
declare
  s agent_sessions := locked(p_session);
begin
  if s.id is null or s.state = 'ended' then return; end if;
  perform 1 from agent_events where session_id = s.id and seq = s.seq and type = 'agent.retrying' and data ->> 'reason' = p_reason;
  if found then return; end if;
  update agent_sessions set seq = seq + 1, updated_at = app_now() where id = s.id returning * into s;
  perform journal(s, json_build_array(json_build_object('type', 'agent.retrying', 'data', json_build_object('reason', p_reason))));
end $$;
--> statement-breakpoint

-- Takes up to p_limit removed sessions that have ended and hold no money, with all that hangs on them. Holds and ledger stay (R7), and so
-- do the keys of top-ups; other keys are kept for a week.
create function purge(p_limit int default 100) returns int language plpgsql volatile as $$
declare
  v_gone int;
begin
  delete from idempotency_keys where scope <> 'top_up' and at < app_now() - interval '7 days';
  delete from agent_sessions where id in (
    select id from agent_sessions s where deleted_at is not null and state = 'ended'
      and not exists (select from budget_holds h where h.session_id = s.id and class = 'held')
      order by id limit p_limit for update skip locked);
  get diagnostics v_gone = row_count;
  return v_gone;
end $$;
--> statement-breakpoint

-- For a local system that starts again: whoever held a lease is dead, and whatever was hinted is forgotten. An attempt that the whole
-- system cut short says nothing against its session (R11).
create function void_leases() returns void language sql volatile as $$
  update agent_sessions
    set lease_until = null, hint_at = '-infinity', attempts = attempts - (attempts > 0 and lease_until is not null)::int
    where state <> 'ended'
$$;
--> statement-breakpoint

-- Moves the settable clock to p_to, never back, and says where it stands. Time flows on from there. In seconds: an interval of days
-- would be an hour off where the server's time zone changes its clocks.
create function advance_clock(p_to timestamptz) returns timestamptz language plpgsql volatile as $$
begin
  update app_clock set shift = greatest(shift, make_interval(secs => extract(epoch from p_to - clock_timestamp())));
  return app_now();
end $$;
