import { modelCalls } from '../../lib/infra/concurrency.ts';
import { SPREAD } from './random.ts';

/** What is simulated, and what each step costs: the figures of this project's own protocol, and what is assumed of the world. */
export type Scenario = {
  seed: number;
  /** Sessions asleep that are due in the window after midnight, and sessions at work when it strikes. */
  sleepers: number;
  working: number;
  /** Seconds over which the sleepers' hours are spread. */
  windowSeconds: number;
  /** Users who own them. The first one owns `swarm` of all sleepers, to see what a swarm does to the others. */
  users: number;
  swarm: number;
  /** What the provider allows a minute; refilled all the time, with `burstSeconds` of it in the bucket. Cached input does not count. */
  requestsPerMinute: number;
  inputTokensPerMinute: number;
  outputTokensPerMinute: number;
  /** Tokens of a call that count against these limits. */
  inputTokens: number;
  outputTokens: number;
  burstSeconds: number;
  /** Iterations under way at once: the queue's maximum concurrency. */
  atOnce: number;
  /** Iterations of a session until its allowance is spent, on average (geometric). */
  iterationsADay: number;
  /** Seconds: a model call (log-normal about its median), what an iteration takes beside it, and a refused one altogether. */
  callSeconds: number;
  overheadSeconds: number;
  refusedSeconds: number;
  /** Seconds of an iteration that finds its session owned or asleep. */
  vainSeconds: number;
  /** Sessions that one sweep of the wake function takes, the seconds it takes for them, and its timeout. */
  pageSize: number;
  pageSeconds: number;
  wakeTimeoutSeconds: number;
  /** The largest compute of Neon, in units; the smallest is as small as Neon then allows. Hours of history that it keeps. */
  maxCu: number;
  restoreHours: number;
  /** Dollars a month, after which Upstash throttles. */
  upstashBudget: number;
  /** Message groups: a standard queue with the user as group is fair, one without is not. */
  fair: boolean;
  /** Simulated time from midnight, seconds. */
  horizonSeconds: number;
};

export const DEFAULTS: Scenario = {
  seed: 1,
  sleepers: 1_000_000,
  working: 10_000,
  windowSeconds: 900,
  users: 50_000,
  swarm: 0.05,
  requestsPerMinute: 4_000,
  inputTokensPerMinute: 4_000_000,
  outputTokensPerMinute: 800_000,
  inputTokens: 1_000,
  outputTokens: 400,
  burstSeconds: 5,
  atOnce: 300,
  iterationsADay: 12,
  callSeconds: 7,
  overheadSeconds: 0.8,
  refusedSeconds: 1,
  vainSeconds: 0.1,
  pageSize: 1_000,
  pageSeconds: 2,
  wakeTimeoutSeconds: 300,
  maxCu: 8,
  restoreHours: 6,
  upstashBudget: 5_000,
  fair: true,
  horizonSeconds: 86_400,
};

/**
 * Requests of one iteration (test/local/acceptance/requests.test.ts counts them) and of one that the model's limit refused. Of Upstash it is
 * commands, of which a script is one and each that it runs another (test/adapters/upstash-commands.test.ts counts them).
 */
export const PER_ITERATION = { postgres: 4, upstash: 16, sqs: 3 };
/**
 * What iterations ask of the function `sandbox`: every second one for half a second. Memory as in lib/infra/sandbox.ts; the shell takes 0.14 to 0.17 s of
 * a whole processor, Python 0.58 s.
 */
export const SANDBOX = { calls: 0.5, seconds: 0.5, gb: 1769 / 1024 };
export const PER_REFUSAL = { postgres: 4, upstash: 16, schedules: 1 };
/** Of a message whose session cannot be claimed: it is received and deleted, and the view is told that nothing came of it. */
export const PER_VAIN = { postgres: 1, upstash: 16, sqs: 2 };
/** Of the recovery cron, whether anything is due or not; and of its answer when it has asked Postgres. */
export const PER_LOOK = { upstash: 2 };
export const PER_SWEEP = { upstash: 3 };
/** Of a look of somebody who watches an event stream. */
export const PER_WATCH = { upstash: 4 };
/** A sleep asks for one schedule; one in a minute makes it, the others are told that it is there. */
export const PER_SLEEP = { schedules: 1 };
/** Bytes that Postgres writes to its history in an iteration with short turns (test/postgres/wal.test.ts), and that it answers with. */
export const BYTES = { history: 8_300, answered: 15_000, logged: 3_000 };

/** Calls a minute that all three limits of the provider allow, and which of them is the one that binds. */
export const callsPerMinute = (of: Scenario): { calls: number; boundBy: string } =>
  modelCalls({
    ...{ requests: of.requestsPerMinute, inputTokens: of.inputTokensPerMinute, outputTokens: of.outputTokensPerMinute },
    call: { inputTokens: of.inputTokens, outputTokens: of.outputTokens },
  });

/** Seconds of a call on average, which is log-normal about its median. */
export const meanCallSeconds = ({ callSeconds }: Scenario): number => callSeconds * Math.exp(SPREAD ** 2 / 2);
