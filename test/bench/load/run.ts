/** One run: many sessions on a whole local system for a while, and then the books. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type LocalSystem, startLocal } from '../../../lib/local/system.ts';
import { collector, type Measured, measured } from './measure.ts';
import { familyOf, type Use, useOf } from './processes.ts';

/** `servers`: the processes of the real ones, if they run here. */
export type Wanted = { sessions: number; seconds: number; workers: number } & Servers;
export type Servers = { databaseUrl?: string; redisUrl?: string; servers: Record<string, number> };
export type Ran = Measured & {
  wanted: Wanted;
  /** Milliseconds from the first session's start until all had made an iteration. */
  rampMs: number;
  processes: Record<string, Use & { cpus: number }>;
  /** What must agree at the end, to the microdollar: what the model billed, what the ledger has, what the day says was spent. */
  books: { billed: number; ledger: number; spent: number; held: number };
  /** Sessions by state; all of them are still at work. */
  states: Record<string, number>;
};

const START = '2026-11-10T08:00:00Z';
const PLENTY = 9_000_000_000_000;
const MODEL = fileURLToPath(new URL('./model.ts', import.meta.url));

export async function run(wanted: Wanted): Promise<Ran> {
  await using stack = new AsyncDisposableStack();
  const model = await startModel();
  stack.defer(model.stop);
  const seen = collector();
  const { sessions, seconds, workers, databaseUrl, redisUrl } = wanted;
  const system = await startLocal({
    ...{ databaseUrl, redisUrl, concurrency: workers, startAt: Date.parse(START), ...seen },
    model: { apiKey: 'bench', baseUrl: model.url },
    env: { REQUESTS_PER_MINUTE: '0' },
  });
  stack.defer(() => system.close());

  const began = performance.now();
  await startSessions(system, sessions);
  while (new Set(seen.invocations.map(({ sessionId }) => sessionId)).size < sessions) await delay(100);
  const rampMs = performance.now() - began;

  const families = familiesOf(system, model.pid, wanted.servers);
  const before = usesOf(families());
  seen.reset();
  const from = performance.now();
  await delay(seconds * 1_000);
  const took = (performance.now() - from) / 1_000;
  const after = usesOf(families());
  const result = measured(seen, took);

  await system.invoker.pause();
  const processes = Object.fromEntries(
    Object.entries(after).map(([name, use]) => [
      name,
      { ...use, cpus: (use.cpuSeconds - (before[name]?.cpuSeconds ?? 0)) / took },
    ]),
  );
  return {
    ...result,
    wanted,
    rampMs,
    processes,
    books: await booksOf(system, model.url),
    states: await statesOf(system),
  };
}

async function startModel() {
  const child = spawn(process.execPath, [MODEL], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const gone = once(child, 'exit');
  const stop = async () => {
    child.stdin.end();
    await gone;
  };
  return { url, pid: child.pid!, stop };
}

/** Ten at a time, of four users, so that no single user's rows are what everybody waits for. */
async function startSessions({ url, adminKey }: LocalSystem, sessions: number): Promise<void> {
  const ask = async (method: string, path: string, key: string, body: object) => {
    const headers = { authorization: `Bearer ${key}` };
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { key: string };
  };
  const keys: string[] = [];
  for (const user of ['load-1', 'load-2', 'load-3', 'load-4']) {
    const terms = { tier: 'standard', subscription_budget_microdollars: PLENTY, subscription_renewal_date: null };
    await ask('PUT', `/v1/admin/users/${user}`, adminKey, terms);
    keys.push((await ask('POST', `/v1/admin/users/${user}/api-keys`, adminKey, {})).key);
  }
  let left = sessions;
  const starter = async () => {
    while (left > 0) {
      const number = left--;
      const goal = `Read your notes again and again. (${number})`;
      await ask('POST', '/v1/sessions', keys[number % keys.length]!, { goal, max_iterations: 100_000 });
    }
  };
  await Promise.all(Array.from({ length: 10 }, starter));
}

/** Who does what, as process ids: they change while processes come and go. */
const familiesOf =
  ({ invoker }: LocalSystem, model: number, servers: Record<string, number>) =>
  (): Record<string, number[]> => ({
    'iterate (Lambda processes)': invoker.pids('iterate'),
    'the local cloud and the API': [process.pid],
    'model server': [model],
    ...Object.fromEntries(Object.entries(servers).map(([name, pid]) => [name, familyOf(pid)])),
  });

const usesOf = (families: Record<string, number[]>): Record<string, Use> =>
  Object.fromEntries(Object.entries(families).map(([name, pids]) => [name, useOf(pids)]));

/** After all is quiet. Compactions that were under way have ended as well. */
async function booksOf({ database }: LocalSystem, modelUrl: string): Promise<Ran['books']> {
  const { data } = (await (await fetch(`${modelUrl}/bill`)).json()) as { data: { cost_microdollars: number }[] };
  const { rows } = await database.query(`select (select coalesce(sum(cost), 0) from usage_ledger) as ledger,
    sum(spent) as spent, sum(held) as held from budget_days`);
  const { ledger, spent, held } = rows[0] as Record<string, string>;
  const billed = data.reduce((sum, { cost_microdollars }) => sum + cost_microdollars, 0);
  return { billed, ledger: Number(ledger), spent: Number(spent), held: Number(held) };
}

async function statesOf({ database }: LocalSystem): Promise<Record<string, number>> {
  const { rows } = await database.query('select state, count(*) as n from agent_sessions group by 1');
  return Object.fromEntries(rows.map(({ state, n }) => [state, Number(n)]));
}
