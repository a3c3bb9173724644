/**
 * Torture: many sessions of a few users on a real PostgreSQL, worked on by tasks and processes that crash, stall past their lease and are
 * killed, over a network that drops replies after the commit and repeats requests late, with a queue and a provider to match, while
 * users speak, pause, cancel, pay and change plans and the clock runs through days. Then the faults end, and everything must.
 * Larger runs: TORTURE_SEED, TORTURE_SESSIONS, TORTURE_ITERATIONS, TORTURE_MS (of faults).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect, type Database } from '../../lib/adapters/postgres/connect.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { requests } from '../postgres/steps.ts';
import { unreliable } from '../postgres/unreliable.ts';
import { billCovered, violations } from './torture/checks.ts';
import { Crash, faulty } from './torture/faults.ts';
import { type Io, LEASE_MS, randomFrom, work } from './torture/loop.ts';
import { type Cast, DAY_MS, persons, renewal } from './torture/persons.ts';
import { processes } from './torture/processes.ts';
import { createWorld, serve, type World } from './torture/world.ts';

const SEED = Number(process.env.TORTURE_SEED ?? 1);
const SESSIONS = Number(process.env.TORTURE_SESSIONS ?? 40);
const TARGET = Number(process.env.TORTURE_ITERATIONS ?? 8);
const FAULTS_MS = Number(process.env.TORTURE_MS ?? 15_000);
const TASKS = 10;
const PROCESSES = 2;

describe.skipIf(!hasPostgres)('torture', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase('real');
    await quicken(db);
  });
  afterAll(() => db?.close());

  it(
    'never spends past the ceiling, never loses a step, and everything ends',
    async () => {
      const random = randomFrom(SEED * 7919);
      const phase = { faults: true, running: true };
      const faults = () => phase.faults;
      const running = () => phase.running;
      const world = createWorld(random, TARGET, faults);
      const spoil = () => (phase.faults && random() < 0.05 ? 'lost' : null);
      const network = await unreliable(db.url, spoil, () => phase.faults && random() < 0.03);
      const control = await serve(world);
      const database = connect(network.url, { attempts: 20 });
      const cast = await castOf(db);
      const env = { SQL_URL: network.url, CONTROL_URL: control.url, TARGET: String(TARGET) };
      const children = processes({ world, faults, seed: SEED, env });
      onTestFinished(async () => {
        children.stop();
        await Promise.all([control.close(), network.close()]);
      });

      for (let i = 0; i < PROCESSES; i++) children.breed();
      const tasks = Array.from({ length: TASKS }, (_, i) =>
        work(ioOf(world, database, i, faults), world.take, running),
      );
      const { act, helpToEnd, payments, written } = persons(database, random, cast);
      const every = (ms: number, on: () => boolean, act: () => Promise<unknown>) =>
        repeatedly(
          () => ms * (0.5 + random()),
          on,
          () => act().catch((error: Error) => world.count(`ERROR ${error}`)),
        );
      const background = [
        every(200, running, () => sweep(database, world)),
        every(250, running, () =>
          db.rows(`update app_clock set shift = shift + make_interval(mins => $1)`, 10 + Math.floor(random() * 50)),
        ),
        every(1_000, faults, async () => children.killOne(Math.floor(random() * PROCESSES))),
        ...Array.from({ length: 4 }, () => every(60, faults, act)),
        every(400, running, () => billCovered(db, world, cast)),
      ];

      await sleep(FAULTS_MS);
      phase.faults = false;
      children.heal();
      await helpToEnd(db, () => sleep(300));
      await sleep(LEASE_MS * 4);
      phase.running = false;
      await Promise.all([...tasks, ...background]);

      const found = await violations(db, world, { payments, written });
      const report = { seed: SEED, billed: world.bill.length, ...world.counts };
      expect(found, JSON.stringify(report)).toEqual([]);
      expect(report.billed).toBeGreaterThan(SESSIONS);
      expect(world.counts.killed).toBeGreaterThan(0);
      expect(written.length).toBeGreaterThan(0);
    },
    FAULTS_MS + 120_000,
  );
});

/** Users in pairs, one of whom changes his plan; the first day ends three seconds after the start. */
async function castOf(db: TestDatabase): Promise<Cast> {
  const start = Math.ceil(Date.now() / DAY_MS) * DAY_MS - 3_000;
  await db.setNow(start);
  const { user, session } = requests(db);
  const users: string[] = [];
  const sessions: Cast['sessions'] = [];
  for (let i = 0; i < Math.max(2, SESSIONS / 10); i++) {
    const tier = i % 2 ? 'changed' : 'fixed';
    users.push(await user({ budget: '3000000', renewalDate: renewal(start, 12), tier }));
  }
  for (let i = 0; i < SESSIONS; i++) {
    const owner = users[i % users.length]!;
    sessions.push({ id: await session(owner), user: owner });
  }
  return { users, sessions, start };
}

function ioOf(world: World, database: Database, i: number, on: () => boolean): Io {
  const random = randomFrom(SEED * 1_000 + i);
  const die = (step: string) => {
    throw new Crash(step);
  };
  const { count, send, think, effect } = world;
  const step = faulty({ random, on, chance: 0.01, die, count });
  return { sessions: postgresSessions(database), random, target: TARGET, count, step, send, think, effect };
}

async function repeatedly(pauseMs: () => number, on: () => boolean, act: () => Promise<unknown>): Promise<void> {
  while (on()) {
    await sleep(pauseMs());
    await act();
  }
}

async function sweep({ call }: Database, world: World): Promise<void> {
  const { due } = await call<{ due: { id: string }[] }>('sweep', 50);
  for (const { id } of due) world.send(id);
}

/** Leases and backoffs of a second instead of most of a minute: the same functions with other constants. */
async function quicken(db: TestDatabase): Promise<void> {
  for (const name of ['claim', 'heartbeat', 'sweep', 'save']) {
    const [row] = await db.rows(`select pg_get_functiondef($1::regproc) as text`, name);
    const text = row!
      .text!.replace(/'00:00:45'::interval/g, `'${LEASE_MS} ms'::interval`)
      .replace(/'00:00:30'::interval|interval '30 s'/g, "interval '1 s'")
      // The pause after a second hint grows with how late a session is, and by the clock of this run every one is hours late.
      .replace(/'00:16:00'::interval|interval '16 min'/g, "interval '1 s'");
    if (text === row!.text) throw new Error(`${name} has other constants than expected`);
    await db.rows(text);
  }
}
