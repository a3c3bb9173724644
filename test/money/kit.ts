/** Money tests run on the real PostgreSQL of this machine, or on the embedded one where there is none. */
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { contract, type Steps, type Subject } from '../contract/harness.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';

export const KIND = hasPostgres ? 'real' : 'embedded';

/** The ports on a database, or on what stands in front of it. */
export const portsOn = (url: string): Subject['ports'] => postgres(url);

/** A suite of one database of its own, with the steps of the contracts. */
export function onPostgres(name: string, tests: (t: () => Steps, db: () => TestDatabase) => void): void {
  let db: TestDatabase;
  const subject = async (): Promise<Subject> => {
    db = await testDatabase(KIND);
    const { setNow, expireLease, passBackoff, close } = db;
    return { ports: portsOn(db.url), setNow, expireLease, passBackoff, close };
  };
  contract(`${name} (${KIND} Postgres)`, subject, (t) => tests(t, () => db));
}

/** What must never be found, whatever was done: each query gives the rows that break its guarantee. */
export const NEVER: Record<string, string> = {
  'G1 admitted above the ceiling': 'select * from budget_holds where committed > ceiling',
  'G2 Σ ledger ≠ spent': `select * from budget_days d
    where spent <> (select coalesce(sum(cost), 0) from usage_ledger l where l.user_id = d.user_id and l.day = d.day)`,
  'G2 Σ open holds ≠ held': `select * from budget_days d where held <>
    (select coalesce(sum(amount), 0) from budget_holds h where h.user_id = d.user_id and h.day = d.day and class = 'held')`,
  'G4 a hold and its ledger row disagree': `select h.session_id, h.fence, h.class, l.class from budget_holds h
    full join usage_ledger l using (session_id, fence, n) where coalesce(nullif(h.class, 'held'), '') <> coalesce(l.class, '') and l.fence is distinct from 0`,
  "a session's day ≠ its ledger and its open holds": `select * from session_days d
    where spent <> (select coalesce(sum(cost), 0) from usage_ledger l where l.session_id = d.session_id and l.day = d.day)
      or held <> (select coalesce(sum(amount), 0) from budget_holds h where h.session_id = d.session_id and h.day = d.day and class = 'held')`,
  'handed off ≠ what hand-offs hold and cost': `select * from session_days d where handed_off <> (
    select coalesce(sum(case when h.class = 'held' then h.amount else l.cost end), 0) from budget_holds h
      left join usage_ledger l on l.session_id = h.session_id and l.fence = h.fence and l.n = h.n
      where h.session_id = d.session_id and h.day = d.day and h.hand_off)`,
  'a share of the day that is passed by an admission': `select d.session_id from session_days d
    join agent_sessions s on s.id = d.session_id join budget_holds h on h.session_id = d.session_id and h.day = d.day
    group by d.session_id, d.spent, d.held, s.daily_share_percent
    having d.spent + d.held > max(h.ceiling) * s.daily_share_percent / 100`,
  'cost of a session ≠ its ledger': `select id from agent_sessions s
    where cost_microdollars <> (select coalesce(sum(cost), 0) from usage_ledger l where l.session_id = s.id)`,
};

export async function faults(rows: TestDatabase['rows']): Promise<string[]> {
  const found: string[] = [];
  for (const [name, query] of Object.entries(NEVER))
    for (const row of await rows(query)) found.push(`${name}: ${JSON.stringify(row)}`);
  return found;
}
