/** G10: no user's row belongs to another; what a user said stays in his session; no secret anywhere. */
import type { Violation } from '../evidence.ts';
import { type Finder, few, type Run } from './run.ts';

const CHECK = 'G10';

const tablesWith = async ({ rows }: Run, ...columns: string[]): Promise<string[]> => {
  const query = `select t.table_name as name from information_schema.tables t where table_schema = 'public' and table_type = 'BASE TABLE'
    and (select count(*) from information_schema.columns c where c.table_schema = 'public' and c.table_name = t.table_name
      and c.column_name = any($1::text[])) = $2 order by 1`;
  return (await rows(query, columns, columns.length)).map(({ name }) => name!);
};

/** Whoever a row says it belongs to, its session belongs to, too. */
async function strangers(run: Run): Promise<Violation[]> {
  const found: { what: string }[] = [];
  for (const table of await tablesWith(run, 'session_id', 'user_id')) {
    const query = `select x.session_id, x.user_id, s.user_id as owner from ${table} x join agent_sessions s on s.id = x.session_id where x.user_id <> s.user_id`;
    for (const row of await run.rows(query))
      found.push({ what: `${table}: a row of ${row.user_id} hangs on ${row.session_id}, which is ${row.owner}'s` });
  }
  return few(CHECK, found);
}

const like = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** In every table but that of the keys' own hashes, and in everything that the workers logged. */
async function secrets(run: Run): Promise<Violation[]> {
  const found: { what: string }[] = [];
  const tables = await tablesWith(run);
  for (const [i, secret] of run.evidence.settings.secrets.entries()) {
    for (const table of tables) {
      const [row] = await run.rows(`select count(*) as n from ${table} x where x::text like $1`, like(secret));
      if (row?.n !== '0') found.push({ what: `secret ${i + 1} stands in ${row?.n} rows of ${table}` });
    }
    for (const { file, text } of run.logs)
      if (text.includes(secret)) found.push({ what: `secret ${i + 1} stands in the log ${file}` });
  }
  return few(CHECK, found);
}

/** A user's words stand in the rows of his session alone, and never in a log. */
async function words({ rows, logs, evidence }: Run): Promise<Violation[]> {
  const { said } = evidence.settings;
  const query = `select s.session, m.session_id, m.n from unnest($1::text[], $2::text[]) s (session, said)
      join agent_messages m on m.session_id <> s.session and position(s.said in m.content::text) > 0
    union all select s.session, i.session_id, i.n from unnest($1::text[], $2::text[]) s (session, said)
      join session_inbox i on i.session_id <> s.session and position(s.said in i.content) > 0`;
  const elsewhere = await rows(
    query,
    said.map(({ session }) => session),
    said.map(({ text }) => text),
  );
  const found = elsewhere.map((row) => ({
    what: `message ${row.n} of ${row.session_id} has what was said to ${row.session}`,
  }));
  for (const { session, text } of said)
    for (const log of logs)
      if (log.text.includes(text)) found.push({ what: `the log ${log.file} has what was said to ${session}` });
  return few(CHECK, found);
}

/** What nobody else may do to a session was refused to him. */
const intrusions = ({ evidence }: Run): Violation[] =>
  few(
    CHECK,
    (evidence.settings.intrusions ?? []).map(({ user, session }) => ({
      what: `${session} took a command of ${user}, whose it is not`,
    })),
  );

export const g10: Finder = async (run) => [
  ...intrusions(run),
  ...(await strangers(run)),
  ...(await secrets(run)),
  ...(await words(run)),
];
