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
  /** Model calls a minute that the provider allows; refilled all the time, with `burstSeconds` of it in the bucket. */
  requestsPerMinute: number;
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
  burstSeconds: 5,
  atOnce: 600,
  iterationsADay: 12,
  callSeconds: 7,
  overheadSeconds: 0.8,
  refusedSeconds: 1,
  vainSeconds: 0.1,
  pageSize: 1_000,
  pageSeconds: 2,
  wakeTimeoutSeconds: 300,
  fair: true,
  horizonSeconds: 86_400,
};

/** Requests of one iteration (test/local/acceptance/requests.test.ts counts them) and of one that the model's limit refused. */
export const PER_ITERATION = { postgres: 4, upstash: 2, sqs: 3 };
export const PER_REFUSAL = { postgres: 4, upstash: 2, schedules: 1 };
/** Of a message whose session cannot be claimed: it is received and deleted, and the view is told that nothing came of it. */
export const PER_VAIN = { postgres: 1, upstash: 2, sqs: 2 };
/** A sleep asks for one schedule; one in a minute makes it, the others are told that it is there. */
export const PER_SLEEP = { schedules: 1 };
