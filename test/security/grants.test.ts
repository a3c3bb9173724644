/**
 * All that the role of users may do, table by table and verb by verb: what is not in this list is refused, and a new grant in
 * schema/access.sql must be written down here first.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';

const VERBS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'];

/** Verbs on whole tables. */
const TABLES: Record<string, string[]> = {
  agent_checkpoints: ['INSERT', 'SELECT'],
  agent_events: ['INSERT', 'SELECT'],
  agent_messages: ['INSERT', 'SELECT'],
  agent_sessions: ['INSERT', 'SELECT'],
  agent_heads: [],
  api_keys: [],
  app_clock: ['SELECT'],
  operator_limits: [],
  budget_days: ['SELECT'],
  budget_holds: ['SELECT'],
  budget_alerts: ['SELECT'],
  circadian_migrations: [],
  alert_place: [],
  notify_targets: [],
  idempotency_keys: ['DELETE', 'INSERT', 'SELECT'],
  inbound_triggers: ['DELETE', 'INSERT'],
  memories: ['DELETE', 'INSERT', 'SELECT'],
  memory_entries: ['DELETE', 'INSERT', 'SELECT'],
  schedule_runs: ['INSERT', 'SELECT'],
  schedules: ['INSERT', 'SELECT', 'UPDATE'],
  session_days: ['SELECT'],
  session_inbox: ['INSERT', 'SELECT'],
  stripe_objects: [],
  stripe_prices: [],
  tool_calls: ['SELECT'],
  tool_approvals: ['SELECT'],
  top_ups: ['SELECT'],
  usage_ledger: ['SELECT'],
  trace_cursors: [],
  trace_export: [],
  user_outages: [],
  user_settings: ['SELECT'],
  webhook_deliveries: ['INSERT', 'SELECT'],
  webhooks: [],
  workspace_files: ['SELECT'],
  workspace_inbox: ['DELETE', 'INSERT', 'SELECT'],
};

/** Columns that may be read in tables that may not be: secrets never. */
const READ: Record<string, string[]> = {
  inbound_triggers: [
    ...['created_at', 'id', 'last_used_at', 'max_cost_microdollars', 'name', 'session_id', 'template', 'updated_at'],
    'user_id',
  ],
  webhooks: [
    ...['created_at', 'description', 'disabled_reason', 'enabled', 'events', 'failing_since', 'format', 'id'],
    ...['include_text', 'managed_by', 'updated_at', 'url', 'user_id'],
  ],
};

/** Columns that may be written in tables that may not be: commands and settings, and nothing of money that was held or spent. */
const COLUMNS: Record<string, string[]> = {
  agent_sessions: [
    'command_seq',
    'daily_share_percent',
    'deleted_at',
    'desired',
    'due_at',
    'effort',
    'hint_at',
    'inbox_n',
    'max_cost_microdollars',
    'max_iterations',
    'max_output_tokens',
    'metadata',
    'model_ladder',
    'seq',
    'updated_at',
    'wake_requested',
    'web',
  ],
  inbound_triggers: ['last_used_at', 'max_cost_microdollars', 'name', 'session_id', 'template', 'updated_at'],
  memories: ['revision', 'updated_at'],
  memory_entries: ['at', 'bytes', 'content', 'session_id', 'source', 'version'],
  tool_approvals: ['decided_at', 'decision', 'edited', 'input', 'reason'],
  schedule_runs: ['reason', 'session_id', 'status'],
  user_settings: ['updated_at'],
  workspace_inbox: ['at', 'bytes', 'content', 'mode', 'taken'],
};

/** What runs with the owner's rights, and checks for itself whom it is for. */
const DEFINERS = [
  ...['ask_delivery', 'change_webhook', 'create_webhook', 'import_session', 'mark_done_for_day', 'mark_traces'],
  ...['remove_webhook', 'rotate_trigger_secret', 'rotate_webhook_secret', 'today', 'top_up'],
];

describe.each(['embedded', ...(hasPostgres ? ['real'] : [])] as const)('the role of users on a %s Postgres', (kind) => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase(kind as 'embedded' | 'real');
  }, 120_000);
  afterAll(() => db?.close());

  const names = async (query: string) => (await db.rows(query)).map(({ name }) => name!);

  it('has no table but these', async () => {
    const query = `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p') order by 1`;
    expect(await names(query)).toEqual(Object.keys(TABLES).sort());
  });

  it.each(Object.entries(TABLES))('may do with %s this and nothing else: %j', async (table, verbs) => {
    const may = await names(
      `select verb as name from unnest('{${VERBS}}'::text[]) verb where has_table_privilege('circadian_user', '${table}', verb) order by 1`,
    );
    expect(may).toEqual(verbs);
    const columns = (verb: string) =>
      names(`select attname as name from pg_attribute where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped
        and has_column_privilege('circadian_user', '${table}', attname, '${verb}') order by 1`);
    if (!verbs.includes('UPDATE')) expect(await columns('UPDATE')).toEqual(COLUMNS[table] ?? []);
    for (const verb of ['SELECT', 'INSERT'])
      if (!verbs.includes(verb)) expect(await columns(verb), verb).toEqual((verb === 'SELECT' && READ[table]) || []);
  });

  it('borrows the rights of the owner by no functions but these', async () => {
    expect(
      await names(
        `select proname as name from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by 1`,
      ),
    ).toEqual(DEFINERS);
    expect(
      await names(`select proname as name from pg_proc p where pronamespace = 'public'::regnamespace and prosecdef
        and prorettype <> 'trigger'::regtype and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) a where a.grantee = 0)`),
    ).toEqual([]);
  });

  it('is a member of nothing, and owns nothing', async () => {
    expect(
      await names(`select roleid::regrole::text as name from pg_auth_members where member = 'circadian_user'::regrole`),
    ).toEqual([]);
    expect(await names(`select relname as name from pg_class where relowner = 'circadian_user'::regrole`)).toEqual([]);
    expect(
      await names(
        `select nspname as name from pg_namespace where has_schema_privilege('circadian_user', oid, 'CREATE')`,
      ),
    ).toEqual([]);
  });
});
