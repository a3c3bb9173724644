/**
 * The swarm: workers on one user's budget against an independent bill, on a real PostgreSQL through the production adapter. Every call
 * is asked until it is made, across as many days as the allowances need. Shows G1 to G4 with concurrency where it hurts.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { connect, type Database } from '../../lib/adapters/postgres/connect.ts';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { newId } from '../../lib/ids.ts';
import { randomFrom } from '../crash/torture/loop.ts';
import { check, type Report, witness } from './checks.ts';
import { startProvider } from './provider.ts';
import { iterate, type Swarm } from './worker.ts';

export type SwarmOptions = {
  /** As `connect` takes it, migrated and empty. */
  url: string;
  rows(text: string, ...values: unknown[]): Promise<Record<string, string | null>[]>;
  calls: number;
  workers: number;
  sessions: number;
  seed: number;
  onProgress?: (calls: number) => void;
};

const DAY_MS = 86_400_000;
const START = Date.parse('2026-11-10T00:00:00Z');
/** What a call costs here on the average, and on how many days the calls are to be spread. */
const [MEAN, DAYS] = [9_000, 20];
/** Enough for most of the workers to hold at a time, however few the calls. */
const LEAST_DAILY = 6_000_000;

/** Resolves when all calls are made and nothing is held. Throws for what broke; what was violated is in the report. */
export async function swarm(options: SwarmOptions): Promise<Report> {
  const { url, rows, calls, workers, seed } = options;
  const database = connect(url);
  const provider = await startProvider(seed);
  try {
    await setNow(rows, START);
    const user = await newUser(database, BigInt(Math.max(LEAST_DAILY, Math.ceil((calls * MEAN) / DAYS))));
    const free = await newSessions(database, user, options.sessions);
    const swarm = gather({ ...options, database, provider, free });
    const violated: string[] = [];
    const watching = { on: true };
    const watched = watch(watching, async () => {
      violated.push(...(await witness(rows, provider, user)));
      options.onProgress?.(swarm.count.calls);
    });
    const began = performance.now();
    await Promise.all(Array.from({ length: workers }, () => work(swarm)));
    const seconds = (performance.now() - began) / 1_000;
    await resolveRest(database, rows);
    watching.on = false;
    await watched;
    return await check({ rows, provider, user, counts: swarm.count, seconds, violated });
  } finally {
    await provider.close();
  }
}

type Working = Swarm & { next(): Promise<string | null> };
type Given = SwarmOptions & { database: Database; provider: Swarm['provider']; free: string[] };

function gather({ rows, calls, seed, database, provider, free }: Given): Working {
  const sleepers: string[] = [];
  const night = free.length / 2;
  let waking = false;
  // While half of the sessions still work, so that calls are under way when the day changes.
  const wake = async () => {
    waking = true;
    await setNow(rows, swarm.at + DAY_MS);
    swarm.at += DAY_MS;
    free.push(...sleepers.splice(0));
    waking = false;
  };
  const swarm: Working = {
    sessions: postgresSessions(database),
    provider,
    random: randomFrom(seed * 7919),
    count: {
      ...{ calls: 0, shrunk: 0, 'refused: day': 0, 'refused: held': 0 },
      ...{ died: 0, 'settled twice': 0, 'settled late': 0 },
    },
    target: calls,
    at: START,
    wanted: new Map(),
    ready: (id) => void free.push(id),
    async asleep(id) {
      sleepers.push(id);
      if (sleepers.length >= night && !waking) await wake();
    },
    abandon: async (id) => void (await rows(`update agent_sessions set lease_until = '-infinity' where id = $1`, id)),
    async next() {
      while (swarm.count.calls < calls) {
        const id = free.shift();
        if (id !== undefined) return id;
        await pause(5);
      }
      return null;
    },
  };
  return swarm;
}

async function work(swarm: Working): Promise<void> {
  for (;;) {
    const id = await swarm.next();
    if (id === null) return;
    await iterate(swarm, id);
  }
}

/** Whatever was left held when the last call was made is charged as after a crash: by the next owner. */
async function resolveRest({ call }: Database, rows: SwarmOptions['rows']): Promise<void> {
  await rows(`update agent_sessions set lease_until = '-infinity', due_at = '-infinity'`);
  for (const { session_id } of await rows(`select distinct session_id from budget_holds where class = 'held'`)) {
    await call('claim', session_id!, randomUUID());
  }
}

async function watch(watching: { on: boolean }, look: () => Promise<void>): Promise<void> {
  while (watching.on) {
    await look();
    await pause(100);
  }
}

const setNow = (rows: SwarmOptions['rows'], ms: number) =>
  rows(`update app_clock set shift = $1::timestamptz - clock_timestamp()`, new Date(ms + 1_000).toISOString());

/** Thirty days of this allowance, from the clock's today. */
async function newUser(database: Database, daily: bigint): Promise<string> {
  const id = newId('usr');
  const renewalDate = new Date(START + 30 * DAY_MS).toISOString().slice(0, 10);
  await postgresAccounts(database).putUser(id, {
    tier: 'standard',
    budget: daily * 30n,
    renewalDate,
    wakePolicy: 'auto',
  });
  return id;
}

async function newSessions(database: Database, user: string, count: number): Promise<string[]> {
  const userSessions = postgresUserSessions(database);
  const ids = Array.from({ length: count }, () => newId('ses'));
  for (const [i, id] of ids.entries()) {
    const model = i % 2 ? 'claude-haiku-5-5' : 'claude-sonnet-5-5';
    await userSessions.create(
      user,
      {
        ...{ id, model, goal: 'Spend.', agent: 'assistant', tier: 'standard', system: null, onEndTurn: 'complete' },
        ...{
          maxIterations: 100_000,
          maxCost: null,
          ladder: [],
          share: null,
          metadata: {},
          effort: null,
          maxOutputTokens: null,
          tools: null,
          web: null,
        },
      },
      null,
    );
  }
  return ids;
}
