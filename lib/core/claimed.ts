/**
 * The first decision after a claim: user commands, then open tool calls, then the next model call.
 */
import { isKnownModel } from '../budget/pricing.ts';
import { compactionDue } from './compact.ts';
import { midTurn, unanswered } from './context.ts';
import { sleepForBudget } from './end-of-day.ts';
import type { LogEntry } from './events.ts';
import { isDecided } from './gate.ts';
import { hasUnread } from './inbox.ts';
import { begunWindDown, boundary, windDownOver, woundDown } from './limits.ts';
import { list, listDue } from './list-tools.ts';
import type { Memory } from './memory.ts';
import { ownModel } from './model-ladder.ts';
import { afterReply } from './observed.ts';
import { compact, think } from './request-call.ts';
import { retiredError, takenOver } from './retire.ts';
import type { Claims, SessionData, SessionError, StoredState } from './session.ts';
import { known, type Step, save, waitingAgain, windDownEntry, windingDown } from './step.ts';
import { end, overClaimed, pauseFor, refusedCalls, sleepUntil, waitFor } from './suspend.ts';

/** Claims without a settle or save since: above this the session is poison and must not be paid for again (R11). */
const MOST_ATTEMPTS = 5;

export function claimed(s: SessionData & StoredState, at: number, claims?: Claims): Step {
  if (s.pending.desired === 'cancel') {
    return save(s, { turn: refusedCalls(s.open, 'cancelled'), journal: [], due: at, suspension: end(s, 'cancelled') });
  }
  if (s.fault) return pauseAgain(s, s.fault, at);
  if (s.attempts > MOST_ATTEMPTS) return poison(s, at);
  if (s.pending.desired === 'pause') return pause(s, at);
  if (claims && claims.today > claims.most)
    return save(s, { journal: [], due: at, suspension: overClaimed(s, claims) });
  const spoken = s.pending.inbox.length > 0;
  if (s.state === 'waiting' && (s.kind === 'approval' ? !isDecided(s) : !spoken && !s.memory.unaffordable))
    return stayWaiting(s, at);
  const denied = s.state === 'ready' && s.memory.resume?.state === 'waiting';
  return s.state === 'paused' || denied ? resume(s, spoken, at) : proceed(known(s), arrival(s, at), at);
}

/** Back to where the pause found it. What failed before it is forgotten: a user looked at it. */
function resume(s: SessionData & StoredState, spoken: boolean, at: number): Step {
  const was = s.memory.resume;
  const back: SessionData = {
    ...known(s),
    memory: { ...s.memory, ...takenOver(s), resume: null, failures: 0, doubts: 0, refusedBy: null },
  };
  const journal: LogEntry[] = s.state === 'paused' ? [{ type: 'agent.resumed', data: {} }] : [];
  if (was?.state === 'waiting' && !spoken && !s.memory.unaffordable) {
    return save(back, { journal, due: at, suspension: waitFor(back, was.question, was.choices) });
  }
  if (was?.state === 'sleeping' && !spoken && !s.pending.wakeRequested && was.until !== null && was.until > at) {
    return save(back, { journal, due: at, suspension: sleepUntil(back, was.until, 'agent', at) });
  }
  return proceed(back, journal, at);
}

const poison = (s: SessionData, at: number): Step =>
  save(s, {
    turn: refusedCalls(s.open, 'cut'),
    journal: [],
    due: at,
    suspension: end(s, 'failed', {
      message:
        `The session was taken up ${s.attempts - 1} times in a row without getting anywhere: each time its worker died. What those attempts ` +
        'may have cost is charged. Its messages and files are kept; start another session from them.',
    }),
  });

function pause(s: SessionData & StoredState, at: number): Step {
  if (s.state === 'paused') return pauseAgain(s, s.error, at);
  const paused = { ...s, memory: { ...s.memory, resume: resumeTo(s) } };
  return save(paused, { journal: [], due: at, suspension: pauseFor(paused, null) });
}

/** Where `resume` returns to from here. */
export function resumeTo(s: StoredState & { memory: Memory }): Memory['resume'] {
  if (s.state === 'waiting' && s.kind !== 'approval') return waitingAgain(s);
  if (s.state === 'sleeping' && s.reason === 'agent') return { state: 'sleeping', question: null, until: s.until };
  return s.memory.resume ?? { state: 'ready', question: null, until: null };
}

