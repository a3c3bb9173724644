/**
 * A witness inside the database: every change of the rows that a guarantee is about, in order, with the owner that the session had at that
 * moment. The last state alone would not show that a ceiling was passed for a while, or that an old owner wrote before the new one did.
 * It takes no lock that the product could meet, and nothing of the product reads it.
 */

type Query = (text: string) => Promise<unknown>;

const TABLES = [
  ...['agent_sessions', 'agent_messages', 'agent_events', 'tool_calls', 'workspace_files'],
  ...['budget_days', 'budget_holds', 'usage_ledger', 'user_settings'],
];

/** What is long and no guarantee is about. */
const BULKY = [
  'goal',
  'system',
  'metadata',
  'result',
  'error_message',
  'question',
  'agent_state',
  'content',
  'data',
  'input',
];

const RECORDER = `
create schema if not exists witness;
create table witness.changes (
  i bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  what text not null,
  was jsonb,
  now jsonb,
  owner bigint,
  saved bigint
);
create index on witness.changes (what, i);
-- As its owner, since the rows behind the second wall are changed under a role that may do nothing else.
create function witness.note() returns trigger language plpgsql security definer set search_path = public as $$
declare
  c witness.changes;
begin
  c.what := tg_table_name;
  if tg_op <> 'INSERT' then c.was := to_jsonb(old) - '{${BULKY.join()}}'::text[]; end if;
  if tg_op <> 'DELETE' then c.now := to_jsonb(new) - '{${BULKY.join()}}'::text[]; end if;
  if c.now ? 'session_id' then
    select fence, saved_fence into c.owner, c.saved from public.agent_sessions where id = c.now ->> 'session_id';
  end if;
  insert into witness.changes (what, was, now, owner, saved) values (c.what, c.was, c.now, c.owner, c.saved);
  return null;
end $$;
${TABLES.map((table) => `create trigger witness after insert or update or delete on public.${table} for each row execute function witness.note();`).join('\n')}
`;

/** After the migrations and before the first user. Without it the checks that need it say that it is missing. */
export async function installRecorder(query: Query): Promise<void> {
  await query(RECORDER);
}
