/**
 * The day after midnight, second by second: sleepers become due, sweeps hand them to the queue, the queue feeds as many workers as it may,
 * and the model's limit lets so many calls through. Pure: the same scenario gives the same result.
 */
import { fairQueue, firstComeQueue, type WorkQueue } from './queue.ts';
import { around, generator, geometric } from './random.ts';
import {
  callsPerMinute,
  PER_ITERATION,
  PER_LOOK,
  PER_REFUSAL,
  PER_SLEEP,
  PER_SWEEP,
  PER_VAIN,
  type Scenario,
} from './scenario.ts';
import { HINT_AGAIN, type Sessions, sessionStates } from './sessions.ts';
import { eventWheel } from './wheel.ts';

export type Totals = {
  iterations: number;
  refusals: number;
  /** Hints that sweeps sent, and messages whose session was somebody's already or had gone to sleep. */
  hints: number;
  vain: number;
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
/** An event of the calendar that is no session's. */
const WORKER_FREE = -1;

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
    ...{ iterations: 0, refusals: 0, hints: 0, vain: 0, postgres: 0, upstash: 0, sqs: 0, schedules: 0 },
    ...{ wakeSeconds: 0, iterateSeconds: 0, sessionsDone: 0 },
  };
  const peak = { queue: 0, queueAt: 0, workers: 0, wakes: 0, postgres: 0, upstash: 0, schedules: 0, sweptPerSecond: 0 };
  const states = sessionStates(sessions, queue, scenario.horizonSeconds);
  const sweep = sweeps(scenario, states);
  const { calls } = callsPerMinute(scenario);
  const bucket = { tokens: scenario.burstSeconds * (calls / MINUTE) };
  const depths: number[] = [];
  let workers = 0;
  for (let session = scenario.sleepers; session < sessions; session += 1) {
    states.wait(session, 0, HINT_AGAIN.least);
    states.send(session);
  }
  let awake = 0;

  for (let now = 0; now < scenario.horizonSeconds; now += 1) {
    const before = { postgres: totals.postgres, upstash: totals.upstash, schedules: totals.schedules };
    const perSecond = calls / MINUTE;
    bucket.tokens = Math.min(scenario.burstSeconds * perSecond, bucket.tokens + perSecond);
    for (; awake < scenario.sleepers && due[awake]! <= now; awake += 1) states.wait(awake, now, 0);
    for (const event of wheel.at(now)) {
      if (event === WORKER_FREE) {
        workers -= 1;
        continue;
      }
      // One that goes on was hinted by its owner; for one that was refused, the delayed message comes now, and the sweep may come by as well.
      const refused = event >= sessions;
      const session = refused ? event - sessions : event;
      states.wait(session, now, refused ? 0 : HINT_AGAIN.least);
      states.send(session);
    }
    states.ripen(now);
    const swept = sweep(now);
    totals.hints += swept.hints;
    totals.postgres += swept.pages;
    totals.sqs += Math.ceil(swept.hints / 10);
    totals.wakeSeconds += swept.running;
    if (now % MINUTE === 0) totals.upstash += PER_LOOK.upstash + PER_SWEEP.upstash;
    peak.wakes = Math.max(peak.wakes, swept.running);
    peak.sweptPerSecond = Math.max(peak.sweptPerSecond, swept.hints);

    while (workers < scenario.atOnce && queue.length > 0) {
      const { session, waits } = states.receive();
      workers += 1;
      if (!waits) {
        totals.vain += 1;
        totals.iterateSeconds += scenario.vainSeconds;
        count(totals, PER_VAIN);
        wheel.add(now + 1, WORKER_FREE);
        continue;
      }
      states.leave(session);
      const granted = bucket.tokens >= 1;
      const seconds = granted
        ? around(scenario.callSeconds, random) + scenario.overheadSeconds
        : scenario.refusedSeconds;
      const end = now + Math.max(1, Math.round(seconds));
      wheel.add(end, WORKER_FREE);
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
        wheel.add(end + Math.round(BACKOFF.least + BACKOFF.spread * random()), sessions + session);
      }
    }
    const messages = states.messages();
    if (messages > peak.queue) Object.assign(peak, { queue: messages, queueAt: now });
    peak.workers = Math.max(peak.workers, workers);
    for (const what of ['postgres', 'upstash', 'schedules'] as const)
      peak[what] = Math.max(peak[what], totals[what] - before[what]);
    if (now % 3_600 === 0) depths.push(messages);
  }
  return { lags: lagsOf(woken, inSwarm), unwoken: woken.filter(Number.isNaN).length, peak, totals, depths };
};

const count = (totals: Totals, costs: Partial<Record<'postgres' | 'upstash' | 'sqs' | 'schedules', number>>): void => {
  for (const [what, cost] of Object.entries(costs)) totals[what as keyof typeof costs] += cost;
};

/** Ascending, since sweeps take the longest due first. */
const dueTimes = ({ sleepers, windowSeconds }: Scenario, random: () => number): Float32Array =>
  Float32Array.from({ length: sleepers }, () => random() * windowSeconds).sort();

/**
 * The wake function. Each minute one is started by the recovery cron while anything is due, and in the sleepers' window another by the
 * schedule of the minute. Each takes page after page, past the rows that the others hold, until nothing is left or its time is up.
 */
const sweeps = ({ pageSize, pageSeconds, wakeTimeoutSeconds, windowSeconds }: Scenario, states: Sessions) => {
  let runs: { until: number; next: number }[] = [];
  return (now: number): { hints: number; pages: number; running: number } => {
    if (now % MINUTE === 0) {
      const starts = now <= windowSeconds + MINUTE ? 2 : 1;
      for (let i = 0; i < starts && states.anyRipe(); i += 1) runs.push({ until: now + wakeTimeoutSeconds, next: now });
    }
    let hints = 0;
    let pages = 0;
    const running = runs.length;
    for (const run of runs) {
      if (run.next > now) continue;
      const sent = states.sweep(pageSize, now);
      pages += 1;
      hints += sent;
      run.next = sent < pageSize ? Number.POSITIVE_INFINITY : now + pageSeconds;
    }
    runs = runs.filter(({ next, until }) => next < until);
    return { hints, pages, running };
  };
};

const lagsOf = (lags: Float32Array, inSwarm: (session: number) => boolean): Result['lags'] => {
  const ascending = (of: (session: number) => boolean) =>
    lags.filter((lag, session) => !Number.isNaN(lag) && of(session)).sort();
  return { all: ascending(() => true), others: ascending((session) => !inSwarm(session)), swarm: ascending(inSwarm) };
};
