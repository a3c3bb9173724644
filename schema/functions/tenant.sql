-- Refuses a caller that acts for another user. A request from behind the wall has the setting circadian.user, and it must be this user's; without it the
-- caller must be the owner, as workers are. For functions that run as their owner: current_user is the owner's name here, the role is still the
-- one that was entered, and session_user is the login.
create or replace function assert_current_user(p_user text) returns void language plpgsql volatile as $$
declare
  v_user text := nullif(current_setting('circadian.user', true), '');
begin
  if v_user = p_user then return; end if;
  if v_user is null and current_setting('role') <> 'circadian_user' and pg_has_role(session_user, current_user, 'member') then return; end if;
  raise 'not the user whose request this is' using errcode = 'insufficient_privilege';
end $$;
