-- The second wall between users, on one page (G10): the role, what it may do, row-level security, and what runs with the rights of its owner.
--
-- The first wall is the `where user_id = …` of every query. Behind it stands the role circadian_user: whatever a user asks for runs as that role, in the
-- same request (lib/adapters/postgres/tenant.ts). It sees and writes only rows of the user in the setting circadian.user, and of those only what a
-- user may write: commands, not states (R5), and no money. Workers, the sweep and the operator act across users by design: they stay outside,
-- as the owner of the tables, who is not held by it.
--
-- Applied after the functions, whenever any of these files changed, so every statement may be repeated. A function that is replaced keeps its
-- grants and loses its security definer; a new one may be called by every login. Both are set here.

-- Roles belong to the whole server: another database of it may have made this one, or be making it now. An owner that may not make roles is told
-- what an administrator has to do. Nothing is applied then, and no request is served without the wall.
do $$
begin
  if not exists (select from pg_roles where rolname = 'circadian_user') then
    begin
      create role circadian_user nologin nosuperuser nobypassrls nocreatedb nocreaterole noreplication;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise 'an administrator must first: create role circadian_user nologin; grant circadian_user to %', quote_ident(current_user)
          using errcode = 'insufficient_privilege';
    end;
  end if;
  if exists (select from pg_roles where rolname = 'circadian_user' and (rolsuper or rolbypassrls)) then
    raise 'the role circadian_user must be neither superuser nor bypassrls: it would see the rows of every user';
  end if;
  -- From version 16 on, the maker of a role may hand it out, but may not become it unless it was granted.
  if not pg_has_role(current_user, 'circadian_user', case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end) then
    begin
      execute format('grant circadian_user to %I', current_user);
    exception
      when unique_violation then null;
    end;
  end if;
end $$;

revoke all on all tables in schema public from circadian_user;
grant usage on schema public to circadian_user;
grant select on app_clock to circadian_user;

-- All that a user's request may do with each table, and only with rows of that user. A row that hangs on a session must hang on one of the user's own, or
-- it could be written into another's session. A new table with a user_id gets its line here.
do $$
declare
  v_own constant text := 'user_id = current_setting(''circadian.user'', true)';
  v_table text;
  v_may text;
  v_session name;
begin
  for v_table, v_may in values
    ('user_settings', 'select, update (updated_at)'),  -- the one column, because create_session locks the user's row
    ('agent_sessions', 'select, insert, update (desired, due_at, hint_at, command_seq, wake_requested, seq, inbox_n, updated_at, deleted_at,
      max_iterations, max_cost_microdollars, model_ladder, daily_share_percent, effort, max_output_tokens, web, metadata)'),
    ('agent_checkpoints', 'select, insert'),
    ('agent_messages', 'select, insert'),
    ('agent_events', 'select, insert'),
    ('session_inbox', 'select, insert'),
    ('workspace_inbox', 'select, insert, update (at, mode, bytes, content, taken), delete'),
    -- A user's save tells their webhooks; all that changes one runs as its owner, and the secrets cannot be read.
    ('webhooks', 'select (id, user_id, url, format, events, include_text, description, enabled, disabled_reason, managed_by, failing_since, created_at,
      updated_at)'),
    ('webhook_deliveries', 'select, insert'),
    ('idempotency_keys', 'select, insert, delete'),
    ('memories', 'select, insert, update (revision, updated_at), delete'),
    ('memory_entries', 'select, insert, update (version, at, source, session_id, bytes, content), delete'),
    ('workspace_files', 'select'),
    ('tool_calls', 'select'),
    ('tool_approvals', 'select, update (decision, decided_at, reason, edited, input)'),
    ('budget_days', 'select'),
    ('budget_holds', 'select'),
    ('budget_alerts', 'select'),
    ('usage_ledger', 'select'),
    ('top_ups', 'select'),
    ('session_days', 'select'),
    ('schedules', 'select, insert, update'),
    ('schedule_runs', 'select, insert, update (status, reason, session_id)'),
    -- The secrets are written once, and neither read nor changed.
    ('inbound_triggers', 'select (id, user_id, created_at, updated_at, last_used_at, name, session_id, template, max_cost_microdollars),
      insert, update (updated_at, last_used_at, name, session_id, template, max_cost_microdollars), delete'),
    ('api_keys', ''),
    ('notify_targets', ''),
    ('stripe_objects', ''),
    ('user_outages', ''),
    ('trace_cursors', '')
  loop
    if not exists (select from pg_policies where schemaname = 'public' and tablename = v_table and policyname = 'own_rows') then
      select attname into v_session from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'f' and conrelid = v_table::regclass and confrelid = 'agent_sessions'::regclass and conrelid <> confrelid limit 1;
      execute format('alter table %I enable row level security', v_table);
      execute format('create policy own_rows on %I to circadian_user using (%s) with check (%s)', v_table, v_own,
        v_own || case when v_session is null then '' else format(' and exists (select from agent_sessions s where s.id = %I.%I)', v_table, v_session) end);
    end if;
    if v_may <> '' then execute format('grant %s on %I to circadian_user', v_may, v_table); end if;
  end loop;
end $$;

-- What runs as its owner. A user's money is written by today, which freezes a day, and top_up; files and tool calls by import_session. What they call runs as
-- its caller: a user who calls one of those directly is refused at its first write. Each says for itself whom it is for (assert_current_user).
alter function today(text) security definer set search_path = public, pg_temp;
alter function top_up(text, bigint, text, text, text) security definer set search_path = public, pg_temp;
alter function import_session(text, json, text, text) security definer set search_path = public, pg_temp;
alter function mark_done_for_day() security definer set search_path = public, pg_temp;
alter function mark_traces() security definer set search_path = public, pg_temp;
alter function rotate_trigger_secret(text, text, text, text) security definer set search_path = public, pg_temp;
alter function rotate_webhook_secret(text, text, text, text) security definer set search_path = public, pg_temp;
alter function create_webhook(text, json, text, text, int) security definer set search_path = public, pg_temp;
alter function change_webhook(text, text, json) security definer set search_path = public, pg_temp;
alter function remove_webhook(text, text, text) security definer set search_path = public, pg_temp;
alter function ask_delivery(text, text, text, boolean) security definer set search_path = public, pg_temp;

-- They are called by the owner and from behind the wall alone: a login made to read reports could else name itself a user and top up.
revoke execute on function today(text), top_up(text, bigint, text, text, text), import_session(text, json, text, text), mark_done_for_day(),
  mark_traces(), rotate_trigger_secret(text, text, text, text), rotate_webhook_secret(text, text, text, text), create_webhook(text, json, text, text, int),
  change_webhook(text, text, json), remove_webhook(text, text, text), ask_delivery(text, text, text, boolean) from public;
grant execute on function today(text), top_up(text, bigint, text, text, text), import_session(text, json, text, text),
  rotate_trigger_secret(text, text, text, text), rotate_webhook_secret(text, text, text, text), create_webhook(text, json, text, text, int),
  change_webhook(text, text, json), remove_webhook(text, text, text), ask_delivery(text, text, text, boolean) to circadian_user;
