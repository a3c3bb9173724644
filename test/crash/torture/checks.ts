/** What must be true of the rows and the provider's bill, whatever happened. Every function gives the violations it found. */
import type { TestDatabase } from '../../postgres/database.ts';
import type { Cast, Payment, Written } from './persons.ts';
import type { World } from './world.ts';

/** Each query finds what must not be. */
const NEVER: Record<string, string> = {
  'G7 a session that does not move': `select id, state, due_at, lease_until, attempts from agent_sessions where state <> 'ended'`,
  'G2 Σ ledger ≠ spent': `select * from budget_days d
    where spent <> (select coalesce(sum(cost), 0) from usage_ledger l where l.user_id = d.user_id and l.day = d.day)`,
  'G2 Σ open holds ≠ held': `select * from budget_days d
    where held <> (select coalesce(sum(amount), 0) from budget_holds h where h.user_id = d.user_id and h.day = d.day and class = 'held')`,
  'G4 a hold that nobody resolved': `select * from budget_holds where class = 'held'`,
  'R3 a deadlock': `select deadlocks from pg_stat_database where datname = current_database() and deadlocks > 0`,
  'G1 admitted above the ceiling': `select * from budget_holds where committed > ceiling`,
  'G4 a hold and its ledger row disagree': `select h.session_id, h.fence from budget_holds h full join usage_ledger l
    using (session_id, fence, n) where (h.class <> 'held') <> (l.cost is not null) or h.class <> l.class`,
  "the cycle's budget is passed": `select d.user_id from budget_days d join user_settings u using (user_id) where u.tier <> 'changed' group by 1, u.subscription_budget_microdollars
    having sum(spent + held) > u.subscription_budget_microdollars + coalesce((select sum(amount) from top_ups t where t.user_id = d.user_id), 0)`,
  'cost of a session ≠ its ledger': `select id from agent_sessions s
    where cost_microdollars <> (select coalesce(sum(cost), 0) from usage_ledger l where l.session_id = s.id)`,
  'G8 a gap in the journal': `select s.id from agent_sessions s join agent_events e on e.session_id = s.id group by 1
    having s.seq <> count(*) or s.seq <> max(e.seq)`,
  'a gap in the messages': `select s.id from agent_sessions s join agent_messages m on m.session_id = s.id group by 1
    having s.msg_n <> count(*) or s.msg_n <> max(m.n)`,
  'not one end': `select session_id from agent_events group by 1
    having count(*) filter (where type in ('agent.completed', 'agent.cancelled', 'agent.failed')) <> 1`,
  'G9 an old owner in the journal': `select * from (select *, max(fence) over (partition by session_id order by seq) newest from agent_events) e where fence < newest`,
  'G9 an old owner in the messages': `select * from (select *, max(fence) over (partition by session_id order by n) newest from agent_messages) m where fence < newest`,
  'bought on a stale prompt': `select h.* from budget_holds h join agent_messages m on m.session_id = h.session_id and m.role = 'assistant' and m.n > h.prompt_n and m.fence < h.fence`,
  'an iteration not counted once': `select id from agent_sessions s
    where iteration <> (select count(*) from agent_messages m where m.session_id = s.id and m.role = 'assistant')`,
  'a message left unread': `select id from agent_sessions where inbox_n > inbox_taken and outcome = 'completed'`,
  'R5 a file that the agent was not told of': `select session_id, path from workspace_inbox join agent_sessions s on s.id = session_id
    where outcome = 'completed'`,
  'R5 a file taken in twice': `select session_id, path from workspace_files group by 1, 2 having count(*) > 1`,
  'R5 a file told of twice, or not though it was taken in': `select f.session_id, path from workspace_files f left join (
      select session_id, file ->> 'path' as path from agent_events e, json_array_elements(e.data::json -> 'files') file
        where type = 'agent.files_received') told using (session_id, path) group by 1, 2 having count(told.path) <> 1`,
  'an open tool call of an ended session': `select session_id from tool_calls join agent_sessions s on s.id = session_id
    where done_at is null and s.outcome = 'completed'`,
};

