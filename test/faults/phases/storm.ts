/**
 * A storm: agents at work while, at random, their workers die, stall and fail at any step, requests and replies get lost, the queue and the
 * alarms misbehave, the model fails, clocks are wrong, days pass, users act, and the databases go away. Until enough has happened.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILPOINTS } from '../../kit/failpoints.ts';
import { modesAt } from '../cases.ts';
import { type BillLine, linesOf, type Violation } from '../evidence.ts';
import { ORDERLY, type Order, type QueueWeather } from '../floor.ts';
import { postgresMonkey, redisMonkey } from '../monkeys.ts';
import { CALM, type Weather } from '../network.ts';
import { persons } from '../persons.ts';
import { between, pick, type Random } from '../random.ts';
import type { Stage } from '../stage.ts';
import type { Job, Mode, Plan } from '../worker/job.ts';

export type Storm = {
  /** Until this holds. */
  enough: () => boolean;
  /** Part of the jobs with a fault of their own; of those, part of the kills. */
  planned: number;
  kills: number;
  weather: Weather;
  queue: QueueWeather;
  /** Part of the model's calls that fail. */
  mishaps: number;
  /** Sessions under way at a time. */
  sessions: number;
  /** Most steps of a plot. */
  longest: number;
  outages: boolean;
  personsEveryMs: number;
};

const SKEW_MS = 5 * 60_000;
const STEPS_OF_A_PLOT = [
  'look',
  'put',
  'fire',
  'look+put',
  'put+fire',
  'fire+fire',
  'say',
  'put+say',
  'nap',
  'sleep',
  'ask',
  'long',
];

export async function storm(stage: Stage, users: string[], plan: Storm): Promise<Violation[]> {
  const { random, floor, network, rig } = stage;
  const found: Violation[] = [];
  let blowing = true;
  const on = () => blowing;
  floor.order = () => {
    const order = orderOf(random, plan);
    if (order.skewMs) stage.record.count('jobs under a wrong clock');
    return order;
  };
  // One in ten wake-ups dies somewhere.
  floor.wakeOrder = () => (random() < 0.1 ? { limitMs: between(random, 20, 400) } : {});
  floor.weather = plan.queue;
  network.weather = plan.weather;
  await rig.witnesses.control({ rate: plan.mishaps });
  const around = [
    persons(stage, on, plan.personsEveryMs),
    time(stage, on),
    watch(stage, on, found),
    ...(plan.outages ? [postgresMonkey(stage, on), redisMonkey(stage, on)] : []),
  ];
  while (!plan.enough()) {
    await fill(stage, users, plan).catch(() => stage.record.count('sessions that could not be made'));
    await sleep(200);
  }
  blowing = false;
  await Promise.all(around);
  floor.order = () => ({});
  floor.wakeOrder = () => ({});
  floor.weather = ORDERLY;
  network.weather = CALM;
  rig.postgresGate.open();
  rig.redisGate.open();
  await rig.witnesses.control({ rate: 0 });
  return found;
}

function orderOf(random: Random, { planned, kills }: Storm): Order {
  const skewMs = random() < 0.5 ? between(random, -SKEW_MS, SKEW_MS) : 0;
  const job: Partial<Job> = { skewMs, count: random() < 0.1 };
  if (random() >= planned) return job;
  const plan = random() < kills ? at(random, 'kill') : fault(random);
  return { ...job, plan, ...(plan.mode === 'zombie' && { limitMs: 30_000 }) };
}

const at = (random: Random, mode: Mode, step = pick(random, FAILPOINTS)): Plan => ({
  ...{ step, mode },
  nth: step === 'streaming' ? between(random, 1, 5) : 1,
});

function fault(random: Random): Plan {
  const step = pick(random, FAILPOINTS);
  return at(random, pick(random, modesAt(step)), step);
}

/** As many sessions as are to be under way. Those that wait for a user count as long as nobody answers. */
async function fill(stage: Stage, users: string[], { sessions, longest }: Storm): Promise<void> {
  const { random, rig } = stage;
  const { rows } = await rig.admin.query<{ n: string }>(
    `select count(*) as n from agent_sessions where state <> 'ended'`,
  );
  for (let n = Number(rows[0]!.n); n < sessions; n++) {
    const plot = Array.from({ length: between(random, 1, longest) }, () => pick(random, STEPS_OF_A_PLOT));
    const model = random() < 0.2 ? 'claude-haiku-5-5' : 'claude-sonnet-5-5';
    // A third of the dearer ones goes down to the cheaper model as the day's money runs short.
    const ladder = model !== 'claude-haiku-5-5' && random() < 0.33 ? ['claude-haiku-5-5'] : [];
    const caps = {
      maxCost: random() < 0.15 ? BigInt(between(random, 20_000, 120_000)) : null,
      share: random() < 0.15 ? pick(random, [20, 40, 60]) : null,
    };
    await stage.session(pick(random, users), plot, { model, ladder, ...caps, hinted: random() < 0.9 });
  }
}

/** Half an hour or so a second: a day is over in less than a minute. The midnight cron comes as it does, or not. */
async function time({ rig, random, floor, record }: Stage, on: () => boolean): Promise<void> {
  while (on()) {
    await sleep(500);
    const before = new Date(rig.clock.now()).getUTCDate();
    await rig.clock.advance(between(random, 60_000, 30 * 60_000)).catch(() => {});
    if (new Date(rig.clock.now()).getUTCDate() === before) continue;
    record.count('midnights');
    if (random() < 0.7) floor.wake('midnight');
  }
}

/** While it goes on: what the provider has billed by now is spent or held by now (G1). The bill is read first. */
async function watch({ rig, settings }: Stage, on: () => boolean, found: Violation[]): Promise<void> {
  while (on()) {
    await sleep(1_000);
    const owners = new Map(settings.sessions.map(({ id, user }) => [id, user]));
    const billed = new Map<string, number>();
    for (const { session, cost } of linesOf<BillLine>(readFileSync(rig.witnesses.billPath, 'utf8'))) {
      const owner = owners.get(session) ?? session;
      billed.set(owner, (billed.get(owner) ?? 0) + cost);
    }
    const query = 'select user_id, sum(spent + held) as committed from budget_days group by 1';
    const { rows } = await rig.admin.query<{ user_id: string; committed: string }>(query).catch(() => ({ rows: null }));
    if (!rows) continue;
    const committed = new Map(rows.map((row) => [row.user_id, Number(row.committed)]));
    for (const [user, sum] of billed) {
      if (sum > (committed.get(user) ?? 0))
        found.push({
          check: 'G1',
          what: `${user} was billed ${sum} so far, of which ${committed.get(user) ?? 0} are spent or held`,
        });
    }
  }
}
