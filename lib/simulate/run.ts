/**
 * The day after midnight, second by second: sleepers become due, sweeps hand them to the queue, the queue feeds as many workers as it may,
 * and the model's limit lets so many calls through. Pure: the same scenario gives the same result.
 */
import { fairQueue, firstComeQueue, type WorkQueue } from './queue.ts';
import { around, generator, geometric } from './random.ts';
import { PER_ITERATION, PER_REFUSAL, PER_SLEEP, type Scenario } from './scenario.ts';

export type Totals = {
  iterations: number;
  refusals: number;
  postgres: number;
  upstash: number;
  sqs: number;
  schedules: number;
  wakeSeconds: number;
  iterateSeconds: number;
  sessionsDone: number;
};
export type Result = {
  /** Seconds from a sleeper's hour to its first model call; of all, of those who own few sessions, and of the swarm. */
  lags: { all: Float32Array; others: Float32Array; swarm: Float32Array };
  /** Sleepers whose turn had not come when the simulation ended. */
  unwoken: number;
  peak: {
    queue: number;
    queueAt: number;
    workers: number;
    wakes: number;
    postgres: number;
    upstash: number;
    schedules: number;
    sweptPerSecond: number;
  };
  totals: Totals;
  /** Queue depth each hour. */
  depths: number[];
};

/** Seconds to a second try after the model's limit refused: at first a few, with jitter. */
const BACKOFF = { least: 5, spread: 25 };
const MINUTE = 60;

export const simulate = (scenario: Scenario): Result => {
  const random = generator(scenario.seed);
  const sessions = scenario.sleepers + scenario.working;
  const inSwarm = (session: number) => session % 1_000 < scenario.swarm * 1_000;
  const userOf = (session: number) => (inSwarm(session) ? 0 : 1 + (session % (scenario.users - 1)));
  const queue: WorkQueue = scenario.fair ? fairQueue(scenario.users, userOf) : firstComeQueue();
  const left = Int32Array.from({ length: sessions }, () => geometric(scenario.iterationsADay, random));
  const due = dueTimes(scenario, random);
  const woken = new Float32Array(scenario.sleepers).fill(Number.NaN);
  const wheel = eventWheel(scenario.horizonSeconds);
  const totals: Totals = {
    ...{ iterations: 0, refusals: 0, postgres: 0, upstash: 0, sqs: 0, schedules: 0 },
    ...{ wakeSeconds: 0, iterateSeconds: 0, sessionsDone: 0 },
  };
  const peak = { queue: 0, queueAt: 0, workers: 0, wakes: 0, postgres: 0, upstash: 0, schedules: 0, sweptPerSecond: 0 };
  const sweeper = sweeps(scenario, due);
  const bucket = { tokens: scenario.burstSeconds * (scenario.requestsPerMinute / MINUTE) };
  const depths: number[] = [];
  let workers = 0;
  for (let session = scenario.sleepers; session < sessions; session += 1) queue.push(session);

  for (let now = 0; now < scenario.horizonSeconds; now += 1) {
    const before = { postgres: totals.postgres, upstash: totals.upstash, schedules: totals.schedules };
    const perSecond = scenario.requestsPerMinute / MINUTE;
    bucket.tokens = Math.min(scenario.burstSeconds * perSecond, bucket.tokens + perSecond);
    for (const session of wheel.at(now)) {
      if (session >= 0) queue.push(session);
      else workers -= 1;
    }
    const swept = sweeper.second(now);
    for (const session of swept.sessions) queue.push(session);
    totals.postgres += swept.pages;
    totals.sqs += Math.ceil(swept.sessions.length / 10);
    totals.wakeSeconds += swept.running;
    if (now % MINUTE === 0) totals.upstash += 2;
    peak.wakes = Math.max(peak.wakes, swept.running);
    peak.sweptPerSecond = Math.max(peak.sweptPerSecond, swept.sessions.length);

    while (workers < scenario.atOnce && queue.length > 0) {
      const session = queue.shift();
      workers += 1;
      const granted = bucket.tokens >= 1;
      const seconds = granted
        ? around(scenario.callSeconds, random) + scenario.overheadSeconds
        : scenario.refusedSeconds;
      const end = now + Math.max(1, Math.round(seconds));
      wheel.add(end, -1);
      totals.iterateSeconds += seconds;
      if (granted) {
        bucket.tokens -= 1;
        if (session < scenario.sleepers && Number.isNaN(woken[session])) woken[session] = now - due[session]!;
        left[session]! -= 1;
        count(totals, PER_ITERATION);
        totals.iterations += 1;
        if (left[session]! > 0) wheel.add(end, session);
        else {
          totals.sessionsDone += 1;
          count(totals, PER_SLEEP);
        }
      } else {
        totals.refusals += 1;
        count(totals, PER_REFUSAL);
        // Receive and delete; a short wait is the message's own delay.
        totals.sqs += 3;
        wheel.add(end + Math.round(BACKOFF.least + BACKOFF.spread * random()), session);
      }
    }
    if (queue.length > peak.queue) Object.assign(peak, { queue: queue.length, queueAt: now });
    peak.workers = Math.max(peak.workers, workers);
    for (const what of ['postgres', 'upstash', 'schedules'] as const)
      peak[what] = Math.max(peak[what], totals[what] - before[what]);
    if (now % 3_600 === 0) depths.push(queue.length);
  }
  return { lags: lagsOf(woken, inSwarm), unwoken: woken.filter(Number.isNaN).length, peak, totals, depths };
};

