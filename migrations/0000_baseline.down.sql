-- The role itself stays: other databases of the server may need it, and without rights it can do nothing.
do $$
begin
  if exists (select from pg_roles where rolname = 'circadian_user') then
    revoke all on schema public from circadian_user;
  end if;
end $$;
--> statement-breakpoint
drop table
  agent_checkpoints,
  agent_events,
  agent_heads,
  agent_messages,
  agent_sessions,
  api_keys,
  app_clock,
  operator_limits,
  budget_days,
  budget_holds,
  budget_alerts,
  idempotency_keys,
  alert_place,
  notify_targets,
  session_days,
  session_inbox,
  tool_calls,
  top_ups,
  usage_ledger,
  user_outages,
  user_settings,
  workspace_files;
