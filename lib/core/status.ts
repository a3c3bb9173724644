/**
 * What a user sees of a session's state: `status` and `step` of the API, derived in one place from the row. The row says what
 * is owed; the status says what that means to a reader at `now`.
 */
import type { PendingCommands, StoredState } from './session.ts';

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
    error: ended?.error ?? (status === 'paused' && state.state === 'paused' ? state.error : null),
    outcome: ended?.outcome ?? null,
  };
}
