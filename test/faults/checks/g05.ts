/** G5: every tool call has exactly one result; a `once` effect happens at most once, and exactly once if reported done. */
import type { EffectLine } from '../evidence.ts';
import { type Finder, few, never } from './run.ts';

const CHECK = 'G5';
/** Those whose every effect the outside world writes down. */
const SINK_TOOLS = new Set(['look', 'put', 'fire']);

/** A block of the messages of one type, with the row that it stands in. `offset 0`: pulled up, PostgreSQL 15 confuses the two `b`. */
const blocks = (type: string) =>
  `(select session_id, n, b from agent_messages, json_array_elements(content) b where b ->> 'type' = '${type}' offset 0)`;

const rows = never(
  {
    check: CHECK,
    query: `select u.session_id, u.b ->> 'id' as call, u.n, count(r.n) as results from ${blocks('tool_use')} u join agent_sessions s on s.id = u.session_id
      left join ${blocks('tool_result')} r on r.session_id = u.session_id and r.b ->> 'tool_use_id' = u.b ->> 'id'
      group by u.session_id, u.b ->> 'id', u.n, s.msg_n, s.state having count(r.n) <> 1 and not (count(r.n) = 0 and u.n = s.msg_n and s.state <> 'ended')`,
    says: (row) => `${row.session_id}: the call ${row.call} of message ${row.n} has ${row.results} results`,
  },
  {
    check: CHECK,
    query: `select r.session_id, r.b ->> 'tool_use_id' as call, r.n from ${blocks('tool_result')} r
      left join ${blocks('tool_use')} u on u.session_id = r.session_id and u.n < r.n and u.b ->> 'id' = r.b ->> 'tool_use_id' where u.n is null`,
    says: (row) => `${row.session_id}: message ${row.n} answers ${row.call}, which nobody asked before it`,
  },
  {
    check: CHECK,
    query: `select u.session_id, u.b ->> 'id' as call, count(c.call_id) as rows from ${blocks('tool_use')} u
      left join tool_calls c on c.session_id = u.session_id and c.message_n = u.n and c.call_id = u.b ->> 'id'
      group by 1, 2, u.n having count(c.call_id) <> 1`,
    says: (row) => `${row.session_id}: the call ${row.call} stands ${row.rows} times in tool_calls`,
  },
  {
    check: CHECK,
    query: `select t.session_id, t.call_id from tool_calls t join agent_sessions s on s.id = t.session_id where t.done_at is null and s.state = 'ended'`,
    says: (row) => `${row.session_id} has ended with its call ${row.call_id} open`,
  },
  {
    check: CHECK,
    query: `select now ->> 'session_id' as session, now ->> 'call_id' as call, was ->> 'started_by' as was, now ->> 'started_by' as by from witness.changes
      where what = 'tool_calls' and was ->> 'started_by' <> coalesce(now ->> 'started_by', '')`,
    says: (row) => `${row.session}: the call ${row.call} was started by fence ${row.was} and again by ${row.by}`,
  },
);

const grouped = (effects: EffectLine[]): [EffectLine, EffectLine[]][] => {
  const groups = new Map<string, EffectLine[]>();
  for (const line of effects) {
    const of = `${line.session} ${line.call}`;
    groups.set(of, [...(groups.get(of) ?? []), line]);
  }
  return [...groups.values()].map((lines) => [lines[0]!, lines]);
};

/** What the outside world saw, against what the model was told. */
const effects: Finder = async ({ rows, effects }) => {
  const reported =
    await rows(`select r.session_id || ' ' || (r.b ->> 'tool_use_id') as call, coalesce(r.b ->> 'is_error', 'false') as error, u.b ->> 'name' as name
    from ${blocks('tool_result')} r join ${blocks('tool_use')} u on u.session_id = r.session_id and u.b ->> 'id' = r.b ->> 'tool_use_id'`);
  const seen = new Map(grouped(effects).map(([first, lines]) => [`${first.session} ${first.call}`, lines]));
  const wrong = [...seen].flatMap(([call, lines]) => {
    const keys = new Set(lines.map(({ key }) => key));
    if (lines[0]!.class === 'once' && lines.length > 1)
      return [{ what: `${call}: an effect that may happen once happened ${lines.length} times` }];
    if (lines[0]!.class === 'idempotent' && keys.size > 1)
      return [{ what: `${call}: it was repeated under ${keys.size} different keys` }];
    return [];
  });
  const missing = reported.flatMap(({ call, error, name }) =>
    error === 'false' && SINK_TOOLS.has(name!) && !seen.has(call!)
      ? [{ what: `${call}: ${name} was reported done, but had no effect` }]
      : [],
  );
  const keys = new Map<string, Set<string>>();
  for (const { key, session, call } of effects) keys.set(key, (keys.get(key) ?? new Set()).add(`${session} ${call}`));
  const shared = [...keys].flatMap(([key, calls]) =>
    calls.size > 1 ? [{ what: `the key ${key} was used for ${[...calls].join(' and ')}` }] : [],
  );
  return [...few(CHECK, wrong), ...few(CHECK, missing), ...few(CHECK, shared)];
};

export const g05: Finder = async (run) => [...(await rows(run)), ...(await effects(run))];
