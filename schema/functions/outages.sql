-- During an outage of the provider a failed call may have been billed. So the user, not each session, holds back: one probe at a time.

-- The pause after the p_doubts-th doubtful failure: a minute, then twice as long each time, an hour at most.
create or replace function outage_pause(p_doubts int) returns interval language sql immutable as $$
  select least(interval '1 hour', interval '1 minute' * power(2, least(p_doubts, 10) - 1))
$$;

-- When the session may try during its user's outage; null: now, as the one probe. While it pauses, the session that asks for the least becomes the one
-- that tries first. The others come a minute after it, and while its call is under way every half minute. An outage that no session has tried for a day
-- is forgotten. The caller has locked the day, and with it all other askers. Locks the outage last of all.
create or replace function outage_until(p_user text, p_session text, p_least bigint) returns timestamptz language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  x user_outages;
begin
  select * into x from user_outages where user_id = p_user for no key update;
  if v_now < x.until then
    if x.session_id is null or p_least < x.least then
      update user_outages set session_id = p_session, least = p_least where user_id = p_user returning * into x;
    end if;
    return x.until + case when x.session_id = p_session then interval '0' else interval '1 minute' end;
  end if;
  if exists (select from budget_holds where session_id = x.probe_session and fence = x.probe_fence and n = x.probe_n and class = 'held') then
    return v_now + interval '30 s';
  end if;
  if x.session_id <> p_session and p_least >= x.least and v_now < x.until + interval '1 minute' then return x.until + interval '1 minute'; end if;
  return null;
end $$;

-- What the end of a call says of the provider. `doubt` begins an outage, or prolongs it if the call was its probe. `over` ends it and wakes the sessions that
-- sleep for it. A session that is locked just now is skipped: it comes by itself. The caller has locked the session and the day.
create or replace function note_outage(s agent_sessions, p_fence bigint, p_n int, p_says text) returns void language plpgsql volatile as $$
declare
  v_now timestamptz := app_now();
  v_ids text[];
  x user_outages;
begin
  if p_says = 'doubt' then
    update session_days set outage = true where session_id = s.id;
    select * into x from user_outages where user_id = s.user_id and until > v_now - interval '1 day' for no key update;
    insert into user_outages as o (user_id, doubts, until, session_id, least)
      values (s.user_id, coalesce(x.doubts, 0) + 1, v_now + outage_pause(coalesce(x.doubts, 0) + 1), s.id, s.least_microdollars)
      on conflict (user_id) do update
        set doubts = excluded.doubts, until = excluded.until, session_id = s.id, least = s.least_microdollars, probe_session = null
        where o.until <= v_now - interval '1 day' or o.probe_session = s.id and o.probe_fence = p_fence and o.probe_n = p_n;
  elsif p_says = 'over' then
    delete from user_outages where user_id = s.user_id returning * into x;
    if x.user_id is null then return; end if;
    with found as (
      select a.id from session_days o join agent_sessions a on a.id = o.session_id
        where o.user_id = s.user_id and o.outage and a.id <> s.id and a.state <> 'ended'
        order by a.id for no key update of a skip locked
    ) select array_agg(id) into v_ids from found;
    update agent_sessions set command_seq = command_seq + 1,
        due_at = case when state = 'sleeping' and sleep_reason = 'overloaded' then least(due_at, v_now) else due_at end,
        hint_at = case when fence = saved_fence then '-infinity' else hint_at end
      where id = any(v_ids) and (fence > saved_fence or state = 'sleeping' and sleep_reason = 'overloaded' and due_at > v_now);
    update session_days set outage = false where session_id = any(v_ids) or session_id = s.id;
  end if;
end $$;
