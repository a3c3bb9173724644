/** The rules of the protocol that leave a trace of their own, beside those that a guarantee shows broken. */
import { readFileSync } from 'node:fs';
import { gracefulAt, handoffReserveOf } from '../../../lib/budget/rules.ts';
import { type HintLine, linesOf, type Violation } from '../evidence.ts';
import { type Finder, few, never, type Row, type Run } from './run.ts';

/** The session's row as a change found it. */
const AS_OF = (what: string) => `cross join lateral (select s.now as row from witness.changes s
  where s.what = 'agent_sessions' and s.i < c.i and s.now ->> 'id' = c.now ->> '${what}' order by s.i desc limit 1) session`;
const SAVED = `c.what = 'agent_sessions' and c.was is not null and c.now is not null and c.now ->> 'saved_fence' <> c.was ->> 'saved_fence'`;
const CLAIMED = `c.what = 'agent_sessions' and c.was is not null and c.now is not null and c.now ->> 'fence' <> c.was ->> 'fence'`;
/** A summary before sleep is decided by the save before it. The least useful hold is that of the summary, and proves nothing. */
const DECIDER = `(select (c.was ->> 'saved_fence')::bigint from usage_ledger l
  where l.session_id = c.now ->> 'id' and l.fence = (c.now ->> 'fence')::bigint and l.kind = 'compact')`;

const sum = (row: Row, column: string): bigint => BigInt(row[column]!);

/** Would the session's next call have fitted, on a day that does not wind down? */
const sleepsForNothing = (row: Row): boolean => {
  const [allowance, spent] = [sum(row, 'allowance'), sum(row, 'spent')];
  const kept = handoffReserveOf(allowance, allowance, 0n);
  return spent < gracefulAt(allowance) && spent + sum(row, 'least') + kept <= sum(row, 'ceiling');
};