/** Journalled only when it is news. */
function pauseAgain(s: SessionData & StoredState, error: SessionError | null, at: number): Step {
  const suspension = pauseFor(s, error);
  const news = s.state !== 'paused' || s.error?.code !== error?.code;
  return save(s, { journal: [], due: at, suspension: news ? suspension : { ...suspension, journal: [] } });
}

/** Woken by something that is no answer (a top-up, say). */
function stayWaiting(s: SessionData & Extract<StoredState, { state: 'waiting' }>, at: number): Step {
  const { state, question, choices, kind } = s;
  const expires = s.open.flatMap(({ approval }) => (approval ? [approval.expiresAt] : []));
  const to = { state, question, ...(choices && { choices }), ...(kind && { kind }) };
  const due = Math.min(Number.POSITIVE_INFINITY, ...(kind === 'approval' ? expires : []));
  return save(s, {
    journal: [],
    due: at,
    suspension: { to, due, memory: s.memory, journal: [] },
  });
}

function arrival(s: SessionData & StoredState, at: number): LogEntry[] {
  if (s.state === 'sleeping') return [{ type: 'agent.waking', data: { reason: s.reason, early: s.until > at } }];
  if (s.state === 'exceeded') {
    return [{ type: 'agent.waking', data: { reason: 'budget_exceeded', early: s.until > at } }];
  }
  return [];
}

function proceed(s: SessionData, journal: LogEntry[], at: number): Step {
  if (!isKnownModel(ownModel(s))) return unpriced(s, journal, at);
  const next: SessionData = { ...s, memory: today(s) };
  const { finished, compact: owed, windDown } = next.memory;
  const silent = s.pending.inbox.length === 0;
  const read = !hasUnread(s.pending);
  if (finished !== null && read)
    return save(next, {
      ...{ journal, due: at },
      suspension: end(next, 'completed', { result: finished, json: next.memory.finishedJson }),
    });
  if (s.open.length > 0) return afterReply(next, journal, at);
  const decided = owed === null && read && replyStands(next);
  const retired = decided ? null : retiredError(next);
  if (retired) return pauseRetired(next, retired, journal, at);
  if (owed !== null) return compact(next, journal, at);
  if (decided) return afterReply(next, journal, at);
  const stop = boundary(next, at);
  if (stop) return save(next, { journal, due: at, suspension: stop });
  const winds = windDown !== null && s.memory.windDown?.day !== s.day.date;
  const told = winds ? [...journal, windDownEntry(next)] : journal;
  // What a user says is answered while it fits under the ceiling, also past the last iterations of a wind-down.
  if (windDownOver(next) && (silent || s.iteration === 0)) return sleepForBudget(next, told, at);
  if (compactionDue(next, at)) return compact({ ...next, memory: { ...next.memory, compact: 'full' } }, told, at);
  return listDue(next) ? list(next, told) : think(next, told, at);
}

/**
 * A reply without calls that was settled but whose end was not saved: it is decided now as its own owner would have. After a paused turn
 * there is nothing to decide: it goes on.
 */
const replyStands = (s: SessionData): boolean =>
  !unanswered(s.history, s.memory) && s.memory.replied !== null && !midTurn(s) && s.memory.rested === null;

function unpriced(s: SessionData, journal: LogEntry[], at: number): Step {
  const message = `No price is known for the model ${ownModel(s)}, so no call to it can be held within the budget. Nothing was spent.`;
  const suspension = end(s, 'failed', { code: 'unknown_model', message });
  return save(s, { turn: refusedCalls(s.open, 'cut'), journal, due: at, suspension });
}

/** Before anything is bought. Resuming takes it up where it stands. */
function pauseRetired(s: SessionData, error: SessionError, journal: LogEntry[], at: number): Step {
  const paused = { ...s, memory: { ...s.memory, resume: { state: 'ready', question: null, until: null } as const } };
  return save(paused, { journal, due: at, suspension: pauseFor(paused, error) });
}

/** Enters the wind-down of this day, or leaves it when money came; a summary before sleep that midnight or a top-up overtook is off. */
function today(s: SessionData): Memory {
  const { windDown, compact: owed, beforeSleep } = s.memory;
  const sameDay = windDown?.day === s.day.date;
  return {
    ...s.memory,
    compact: owed === 'before_sleep' && (beforeSleep !== s.day.date || !windingDown(s)) ? null : owed,
    windDown: windingDown(s) ? (sameDay ? windDown : woundDown(s, 0)) : begunWindDown(s),
  };
}
