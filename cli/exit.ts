/** Exit codes, and what is said before a failure ends a command. */
import { CircadianError, type ErrorCode, type Session } from '../client/index.ts';
import { CommandError } from './io.ts';

/** Stable: scripts branch on these. The last ones are of `run -w` and `watch`. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  conflict: 5,
  noBudget: 6,
  rateLimited: 7,
  unavailable: 8,
  sessionFailed: 10,
  asleep: 11,
  waiting: 12,
  cancelled: 13,
  interrupted: 130,
} as const;

const OF_CODE: Partial<Record<ErrorCode, number>> = {
  no_budget: EXIT.noBudget,
  allowance_used: EXIT.noBudget,
  unreachable: EXIT.unavailable,
  timeout: EXIT.unavailable,
};
const OF_STATUS: Record<number, number> = {
  ...{ 400: EXIT.usage, 401: EXIT.auth, 403: EXIT.auth, 404: EXIT.notFound, 409: EXIT.conflict, 412: EXIT.conflict },
  ...{ 413: EXIT.usage, 422: EXIT.usage, 429: EXIT.rateLimited },
  ...{ 502: EXIT.unavailable, 503: EXIT.unavailable, 504: EXIT.unavailable },
};

/** The command that helps with a problem most often. */
const NEXT: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'circadian login',
  forbidden: 'circadian whoami',
  not_found: 'circadian ls',
  no_budget: 'circadian budget',
  allowance_used: 'circadian topup 1.00 --today',
  session_ended: 'circadian ls',
  too_many_sessions: 'circadian ls --status working,sleeping,paused',
  approval_closed: 'circadian inbox',
  approval_changed: 'circadian inbox',
  unreachable: 'circadian doctor',
  timeout: 'circadian doctor',
  unavailable: 'circadian doctor',
};

export type Failure = {
  exit: number;
  message: string;
  code: string | null;
  request: string | null;
  next: string | null;
};

export function failureOf(error: unknown): Failure {
  if (error instanceof CommandError)
    return { exit: error.exit, message: error.message, code: null, request: null, next: error.next };
  if (error instanceof CircadianError) {
    const wait = error.code === 'rate_limited' && error.retryAfter ? ` Try again in ${error.retryAfter} s.` : '';
    return {
      exit: OF_CODE[error.code] ?? OF_STATUS[error.status] ?? EXIT.failure,
      message: error.message + wait,
      ...{ code: error.code, request: error.requestId, next: NEXT[error.code] ?? null },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exit: EXIT.failure, message, code: null, request: null, next: null };
}

/** What a session that is looked at ends the command with; null: it goes on. `sleeps`: its sleep is an end, too. `people`: nobody can be asked. */
export function exitOf({ status }: Session, { sleeps, people }: { sleeps: boolean; people: boolean }): number | null {
  if (status === 'completed') return EXIT.ok;
  if (status === 'failed') return EXIT.sessionFailed;
  if (status === 'cancelled') return EXIT.cancelled;
  if (status === 'sleeping' || status === 'budget_exceeded') return sleeps ? EXIT.asleep : null;
  if (status === 'waiting_for_input' || status === 'paused') return people ? null : EXIT.waiting;
  return null;
}
