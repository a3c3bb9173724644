/** All that a world keeps, as rows that a check can read: the same for the memory world and for Postgres. */
import type { StoredMessage } from '../../lib/core/session.ts';
import type { Store } from '../../lib/testing/memory/store.ts';
import type { TestDatabase } from '../postgres/database.ts';

export type KeptDay = {
  userId: string;
  date: string;
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
};
export type KeptHold = { call: string; userId: string; date: string; amount: bigint; class: string };
export type KeptCost = { call: string; sessionId: string; userId: string; date: string; cost: bigint; class: string };
export type KeptEvent = { seq: number; type: string };
export type KeptSession = {
  id: string;
  userId: string;
  state: string;
  outcome: string | null;
  /** Null: nothing but a user moves it, or it has ended. */
  due: number | null;
  fence: number;
  savedFence: number;
  iteration: number;
  cost: bigint;
  inbox: string[];
  inboxTaken: number;
  rows: StoredMessage[];
  /** Ids of the tool calls without a result. */
  open: string[];
  journal: KeptEvent[];
  files: string[];
};

/** `call`: session, fence and number of a model call, joined by colons. */
export type Kept = { days: KeptDay[]; holds: KeptHold[]; ledger: KeptCost[]; sessions: KeptSession[] };

export function keptInMemory(store: Store): Kept {
  const sessions = [...store.sessions.values()].map((row): KeptSession => {
    const { id, userId, fence, savedFence, iteration, cost, inboxTaken, rows } = row;
    return {
      ...{ id, userId, fence, savedFence, iteration, cost, inboxTaken, rows },
      state: row.state.state,
      outcome: row.state.state === 'ended' ? row.state.outcome : null,
      due: Number.isFinite(row.due) ? row.due : null,
      inbox: row.inbox.map(({ content }) => content),
      open: row.calls.filter(({ done }) => !done).map((call) => call.id),
      journal: row.journal.map(({ seq, type }) => ({ seq, type })),
      files: [...row.files.keys()].sort(),
    };
  });
  return {
    sessions,
    days: [...store.days].flatMap(([userId, days]) => [...days].map(([date, day]) => ({ userId, date, ...day }))),
    holds: [...store.holds].map(([call, hold]) => ({ call, ...hold, date: hold.day })),
    ledger: [...store.ledger].map(([call, row]) => ({ call, ...row, date: row.day })),
  };
}

/** One statement without a function of ours, which would look for itself, so that all is of one instant. */
const EVERYTHING = `select json_build_object(
  'days', (select coalesce(json_agg(json_build_object('userId', user_id, 'date', day, 'allowance', allowance::text, 'ceiling', ceiling::text,
    'spent', spent::text, 'held', held::text)), '[]') from budget_days),
  'holds', (select coalesce(json_agg(json_build_object('call', session_id || ':' || fence || ':' || n, 'userId', user_id, 'date', day,
    'amount', amount::text, 'class', class)), '[]') from budget_holds),
  'ledger', (select coalesce(json_agg(json_build_object('call', session_id || ':' || fence || ':' || n, 'sessionId', session_id,
    'userId', user_id, 'date', day, 'cost', cost::text, 'class', class)), '[]') from usage_ledger),
  'sessions', (select coalesce(json_agg(json_build_object('id', id, 'userId', user_id, 'state', state, 'outcome', outcome,
    'due', case when due_at < 'infinity' then extract(epoch from due_at) * 1000 end, 'fence', fence, 'savedFence', saved_fence,
    'iteration', iteration, 'cost', cost_microdollars::text, 'inboxTaken', inbox_taken,
    'inbox', (select coalesce(json_agg(content order by n), '[]') from session_inbox where session_id = s.id),
    'rows', (select json_agg(json_build_object('n', n, 'role', role, 'content', content) order by n)
      from agent_messages where session_id = s.id),
    'open', (select coalesce(json_agg(call_id order by message_n, position), '[]') from tool_calls
      where session_id = s.id and done_at is null),
    'journal', (select json_agg(json_build_object('seq', seq, 'type', type) order by seq) from agent_events where session_id = s.id),
    'files', (select coalesce(json_agg(path order by path), '[]') from (select distinct on (path) path, content from workspace_files
      where session_id = s.id order by path, iteration desc) last where content is not null))), '[]') from agent_sessions s)) as kept`;

const MONEY = new Set(['allowance', 'ceiling', 'spent', 'held', 'amount', 'cost']);

export async function keptInPostgres({ rows }: TestDatabase): Promise<Kept> {
  const [row] = await rows(EVERYTHING);
  return JSON.parse(row?.kept ?? '', (key, value) =>
    MONEY.has(key) && typeof value === 'string' ? BigInt(value) : value,
  );
}
