-- A person's money is written by two functions only: today(), which freezes a day, and top_up(). They run as their owner, and behind the wall
-- (0008_wall.sql) nobody may write a budget, a day or a top-up by a statement of his own any more: the grants that the functions needed
-- while they ran as the person are taken back. What they call (freeze, roll_cycle, rebudget, …) stays as it was, so that a person
-- who calls one of those himself is refused at its first write.

-- Refuses whoever acts for another user than his own. Who came through the wall has the setting circadian.user, and it must be this
-- user's; who has none must have come as the owner, as workers do. For functions that run as their owner: current_user is the
-- owner's name here, the role is still the one that was entered, and the session's user is the login.
create function only_his(p_user text) returns void language plpgsql volatile as $$
declare
  v_person text := nullif(current_setting('circadian.user', true), '');
begin
  if v_person = p_user then return; end if;
  if v_person is null and current_setting('role') <> 'circadian_person' and pg_has_role(session_user, current_user, 'member') then return; end if;
  raise 'not the user whose request this is' using errcode = 'insufficient_privilege';
end $$;
--> statement-breakpoint

-- As in 0001_money.sql, as its owner.
create or replace function today(p_user text) returns json language plpgsql volatile
security definer set search_path = public, pg_temp as $$
begin
  perform only_his(p_user);
  if lock_to_open(p_user) then
    if not exists (select from user_settings where user_id = p_user) then return null; end if;
    perform open_day(p_user);
  end if;
  return last_day(p_user);
end $$;
--> statement-breakpoint

-- As in 0003_persons.sql, as its owner.
create or replace function top_up(p_user text, p_amount bigint, p_spread text, p_key text, p_fingerprint text) returns json language plpgsql volatile
security definer set search_path = public, pg_temp as $$
declare
  v_before bigint;
begin
  perform only_his(p_user);
  if not first_time(p_user, 'top_up', p_key, p_fingerprint) then
    perform 1 from idempotency_keys where user_id = p_user and scope = 'top_up' and key = p_key and fingerprint = p_fingerprint;
    return case when found then json_build_object('moved', 0) else json_build_object('conflict', true) end;
  end if;
  perform 1 from user_settings where user_id = p_user for no key update;
  if not found then raise 'no user %', p_user using errcode = 'no_data_found'; end if;
  v_before := before_rebudget(p_user);
  insert into top_ups (user_id, key, day, amount, spread, at) values (p_user, p_key, app_day(p_user), p_amount, p_spread, app_now());
  return json_build_object('moved', rebudget(p_user, v_before));
end $$;
--> statement-breakpoint

-- As in 0007_transfer.sql, and behind the same check: its own let everybody pass who came through the wall as nobody. Its path was that of
-- whoever migrated, which a temporary table comes before.
alter function import_session(text, json, text, text) rename to import_freely;
--> statement-breakpoint
alter function import_freely(text, json, text, text) security invoker reset search_path;
--> statement-breakpoint
create function import_session(p_user text, p_session json, p_key text, p_fingerprint text) returns json language plpgsql volatile
security definer set search_path = public, pg_temp as $$
begin
  perform only_his(p_user);
  return import_freely(p_user, p_session, p_key, p_fingerprint);
end $$;
--> statement-breakpoint
revoke insert, update on budget_days from circadian_person;
--> statement-breakpoint
revoke insert on top_ups from circadian_person;
--> statement-breakpoint
revoke update on user_settings from circadian_person;
--> statement-breakpoint
-- Says nothing of money. Without any column that he may write, he could not lock his row, as create_session does to count his sessions.
grant update (updated_at) on user_settings to circadian_person;
