/** What must be true of the swarm's rows and the provider's bill; the report carries whatever was not. */
import type { Provider } from './provider.ts';
import type { SwarmOptions } from './swarm.ts';
import type { Counted } from './worker.ts';

/** Money in microdollars. `over`: by how much any day's bill, or its spent and held, passed its ceiling; 0 or the guarantee is broken. */
export type Report = {
  counts: Record<Counted, number>;
  seconds: number;
  callsPerSecond: number;
  days: number;
  bill: bigint;
  spent: bigint;
  unknown: bigint;
  ceilings: bigint;
  over: bigint;
  violated: string[];
};

type Rows = SwarmOptions['rows'];
const PICO = 1_000_000n;
const ceil = (pico: bigint) => (pico + PICO - 1n) / PICO;

/** By day, each call rounded up as a charge is. */
async function billByDay(provider: Provider): Promise<Map<string, bigint>> {
  const days = new Map<string, bigint>();
  for (const { day, picodollars } of await provider.bill()) days.set(day, (days.get(day) ?? 0n) + BigInt(picodollars));
  return days;
}

/** While it runs: what is billed by now is spent or held by now, and within the ceiling (G1). The bill is read first. */
export async function witness(rows: Rows, provider: Provider, user: string): Promise<string[]> {
  const billed = await billByDay(provider);
  const days = await rows('select day, spent + held as committed, ceiling from budget_days where user_id = $1', user);
  return days.flatMap(({ day, committed, ceiling }) => {
    const bill = ceil(billed.get(day!) ?? 0n);
    const right = bill <= BigInt(committed!) && BigInt(committed!) <= BigInt(ceiling!);
    return right ? [] : [`G1 ${day}: billed ${bill}, spent and held ${committed}, ceiling ${ceiling}`];
  });
}

/** Each finds what must not be. */
const NEVER: Record<string, string> = {
  'G1 admitted above the ceiling': 'select * from budget_holds where committed > ceiling',
  'G2 Σ ledger ≠ spent': `select * from budget_days d
    where spent <> (select coalesce(sum(cost), 0) from usage_ledger l where l.user_id = d.user_id and l.day = d.day)`,
  'G2 something is held still': `select * from budget_days where held <> 0`,
  'G4 a hold and its ledger row disagree': `select h.session_id, h.fence from budget_holds h
    full join usage_ledger l using (session_id, fence, n) where h.class is distinct from l.class`,
  'cost of a session ≠ its ledger': `select id from agent_sessions s
    where cost_microdollars <> (select coalesce(sum(cost), 0) from usage_ledger l where l.session_id = s.id)`,
  'R3 a deadlock': 'select deadlocks from pg_stat_database where datname = current_database() and deadlocks > 0',
};

type Ended = Pick<Report, 'counts' | 'seconds' | 'violated'> & { rows: Rows; provider: Provider; user: string };

export async function check({ rows, provider, user, counts, seconds, violated }: Ended): Promise<Report> {
  const found = [...violated, ...(await witness(rows, provider, user)), ...(await lost(rows, provider, counts.calls))];
  for (const [name, query] of Object.entries(NEVER))
    for (const row of await rows(query)) found.push(`${name}: ${JSON.stringify(row)}`);
  const days = await rows('select day, spent, ceiling from budget_days where user_id = $1 and spent > 0', user);
  const billed = await billByDay(provider);
  const over = days.map(
    ({ day, spent, ceiling }) => greater(ceil(billed.get(day!) ?? 0n), BigInt(spent!)) - BigInt(ceiling!),
  );
  const [unknown] = await rows(`select coalesce(sum(cost), 0) as cost from usage_ledger where class = 'unknown'`);
  return {
    ...{ counts, seconds, callsPerSecond: counts.calls / seconds, days: days.length },
    bill: ceil([...billed.values()].reduce((a, b) => a + b, 0n)),
    spent: sum(days.map(({ spent }) => spent!)),
    unknown: BigInt(unknown!.cost!),
    ceilings: sum(days.map(({ ceiling }) => ceiling!)),
    over: over.reduce(greater, 0n),
    violated: found,
  };
}

/** Every call has one line on the bill and one in the ledger: exactly its price if it was settled, no less if nobody told. */
async function lost(rows: Rows, provider: Provider, calls: number): Promise<string[]> {
  const bill = await provider.bill();
  const ledger = new Map(
    (await rows('select session_id, fence, class, cost from usage_ledger')).map((row) => [
      `${row.session_id}:${row.fence}`,
      row,
    ]),
  );
  const wrong = bill.flatMap(({ key, picodollars }) => {
    const row = ledger.get(key);
    const due = ceil(BigInt(picodollars));
    const right = row && (row.class === 'settled' ? BigInt(row.cost!) === due : BigInt(row.cost!) >= due);
    return right ? [] : [`G3 ${key} was billed ${due} and charged ${row?.cost} as ${row?.class}`];
  });
  const once = new Set(bill.map(({ key }) => key)).size === bill.length;
  return [...wrong, ...(bill.length === calls && once ? [] : [`${calls} calls, ${bill.length} on the bill`])];
}

const greater = (a: bigint, b: bigint) => (a > b ? a : b);
const sum = (amounts: string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);
