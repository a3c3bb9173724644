-- The second wall between users (G10). The first is the `where user_id = …` of every query. Behind it stands the role circadian_person, as
-- which whatever a person asks for is run, in the same request (lib/adapters/postgres/tenant.ts): it sees and writes only rows of the user in
-- the setting circadian.user, and of those only what a person may write: wishes, not states (R5), and no money that was spent or held.
-- Workers, the sweep and the operator act across users by design: they stay outside, as the owner of the tables, who is not walled in.
--
-- A later migration that makes a table calls wall_off for it; test/security/wall.test.ts says so when one does not.
ALTER TABLE "api_keys" ADD COLUMN "last_used_at" timestamp with time zone;
--> statement-breakpoint

-- Roles belong to the whole server: another database of it may have made this one, or be making it now. Who may not make roles is told what
-- an administrator has to do; nothing is applied then, and no request is served without the wall.
do $$
begin
  if not exists (select from pg_roles where rolname = 'circadian_person') then
    begin
      create role circadian_person nologin nosuperuser nobypassrls nocreatedb nocreaterole noreplication;
    exception
      when duplicate_object or unique_violation then null;
      when insufficient_privilege then
        raise 'an administrator must first: create role circadian_person nologin; grant circadian_person to %', quote_ident(current_user)
          using errcode = 'insufficient_privilege';
    end;
  end if;
  if exists (select from pg_roles where rolname = 'circadian_person' and (rolsuper or rolbypassrls)) then
    raise 'the role circadian_person must be neither superuser nor bypassrls: it would see the rows of every user';
  end if;
  -- From version 16 on, whoever makes a role may hand it out, but not become it unless it was handed to him.
  if not pg_has_role(current_user, 'circadian_person', case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end) then
    begin
      execute format('grant circadian_person to %I', current_user);
    exception
      when unique_violation then null;
    end;
  end if;
end $$;
--> statement-breakpoint

-- Puts a table behind the wall: p_privileges is all that a person's request may do with it, and only with his rows. A row that hangs on a
-- session must hang on one of his, or else he could write into another's.
create function wall_off(p_table text, p_privileges text) returns void language plpgsql volatile as $$
declare
  v_his constant text := $his$user_id = current_setting('circadian.user', true)$his$;
  v_session name := (select attname from pg_constraint join pg_attribute on attrelid = conrelid and attnum = conkey[1]
    where contype = 'f' and conrelid = p_table::regclass and confrelid = 'agent_sessions'::regclass and conrelid <> confrelid limit 1);
begin
  execute format('alter table %I enable row level security', p_table);
  execute format('drop policy if exists his_own on %I', p_table);
  execute format('create policy his_own on %I to circadian_person using (%s) with check (%s)', p_table, v_his,
    v_his || case when v_session is null then '' else format(' and exists (select from agent_sessions s where s.id = %I.%I)', p_table, v_session) end);
  execute format('revoke all on %I from circadian_person', p_table);
  if p_privileges <> '' then
    execute format('grant %s on %I to circadian_person', p_privileges, p_table);
  end if;
end $$;
--> statement-breakpoint

select
  wall_off('user_settings', 'select, update (cycle_start, subscription_renewal_date)'),
  wall_off('agent_sessions', 'select, insert, update (desired, due_at, hint_at, nudges, seq, inbox_n, updated_at, deleted_at)'),
  wall_off('agent_checkpoints', 'select, insert'),
  wall_off('agent_messages', 'select, insert'),
  wall_off('agent_events', 'select, insert'),
  wall_off('session_inbox', 'select, insert'),
  wall_off('workspace_files', 'select'),
  wall_off('tool_calls', 'select'),
  wall_off('budget_days', 'select, insert, update (allowance, ceiling, revision)'),
  wall_off('budget_holds', 'select'),
  wall_off('usage_ledger', 'select'),
  wall_off('top_ups', 'select, insert'),
  wall_off('idempotency_keys', 'select, insert, delete'),
  wall_off('session_days', 'select'),
  wall_off('api_keys', '');
--> statement-breakpoint
grant usage on schema public to circadian_person;
--> statement-breakpoint
grant select on app_clock to circadian_person;
