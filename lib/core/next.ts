/**
 * next: all decisions about one session. The session and an input in; the session and the effects to perform out. No clock, no randomness,
 * no I/O. What concerns several sessions, or a command that comes meanwhile, is decided under a lock in SQL: claim, reserve, save.
 *
 *   claimed ─▶ (list) ─▶ reserve ─▶ think ─▶ settle ─▶ act ─▶ save ─▶ chain | sleep
 *
 * Every arrow is one effect. Its outcome comes back as the next input; chain and sleep have none. What a crash interrupts is rebuilt from what was saved, by `claimed`.
 */

import { claimed } from './claimed.ts';
import { type Effect, LONGEST_DELAY_MS, type Suspension } from './effect.ts';
import { failed } from './failed.ts';
import type { Input } from './input.ts';
import { listed } from './list-tools.ts';
import { withCall } from './model-called.ts';
import { afterReply, observe } from './observed.ts';
import { heldBack } from './outage.ts';
import { refused } from './refused.ts';
import { replied } from './replied.ts';
import { counted, granted } from './request-call.ts';
import type { Session, SessionData, StoredState, SuspendedState } from './session.ts';
import { budgetEntry, known, type Step, save, windingDown } from './step.ts';
import { backOff, end, nextAllowance, pauseFor, sleepUntil } from './suspend.ts';

/** Throws only on an event that does not belong to the state: a bug in the caller, never a fact of the world. */
export function next(session: Session, event: Input): Step {
  switch (event.type) {
    case 'claimed':
      if (isStored(session)) return claimed(session, event.at, event.claims);
      break;
    case 'listed':
      if (session.state === 'listing') return listed(session, event, event.at);
      break;
    case 'counted':
      if (session.state === 'counting') return counted(session, event.tokens, event.at);
      break;
    case 'granted':
      if (session.state === 'reserving') return granted(session, event.amount, event.day, event.at);
      break;
    case 'refused':
      if (session.state === 'reserving')
        return event.by === 'outage' ? heldBack(session, event) : refused(session, event.by, event.day, event.at);
      break;
    case 'replied':
      if (session.state === 'thinking') return withCall(session, replied(session, event.reply, event.at), event.at);
      break;
    case 'failed':
      if (session.state === 'thinking') return withCall(session, failed(session, event.failure, event.at), event.at);
      break;
    case 'settled':
      if (session.state === 'settling')
        return settled({ ...session, day: event.day, cost: event.cost }, event.pending.desired, event.at);
      break;
    case 'observed':
      if (session.state === 'acting') return observe(session, event.results, event.at, event.servers);
      break;
    case 'saved':
      if (session.state === 'saving') return saved(session, event);
      break;
    default:
      return event satisfies never;
  }
  throw new Error(`The event ${event.type} does not belong to a session that is ${session.state}.`);
}

const isStored = (s: Session): s is SessionData & StoredState =>
  ['ready', 'sleeping', 'waiting', 'paused', 'exceeded', 'ended'].includes(s.state);

type Settling = Extract<Session, { state: 'settling' }>;

/** The money is settled and the reply stored. A pause or cancel learned just now is taken up by the next claim, before anything more is done. */
function settled(s: Settling, desired: 'run' | 'pause' | 'cancel', at: number): Step {
  const { after } = s;
  if (after.type === 'replied')
    return desired === 'run' ? afterReply(known(s), [], at) : save(s, { journal: [budgetEntry(s)], due: at });
  if (after.type === 'retry') return save(s, { journal: [budgetEntry(s)], due: after.due });
  if (after.type === 'suspend')
    return save(s, { journal: [budgetEntry(s)], due: at, suspension: suspensionTo(s, after.to, after.due) });
  const night = after.beforeSleep && s.memory.beforeSleep === s.day.date && windingDown(s);
  const suspension = night ? sleepUntil(s, nextAllowance(s), 'allowance', at) : null;
  return save(s, { journal: [budgetEntry(s)], due: at, suspension });
}

/** The suspension that a failed call can lead to. */
function suspensionTo(s: SessionData, to: SuspendedState, due: number): Suspension {
  if (to.state === 'sleeping') return backOff(s, due, to.reason);
  if (to.state === 'paused') return pauseFor(s, to.error);
  if (to.state === 'ended') return end(s, to.outcome, { code: to.error?.code, message: to.error?.message });
  throw new Error(`A failed call does not lead to ${to.state}.`);
}

type SavedInput = Extract<Input, { type: 'saved' }>;

/** The last step: what was saved says when it moves next, and this asks for it. */
function saved(s: Extract<Session, { state: 'saving' }>, { at, state, due, chain }: SavedInput): Step {
  const rested: StoredState = s.suspended?.state === state ? s.suspended : { state: 'ready' };
  return { session: { ...known(s), ...rested }, effects: hint(at, due, chain) };
}

function hint(at: number, due: number, chain: boolean): Effect[] {
  if (chain) return [{ type: 'chain', delayMs: 0 }];
  if (!Number.isFinite(due)) return [];
  return due - at <= LONGEST_DELAY_MS
    ? [{ type: 'chain', delayMs: Math.max(0, due - at) }]
    : [{ type: 'sleep', until: due }];
}
