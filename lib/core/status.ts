/**
 * What a user sees of a session's state: `status` and `step` of the API, derived in one place from the row. The row says what
 * is owed; the status says what that means to a reader at `now`.
 */
import type { Memory } from './memory.ts';
import type { PendingCommands, StoredState } from './session.ts';
import { CRON_MS, LEASE_MS } from './times.ts';

export const STATUSES = [
  'working',
  'sleeping',
  'waiting_for_input',
  'paused',
  'budget_exceeded',
  'completed',
  'failed',
  'cancelled',
] as const;
export type Status = (typeof STATUSES)[number];

/** `due` and `now` are the database's instants in milliseconds; an ended session's `due` does not matter. */
export type StatusInput = { state: StoredState; desired: PendingCommands['desired']; due: number; now: number };

/**
 * An outcome decides first, then a pending command (a user who paused sees "paused" at once), then the clock: whatever is due or overdue
 * is working, be it queued, owned or on its way.
 */
export function statusOf({ state, desired, due, now }: StatusInput): Status {
  if (state.state === 'ended') return statusOfOutcome(state.outcome);
  if (desired === 'cancel') return 'cancelled';
  if (desired === 'pause') return 'paused';
  if (state.state === 'ready' || due <= now) return 'working';
  if (state.state === 'exceeded') return 'budget_exceeded';
  if (state.state === 'waiting') return 'waiting_for_input';
  return state.state;
}

function statusOfOutcome(outcome: string): Status {
  return outcome === 'completed' || outcome === 'cancelled' ? outcome : 'failed';
}

/** When the session wakes by itself, or null if it does not sleep or only a user moves it. */
export function wakeAtOf(standing: StatusInput): number | null {
  const status = statusOf(standing);
  const asleep = status === 'sleeping' || status === 'budget_exceeded';
  return asleep && Number.isFinite(standing.due) ? standing.due : null;
}

/** Where in its iteration a working session is: null between two invocations. `holding` and `calling`: an open hold, open tool calls. */
export function stepOf(row: { status: Status; owned: boolean; holding: boolean; calling: boolean }) {
  if (row.status !== 'working' || !row.owned) return null;
  if (row.holding) return 'think';
  return row.calling ? 'act' : 'load';
}

/**
 * What a working session does. `queued`: it is due, and an invocation will take it up. `late`: it has been due for more than two minutes.
 * Its hint is lost, or all workers are busy. The recovery cron looks for it each minute. `loading`, `thinking`, `acting`: the parts of its iteration. `silent`: its
 * worker has not been heard of for a lease's time; another one takes the session up from its last save.
 */
export const ACTIVITIES = ['queued', 'late', 'loading', 'thinking', 'acting', 'silent'] as const;

/** A lost hint is made good by the recovery cron within a minute: what is due for twice that is late. Milliseconds. */
const LATE_MS = 2 * CRON_MS;

/**
 * A working session's row. `heartbeatAt`: when its worker was last heard of. `hold`: what is reserved for the calls under way, and since when for that of the
 * model; null: only for paid tools.
 * `updatedAt` is of its last transition, `movedAt` of its last save or settlement. Milliseconds of the database's clock, microdollars.
 */
export type WorkingRow = {
  owned: boolean;
  due: number;
  now: number;
  updatedAt: number;
  movedAt: number | null;
  heartbeatAt: number | null;
  attempts: number;
  hold: { amount: bigint; at: number | null } | null;
  calling: boolean;
};

/** `since`: when it began to be so. `attempts`: claims since it last got anywhere; more than 1 says that workers died. */
export type Activity = {
  state: (typeof ACTIVITIES)[number];
  since: number;
  dueAt: number | null;
  heartbeatAt: number | null;
  attempts: number;
  held: bigint;
};

/** Null: the session does not work. */
export function activityOf(status: Status, row: WorkingRow): Activity | null {
  if (status !== 'working') return null;
  const { owned, now, heartbeatAt, attempts, hold } = row;
  // Between two iterations a row stays due since the first of them.
  const due = Math.max(row.due, row.movedAt ?? row.due);
  const common = { dueAt: due, heartbeatAt: owned ? heartbeatAt : null, attempts, held: hold?.amount ?? 0n };
  if (!owned) return { ...common, state: now - due > LATE_MS ? 'late' : 'queued', since: due };
  if (heartbeatAt !== null && now - heartbeatAt >= LEASE_MS) return { ...common, state: 'silent', since: heartbeatAt };
  if (hold && hold.at !== null) return { ...common, state: 'thinking', since: hold.at };
  return { ...common, state: row.calling ? 'acting' : 'loading', since: row.updatedAt };
}

/**
 * Whether a step did not fit into this day, so that the session has handed off and does not go on before there is more money; and what the step that it
 * stands before needs at least, microdollars. `least`: what its last call asked for.
 */
export function shortOf(windDown: Memory['windDown'], day: { date: string; ceiling: bigint }, least: bigint) {
  const fellShort = windDown?.day === day.date && windDown.short === String(day.ceiling);
  const needs = fellShort ? BigInt(windDown.needs ?? 0) : 0n;
  return { fellShort, needed: needs > least ? needs : least };
}

/** The parts of a session's view that its state alone decides. */
export function detailsOf(standing: StatusInput) {
  const { state } = standing;
  const status = statusOf(standing);
  const ended = state.state === 'ended' ? state : null;
  return {
    status,
    wakeAt: wakeAtOf(standing),
    sleepReason: status === 'sleeping' && state.state === 'sleeping' ? state.reason : null,
    question: status === 'waiting_for_input' && state.state === 'waiting' ? state.question : null,
    result: ended?.result ?? null,
    resultJson: ended?.resultJson ?? null,
    error: ended?.error ?? (status === 'paused' && state.state === 'paused' ? state.error : null),
    outcome: ended?.outcome ?? null,
  };
}

/** What it waits for, of its user; null: it does not. `since`: when it began to. `approvals`: the questions without a decision. */
export function waitingOf<T>(standing: StatusInput, since: number, approvals: T[]) {
  const { state } = standing;
  if (state.state !== 'waiting' || statusOf(standing) !== 'waiting_for_input') return null;
  const kind = state.kind ?? ('question' as const);
  const { question, choices = null } = state;
  return { kind, question, choices, since, approvals: kind === 'approval' ? approvals : [] };
}