export async function violations(
  db: TestDatabase,
  world: World,
  { payments, written }: { payments: Payment[]; written: Written[] },
): Promise<string[]> {
  const found: string[] = [];
  for (const [name, query] of Object.entries(NEVER)) {
    for (const row of await db.rows(query)) found.push(`${name}: ${JSON.stringify(row)}`);
  }
  for (const { user, key, amount } of payments) {
    const rows = await db.rows(
      'select 1 from top_ups where user_id = $1 and key = $2 and amount = $3',
      user,
      key,
      amount,
    );
    if (rows.length !== 1) found.push(`a top-up was lost: ${key}`);
  }
  const kept =
    await db.rows(`select session_id || path as file from workspace_files where content = convert_to(path, 'UTF8')
    union select session_id || path from workspace_inbox join agent_sessions s on s.id = session_id where not taken and outcome <> 'completed'`);
  const files = new Set(kept.map(({ file }) => file));
  for (const { session, path } of written)
    if (!files.has(session + path)) found.push(`R5 a file was lost: ${session} ${path}`);
  for (const [call, times] of world.effects) if (times > 1) found.push(`G5 ${call} happened ${times} times`);
  for (const [what, n] of Object.entries(world.counts)) if (what.startsWith('ERROR')) found.push(`${what} (${n})`);
  return [...found, ...(await againstBill(db, world)), ...(await history(db, world))];
}

/** While it runs: what the provider has billed by now is spent or held by now (G1). The bill is read first. */
export async function billCovered(db: TestDatabase, world: World, { sessions }: Cast): Promise<void> {
  const owners = new Map(sessions.map(({ id, user }) => [id, user]));
  const billed = new Map<string, number>();
  for (const { session, day, cost } of world.bill) {
    const key = `${owners.get(session)}/${day}`;
    billed.set(key, (billed.get(key) ?? 0) + cost);
  }
  const days = await db.rows(`select user_id || '/' || day as key, spent + held as committed from budget_days`);
  const committed = new Map(days.map((row) => [row.key!, Number(row.committed)]));
  for (const [key, sum] of billed) {
    if (sum > (committed.get(key) ?? 0)) world.count(`ERROR G1: ${key} was billed ${sum} of ${committed.get(key)}`);
  }
}

/** Each billed call is covered by its hold, and exactly if it was settled; none was made twice, or on another prompt than was claimed. */
async function againstBill(db: TestDatabase, { bill }: World): Promise<string[]> {
  const found: string[] = [];
  const holds = new Map(
    (
      await db.rows(`select h.session_id || ':' || h.fence || ':' || h.n as key, h.amount, h.class, h.prompt_n, l.cost
      from budget_holds h left join usage_ledger l using (session_id, fence, n)`)
    ).map((row) => [row.key!, row]),
  );
  const seen = new Set<string>();
  for (const { key, cost, seen: prompt } of bill) {
    const hold = holds.get(key);
    if (seen.has(key)) found.push(`two calls under the hold ${key}`);
    seen.add(key);
    const charged = Number(hold?.cost ?? hold?.amount ?? -1);
    const right = hold?.class === 'settled' ? charged === cost : charged >= cost;
    if (!right) found.push(`G3 billed ${cost} under ${key}: ${JSON.stringify(hold)}`);
    if (Number(hold?.prompt_n) !== prompt) found.push(`${key} was bought on another prompt than claimed`);
  }
  return found;
}

/** Every saved reply is that of its own call, follows a user turn and is answered by the next; no answer stands alone. */
async function history(db: TestDatabase, { bill }: World): Promise<string[]> {
  const found: string[] = [];
  const byReply = new Map(bill.map((one) => [one.id, one]));
  type Turn = { session: string; role: string; calls: string };
  let previous = null as Turn | null;
  const saved = new Set<string>();
  for (const row of await db.rows(
    'select session_id, n, fence, role, content #>> $1 as text from agent_messages order by session_id, n',
    ['0', 'text'],
  )) {
    const [session, role] = [row.session_id!, row.role!];
    const [reply, calls = ''] = row.text!.split(' ') as [string, string?];
    const last: Turn | null = previous?.session === session ? previous : null;
    if (role === 'assistant') {
      const one = byReply.get(reply);
      if (last?.role !== 'user') found.push(`G6 ${session}/${row.n} follows no user turn`);
      if (one?.key !== `${session}:${row.fence}:1` || saved.has(reply))
        found.push(`G4 ${session}/${row.n} is not the reply of its own call`);
      saved.add(reply);
    } else if ((reply === 'results') !== Boolean(last?.calls) || (last?.calls && calls !== last.calls)) {
      found.push(`G5 ${session}/${row.n} does not answer the calls before it`);
    }
    previous = { session, role, calls: role === 'assistant' ? calls : '' };
  }
  return found;
}
