-- The only clock for what users can see. Leases and backoffs go by clock_timestamp(), the real time (R6).
--
-- Stable, so that the planner may use the answer as an index bound and asks for it once a scan. The time of day is read at the call, the shift of the
-- settable clock is that of the calling statement's snapshot. A function that waited for a lock takes its instant in a later statement (R1).
create or replace function app_now() returns timestamptz language plpgsql stable as $$
begin
  return clock_timestamp() + (select shift from app_clock);
end $$;

-- The user's day in UTC. It never goes back, whatever the clock does.
create or replace function app_day(p_user text) returns date language plpgsql stable as $$
begin
  return greatest((app_now() at time zone 'UTC')::date, (select max(day) from budget_days where user_id = p_user));
end $$;

-- Moves the settable clock to p_to, never back, and answers where it stands. Time flows on from there. The shift is in seconds: an interval of
-- days would be an hour off where the server's time zone changes its clocks.
create or replace function advance_clock(p_to timestamptz) returns timestamptz language plpgsql volatile as $$
begin
  update app_clock set shift = greatest(shift, make_interval(secs => extract(epoch from p_to - clock_timestamp())));
  return app_now();
end $$;
