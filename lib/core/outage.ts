/**
 * An outage of the provider. A call that failed so that it may have been billed keeps its whole hold charged (R7): of no failure do the
 * provider's documents say that it costs nothing (https://platform.claude.com/docs/en/api/errors). So each try may cost as much, and the user,
 * not each session, holds back: the database lets one session probe at a time, see `Sessions.reserve`.
 */
import type { Input } from './input.ts';
import { withoutSummary } from './refused.ts';
import type { Session, SessionData } from './session.ts';
import { known, type Step, save } from './step.ts';
import { backOff } from './suspend.ts';

/** Should the database not say when. */
const AGAIN_MS = 60_000;

type Reserving = Extract<Session, { state: 'reserving' }>;
type Refused = Extract<Input, { type: 'refused' }>;

/** It sleeps until it may try, or until another session's call comes through. A summary before sleep is not waited for. */
export function heldBack(s: Reserving, { day, until, at }: Refused): Step {
  const now: SessionData = { ...known(s), day };
  const { call, journal } = s;
  if (call.kind === 'compact' && s.memory.compact === 'before_sleep') return withoutSummary(now, journal, at);
  return save(now, { journal, due: at, suspension: backOff(now, Math.max(until ?? at + AGAIN_MS, at), 'overloaded') });
}