const rows: Finder = never(
  {
    check: 'R5',
    query: `select c.now ->> 'id' as id, c.now ->> 'state' as state, c.was ->> 'command_seq' as commands, c.was ->> 'command_seen' as seen from witness.changes c
      where ${SAVED} and c.was -> 'command_seq' <> c.was -> 'command_seen' and c.now ->> 'state' <> 'ready' order by i`,
    says: (row) =>
      `${row.id} became ${row.state} with ${row.commands} commands, of which its claim had seen ${row.seen}`,
  },
  {
    check: 'R5',
    query: `select c.now ->> 'id' as id, c.was ->> 'command_seen' as was, c.now ->> 'command_seen' as now from witness.changes c
      where c.what = 'agent_sessions' and c.was -> 'command_seen' <> c.now -> 'command_seen' and c.was -> 'fence' = c.now -> 'fence' order by i`,
    says: (row) => `${row.id} counts ${row.now} commands as seen that no claim has seen (${row.was} before)`,
  },
  {
    check: 'R5',
    // A message cannot be read while no whole day pays for the call that would read it.
    query: `select id, inbox_n, inbox_taken, state from agent_sessions s join agent_checkpoints c on c.session_id = s.id
      where inbox_n > inbox_taken and (state = 'ended' and outcome = 'completed'
        or state not in ('ended', 'paused', 'sleeping', 'exceeded') and due_at > app_now() + interval '16 minutes'
          and not (state = 'waiting' and coalesce((c.agent_state ->> 'unaffordable')::boolean, false)))`,
    says: (row) =>
      `${row.id} is ${row.state} with ${row.inbox_n} messages, of which its agent has read ${row.inbox_taken}`,
  },
  {
    check: 'R5',
    query: `select id, state, desired from agent_sessions where state <> 'ended' and due_at > app_now()
      and (desired = 'cancel' or desired = 'pause' and state <> 'paused')`,
    says: (row) => `${row.id} is ${row.state}, though its person wants to ${row.desired} it`,
  },
  {
    check: 'R5',
    query: `select c.now ->> 'id' as id, c.now ->> 'fence' as fence, c.now ->> 'desired' as desired from witness.changes c
      join witness.changes h on h.what = 'budget_holds' and h.was is null and h.now ->> 'session_id' = c.now ->> 'id' and h.now ->> 'fence' = c.now ->> 'fence'
      where ${CLAIMED} and c.now ->> 'desired' <> 'run' order by c.i`,
    says: (row) =>
      `${row.id} was claimed when its person wanted to ${row.desired} it, and held money under fence ${row.fence}`,
  },
  {
    check: 'R9',
    query: `select c.now ->> 'user_id' as user, c.was ->> 'cycle_start' as was, c.now ->> 'cycle_start' as start, c.was ->> 'subscription_renewal_date' as renewal
      from witness.changes c where c.what = 'user_settings' and c.was ->> 'cycle_start' <> c.now ->> 'cycle_start'
        and c.now ->> 'cycle_start' is distinct from c.was ->> 'subscription_renewal_date' order by i`,
    says: (row) =>
      `${row.user}: the cycle of ${row.was} was begun anew on ${row.start}, and what was spent in it is forgotten`,
  },
  {
    check: 'R9',
    query: `select user_id, subscription_renewal_date as renewal, renewal_anchor_day as anchor from user_settings where subscription_renewal_date is not null
      and extract(day from subscription_renewal_date) <> least(renewal_anchor_day, extract(day from date_trunc('month', subscription_renewal_date) + interval '1 month - 1 day'))`,
    says: (row) => `${row.user_id}: the renewal on ${row.renewal} has lost its day of the month, ${row.anchor}`,
  },
  {
    check: 'R11',
    query: `select c.now ->> 'id' as id, c.was ->> 'attempts' as was, c.now ->> 'attempts' as attempts from witness.changes c
      where ${CLAIMED} and (c.now ->> 'attempts')::int <> (c.was ->> 'attempts')::int + 1 order by i`,
    says: (row) => `${row.id} was claimed, and its attempts went from ${row.was} to ${row.attempts}`,
  },
  {
    check: 'R11',
    query: `select c.now ->> 'session_id' as session, session.row ->> 'attempts' as attempts, c.now ->> 'amount' as amount from witness.changes c ${AS_OF('session_id')}
      where c.what = 'budget_holds' and c.was is null and (session.row ->> 'attempts')::int > 5 order by i`,
    says: (row) =>
      `${row.session}: ${row.amount} were held for attempt ${row.attempts} in a row, though the five before got nowhere`,
  },
  {
    check: 'R12',
    query: `select c.now ->> 'session_id' as session, c.now ->> 'amount' as amount, session.row ->> 'least_microdollars' as least from witness.changes c
      cross join lateral (select s.now as row from witness.changes s where s.what = 'agent_sessions' and s.i > c.i
        and s.now ->> 'id' = c.now ->> 'session_id' order by s.i limit 1) session
      where c.what = 'budget_holds' and c.was is null and session.row ->> 'fence' = c.now ->> 'fence'
        and (c.now ->> 'amount')::bigint < (session.row ->> 'least_microdollars')::bigint order by i`,
    says: (row) => `${row.session}: ${row.amount} were granted, of no use below ${row.least}`,
  },
  {
    check: 'R12',
    query: `select c.now ->> 'id' as id, day.row ->> 'spent' as spent, day.row ->> 'held' as held, day.row ->> 'ceiling' as ceiling,
        day.row ->> 'allowance' as allowance, c.now ->> 'least_microdollars' as least from witness.changes c
      cross join lateral (select d.now as row from witness.changes d where d.what = 'budget_days' and d.i < c.i
        and d.now ->> 'user_id' = c.now ->> 'user_id' order by d.i desc limit 1) day
      where ${SAVED} and c.now ->> 'state' = 'sleeping' and c.now ->> 'sleep_reason' = 'allowance' and c.now ->> 'daily_share_percent' is null
        and not exists (select from agent_messages m where m.session_id = c.now ->> 'id' and m.role = 'assistant' and m.fence in ((c.now ->> 'fence')::bigint, ${DECIDER})) order by i`,
    but: sleepsForNothing,
    says: (row) =>
      `${row.id} sleeps till the next day, though only ${row.spent} of ${row.ceiling} are spent: the ${row.held} that others hold come back`,
  },
  // What an old owner settles late is a bill and no summary: the next owner had to ask for one again.
  {
    check: 'R14',
    query: `select * from (select l.session_id, l.fence, l.iteration, l.day, lag(l.iteration) over (partition by l.session_id order by l.fence) as before
      from usage_ledger l where kind = 'compact' and class = 'settled' and cost > 0
        and not exists (select from witness.changes c where c.what = 'usage_ledger' and c.was ->> 'class' = 'unknown'
          and c.now ->> 'session_id' = l.session_id and (c.now ->> 'fence')::bigint = l.fence)) compactions where iteration - before < 3`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence} was summarised on ${row.day} at iteration ${row.iteration}, and before that at ${row.before}`,
  },
  {
    check: 'R15',
    query: `select session_id, fence, amount, l.cost from budget_holds h join usage_ledger l using (user_id, session_id, fence, n) where l.cost > h.amount`,
    says: (row) =>
      `${row.session_id} under fence ${row.fence} cost ${row.cost}, more than the ${row.amount} that its worst case was taken to be`,
  },
);

/** R5: what a user said is read once and in order. R4: what he paid counts once. */
async function persons({ rows, evidence }: Run): Promise<Violation[]> {
  const { said, payments } = evidence.settings;
  const found: { check: string; what: string }[] = [];
  for (const { session, text } of said) {
    const [row] = await rows(
      `select s.state, s.outcome, s.deleted_at,
        (select count(*) from session_inbox where session_id = $1 and content = $2) as kept,
        (select count(*) from agent_messages, json_array_elements(content) b where session_id = $1 and role = 'user' and b ->> 'text' = $2) as read,
        (select bool_and(n <= s.inbox_taken) from session_inbox where session_id = $1 and content = $2) as taken
      from agent_sessions s where id = $1`,
      session,
      text,
    );
    if (!row || row.deleted_at) continue;
    if (row.kept !== '1')
      found.push({ check: 'R4', what: `${session} was told "${text}" once, and has it ${row.kept} times` });
    else if (Number(row.read) !== (row.taken === 't' ? 1 : 0))
      found.push({
        check: 'R5',
        what: `${session}: "${text}" is ${row.taken === 't' ? 'taken' : 'not taken'}, and stands ${row.read} times in its messages`,
      });
  }
  for (const { user, key, amount } of payments) {
    const paid = await rows('select amount from top_ups where user_id = $1 and key = $2', user, key);
    if (paid.length !== 1 || paid[0]!.amount !== String(amount))
      found.push({
        check: 'R4',
        what: `${user} paid ${amount} once (${key}); booked: ${paid.map((row) => row.amount).join(' and ') || 'nothing'}`,
      });
  }
  return [
    ...few(
      'R4',
      found.filter(({ check }) => check === 'R4'),
    ),
    ...few(
      'R5',
      found.filter(({ check }) => check === 'R5'),
    ),
  ];
}

/** R5: a cancellation that came in time ends the session, as nothing else but a cancellation. */
async function cancelled({ rows, evidence }: Run): Promise<Violation[]> {
  const query = `select id, state, outcome from agent_sessions
    where id = any($1::text[]) and (state <> 'ended' or outcome <> 'cancelled')`;
  const others = await rows(query, evidence.settings.cancelled ?? []);
  return few(
    'R5',
    others.map(({ id, state, outcome }) => ({
      what: `${id} was cancelled in time, and is ${state}${outcome ? ` as ${outcome}` : ''}`,
    })),
  );
}

/** R10: what a sweep has sent it does not send again at once: the next one comes a pause later, or after something has become of it. */
async function hints({ evidence, rows }: Run): Promise<Violation[]> {
  const lines = linesOf<HintLine>(readFileSync(evidence.hintsPath, 'utf8')).filter(({ by }) => by === 'sweep');
  const last = new Map<string, number>();
  const again: { session: string; since: number; at: number }[] = [];
  for (const { at, asked = at, session } of lines.sort((a, b) => a.at - b.at)) {
    const since = last.get(session);
    // From before the one sweep to after the other: longer than what lies between them in the database, however slow requests are.
    if (since !== undefined && at - since < evidence.settings.backoffMs) again.push({ session, since, at });
    last.set(session, asked);
  }
  if (again.length === 0) return [];
  const moves = await rows(MOVES, [...new Set(again.map(({ session }) => session))]);
  const movesOf = Map.groupBy(moves, ({ id }) => id!);
  const moved = ({ session, since, at }: (typeof again)[number]) =>
    movesOf.get(session)?.some((move) => Number(move.at) >= since && Number(move.at) <= at) ?? false;
  return few(
    'R10',
    again
      .filter((one) => !moved(one))
      .map(({ session, since, at }) => ({ what: `${session} was swept twice within ${at - since} ms` })),
  );
}

/** Whatever changed a session but its next hint and when a sweep looks at it, and what asked for that at once. */
const MOVES = `select now ->> 'id' as id, extract(epoch from at) * 1000 as at from witness.changes where what = 'agent_sessions'
  and now ->> 'id' = any($1::text[]) and (was is null or now - '{hint_at,look_at}'::text[] <> was - '{hint_at,look_at}'::text[] or now ->> 'hint_at' = '-infinity' and was ->> 'hint_at' <> '-infinity') order by i`;

export const rules: Finder = async (run) => [
  ...bugs(run),
  ...(await deadlocks(run)),
  ...(await hints(run)),
  ...(await rows(run)),
  ...(await persons(run)),
  ...(await cancelled(run)),
  ...(await leases(run)),
  ...(await shrunk(run)),
];

/** What a worker says of an invocation that an error ended which no fault makes: a failed request is an error of another name, or says so. */
const BUG =
  /"message":"invocation failed","session":"(\w+)".*?"error":\{"name":"((?:Range|Reference|Type)Error)","message":"(?!fetch failed|terminated)([^"]*)/g;

/** R11: no invocation fails by itself. One that always does is given up after five attempts, which looks like any other end. */
const bugs = ({ logs }: Run): Violation[] =>
  few(
    'R11',
    logs.flatMap(({ text }) =>
      [...text.matchAll(BUG)].map(([, session, name, message]) => ({
        what: `an iteration of ${session} was ended by a ${name} that no fault made: ${message}`,
      })),
    ),
  );

/** In the folder of the logs, where somebody writes it: what the database's server said of deadlocks. */
export const DATABASE_LOG = 'postgres.log';
export const DEADLOCK = 'deadlock detected';

/** R3. The server's own counter begins anew with every crash, so that its log counts where there is one. */
async function deadlocks({ rows, logs }: Run): Promise<Violation[]> {
  const query = `select deadlocks from pg_stat_database where datname = current_database()`;
  const counted = Number((await rows(query))[0]?.deadlocks);
  const log = logs.find(({ file }) => file === DATABASE_LOG)?.text ?? '';
  const times = Math.max(counted, log.split(DEADLOCK).length - 1);
  return few('R3', times > 0 ? [{ what: `${times} deadlocks: somebody took locks in another order` }] : []);
}

/** R6: a lease is short, and counted in real time. */
const leases = async (run: Run): Promise<Violation[]> =>
  never({
    check: 'R6',
    query: `select c.now ->> 'id' as id, c.now ->> 'lease_until' as lease, c.at from witness.changes c where c.what = 'agent_sessions' and c.now ->> 'lease_until' is not null
      and (c.now ->> 'lease_until')::timestamptz > c.at + interval '1 ms' * ${run.evidence.settings.leaseMs + 1_000} and c.was -> 'lease_until' is distinct from c.now -> 'lease_until' order by i`,
    says: (row) => `${row.id} was leased at ${row.at} until ${row.lease}: whoever dies keeps it for that long`,
  })(run);

/** R13: after a reply that was cut since money was short, the next one of that day may have twice as much, or all that it wants. */
async function shrunk({ rows, bill, evidence }: Run): Promise<Violation[]> {
  const holds = await rows(`select session_id || ' under fence ' || fence as hold, day from budget_holds`);
  const days = new Map(holds.map(({ hold, day }) => [hold!, day!]));
  const most = evidence.settings.maxOutputTokens ?? Math.max(0, ...bill.map(({ maxTokens }) => maxTokens ?? 0));
  const cut = new Map<string, number>();
  const found: { what: string }[] = [];
  for (const { session, maxTokens, answer, fence } of bill) {
    if (maxTokens === undefined) continue;
    const hold = `${session} under fence ${fence}`;
    const place = `${session} on ${days.get(hold)}`;
    const cutAt = cut.get(place);
    if (cutAt !== undefined && maxTokens < Math.min(most, cutAt * 2))
      found.push({ what: `${hold} may say ${maxTokens} tokens, after a reply was cut off at ${cutAt}` });
    if (answer === 'max_tokens' && maxTokens < most) cut.set(place, maxTokens);
    else cut.delete(place);
  }
  return few('R13', found);
}
