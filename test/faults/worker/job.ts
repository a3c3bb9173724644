/** What a worker process is told, on its standard input, and what it tells, on its standard output: JSON lines. */
import type { FailpointName } from '../../kit/failpoints.ts';

/**
 * How a fault is made at a step. `kill`: SIGKILL. `zombie`: SIGSTOP, and SIGCONT when another owner has come. `throw`: an exception there.
 * Before a request: `error` (it never arrives, however often it is tried), `lost` (it takes effect, the reply does not come; once),
 * `lost_all` (likewise, however often). `midnight`: the next UTC day begins there. `person`: a user asks for a stop there.
 */
export const MODES = ['kill', 'zombie', 'throw', 'error', 'lost', 'lost_all', 'midnight'] as const;
export type Mode = (typeof MODES)[number];

/** At the `nth` time that the step is reached. */
export type Plan = { step: FailpointName; nth: number; mode: Mode };

export type Job = {
  kind: 'iterate' | 'wake';
  session: string;
  user: string;
  cron: 'recovery' | 'midnight' | 'schedule';
  /** Real milliseconds until it is killed, as an invocation is. */
  limitMs: number;
  /** By how much this process's own clock is wrong. */
  skewMs: number;
  /** By how much the run's clock has leapt ahead of real time. */
  leapMs: number;
  /** Ask for the prompt's size before every call. */
  count: boolean;
  plan: Plan | null;
};

export type Told =
  | { told: 'ready' }
  | { told: 'step'; step: FailpointName }
  /** The next thing that happens is the fault. */
  | { told: 'fault'; step: FailpointName; mode: Mode }
  | { told: 'claimed'; session: string; fence: number; at: number }
  /** The recovery cron left Postgres asleep. */
  | { told: 'slept' }
  /** A sweep that was asked for at `asked` has found them, and they are handed to the queue now. */
  | { told: 'swept'; sessions: string[]; asked: number; at: number }
  | { told: 'over'; failed: boolean };
