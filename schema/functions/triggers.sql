-- A sweep looks at a session at look_at. Whatever moves due_at, takes a hint back or ends a lease early makes the session due for that look.
create or replace function look_again() returns trigger language plpgsql as $$
begin
  new.look_at := new.due_at;
  return new;
end $$;
create or replace trigger look_at_new before insert on agent_sessions for each row execute function look_again();
create or replace trigger look_again before update on agent_sessions for each row
  when (new.due_at is distinct from old.due_at or new.hint_at < old.hint_at
    or new.hint_at = '-infinity' and old.lease_until is not null and (new.lease_until is null or new.lease_until < old.lease_until))
  execute function look_again();

-- A session that is done for the day sets nothing aside for its hand-off (handoff_reserve). Runs as the owner of the tables: a user's command may move the
-- session, and users may not write session_days.
create or replace function mark_done_for_day() returns trigger language plpgsql as $$
begin
  update session_days o set done_for_day = not o.done_for_day
    where session_id = new.id and done_for_day <> (new.due_at is null or new.due_at >= (o.day + 1)::timestamp at time zone 'UTC');
  return null;
end $$;
create or replace trigger mark_done_for_day after update on agent_sessions for each row
  when (new.due_at is distinct from old.due_at) execute function mark_done_for_day();

-- A version that says its file is gone has no reader: it counts as superseded at once.
create or replace function mark_removed_file() returns trigger language plpgsql as $$
begin
  new.superseded_at := case when new.content is null then new.at end;
  return new;
end $$;
create or replace trigger mark_removed_file before insert or update of content on workspace_files
  for each row execute function mark_removed_file();

-- A new version of a file supersedes the one before it.
create or replace function supersede_file() returns trigger language plpgsql as $$
begin
  update workspace_files set superseded_at = new.at
    where session_id = new.session_id and path = new.path and superseded_at is null
      and iteration = (select max(iteration) from workspace_files where session_id = new.session_id and path = new.path and iteration < new.iteration);
  return null;
end $$;
create or replace trigger supersede_file after insert on workspace_files for each row execute function supersede_file();

-- Messages that a save took in carry the instant, so that purge can remove them.
create or replace function mark_taken() returns trigger language plpgsql as $$
begin
  update session_inbox set taken_at = app_now() where session_id = new.id and n > old.inbox_taken and n <= new.inbox_taken;
  return null;
end $$;
create or replace trigger mark_taken after update on agent_sessions for each row
  when (new.inbox_taken > old.inbox_taken) execute function mark_taken();
