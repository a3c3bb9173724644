-- The role itself stays: other databases of the server may need it, and without rights it can do nothing.
do $$
declare
  v_table name;
begin
  revoke all on all tables in schema public from circadian_person;
  revoke all on schema public from circadian_person;
  for v_table in select tablename from pg_policies where policyname = 'his_own' and schemaname = 'public' loop
    execute format('drop policy his_own on %I', v_table);
    execute format('alter table %I disable row level security', v_table);
  end loop;
end $$;
--> statement-breakpoint
drop function wall_off;
--> statement-breakpoint
alter table api_keys drop column last_used_at;