const count = (totals: Totals, costs: Partial<Record<'postgres' | 'upstash' | 'sqs' | 'schedules', number>>): void => {
  for (const [what, cost] of Object.entries(costs)) totals[what as keyof typeof costs] += cost;
};

/** Ascending, since sweeps take the longest due first. */
const dueTimes = ({ sleepers, windowSeconds }: Scenario, random: () => number): Float32Array =>
  Float32Array.from({ length: sleepers }, () => random() * windowSeconds).sort();

/** What happens at a second: sessions that go to the queue, and -1 for a worker that is free again. */
const eventWheel = (horizon: number) => {
  const slots = new Map<number, number[]>();
  return {
    add(second: number, event: number): void {
      if (second >= horizon) return;
      const slot = slots.get(second);
      if (slot) slot.push(event);
      else slots.set(second, [event]);
    },
    at(second: number): number[] {
      const slot = slots.get(second) ?? [];
      slots.delete(second);
      return slot;
    },
  };
};

/**
 * The wake function. Each minute two are started while anything is due (the schedule of the minute, the recovery cron), and each takes page
 * after page, past the rows that the others hold, until nothing is due or its time is up.
 */
const sweeps = ({ pageSize, pageSeconds, wakeTimeoutSeconds, sleepers }: Scenario, due: Float32Array) => {
  let runs: { until: number; next: number }[] = [];
  let handed = 0;
  return {
    second(now: number): { sessions: number[]; pages: number; running: number } {
      if (now % MINUTE === 0 && handed < sleepers) {
        for (let i = 0; i < 2; i += 1) runs.push({ until: now + wakeTimeoutSeconds, next: now });
      }
      const sessions: number[] = [];
      let pages = 0;
      const running = runs.length;
      for (const run of runs.filter(({ next }) => next <= now)) {
        pages += 1;
        const first = handed;
        while (handed < sleepers && handed - first < pageSize && due[handed]! <= now) sessions.push(handed++);
        run.next = handed - first < pageSize ? Number.POSITIVE_INFINITY : now + pageSeconds;
      }
      runs = runs.filter(({ next, until }) => next < until);
      return { sessions, pages, running };
    },
  };
};

const lagsOf = (lags: Float32Array, inSwarm: (session: number) => boolean): Result['lags'] => {
  const ascending = (of: (session: number) => boolean) =>
    lags.filter((lag, session) => !Number.isNaN(lag) && of(session)).sort();
  return { all: ascending(() => true), others: ascending((session) => !inSwarm(session)), swarm: ascending(inSwarm) };
};
