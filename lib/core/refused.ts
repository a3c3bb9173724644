/** A hold that was refused: which limit refused it decides what becomes of the session (R12). Nothing was bought. */

import { clearedResults, unpaidSummary } from './compact.ts';
import { clearsAnything, midTurn } from './context.ts';
import type { Suspension } from './effect.ts';
import { sleepForBudget } from './end-of-day.ts';
import type { LogEntry } from './events.ts';
import { spread } from './hash.ts';
import type { RefusedBy } from './input.ts';
import { windDownOver } from './limits.ts';
import { stepDown } from './model-ladder.ts';
import { count, think, worst } from './request-call.ts';
import { dollars } from './runtime-messages.ts';
import type { Day, Session, SessionData } from './session.ts';
import { known, type Step, save, wholeDay, windDownEntry } from './step.ts';
import { end, exceeded, nextAllowance, sleepUntil, waitFor } from './suspend.ts';

/** Others hold what we need: they settle within seconds as a rule, so try again soon, not tomorrow, and less often each time. */
const HELD_RETRY_MS = 2_000;
const LONGEST_HELD_RETRY_MS = 30_000;

type Reserving = Extract<Session, { state: 'reserving' }>;

/** A count is tried before the day, or the session's cap, is given up for lost. */
export function refused(s: Reserving, by: RefusedBy, day: Day, at: number): Step {
  const now: SessionData = { ...known(s), day };
  const { call, journal } = s;
  // The next claim takes the user's command up; until then nothing is bought.
  if (by === 'stopped') return save(now, { journal, due: at });
  if (by === 'held') return waitForOthers(now, journal, at);
  if (!call.counted) return count(now, call, journal);
  if (call.kind === 'compact') return withoutSummary(now, journal, at);
  if (day.spent > day.ceiling) return save(now, { journal, due: at, suspension: exceeded(now, at) });
  const cheaper = stepDown(now);
  if (cheaper) return think(cheaper, journal, at);
  // What the session's own cap leaves is used to the end, in replies as short as need be.
  if (by === 'cap' && call.bareOutput < call.leastOutput) return think(now, journal, at, { bare: true });
  if (by === 'cap')
    return save(now, { journal, due: at, suspension: capReached(now, worst(call, call.bareOutput, at)) });
  const least = worst(call, call.bareOutput, at);
  if (day.allowance > 0n && least > wholeDay(day)) return unaffordable(now, least, journal, at);
  if (call.noticed || s.iteration === 0 || midTurn(s)) return sleepForBudget(now, journal, at);
  return handOff(now, least, journal, at);
}

function capReached(s: SessionData, needed: bigint): Suspension {
  const { maxCost } = s.facts;
  const left = maxCost === null || maxCost < s.cost ? 0n : maxCost - s.cost;
  const message =
    `The next step needs at least ${dollars(needed)}, and of the session's own cost cap of ${dollars(maxCost ?? 0n)} ${dollars(left)} is left. ` +
    'Nothing was spent on it. What it wrote is kept: export it, or start another session with a higher max_cost_microdollars.';
  return end(s, 'cost_cap_reached', { message });
}

/** The day has not enough left for a whole step: what was set aside for it lets the agent hand off before it sleeps. */
function handOff(s: SessionData, needed: bigint, journal: LogEntry[], at: number): Step {
  const begun = s.memory.windDown?.day === s.day.date ? s.memory.windDown : null;
  const windDown = {
    day: s.day.date,
    iterations: begun?.iterations ?? 0,
    short: String(s.day.ceiling),
    needs: String(needed),
    ceiling: String(s.day.ceiling),
  };
  const next = { ...s, memory: { ...s.memory, windDown } };
  if (windDownOver(next)) return sleepForBudget(next, journal, at);
  return think(next, begun ? journal : [...journal, windDownEntry(next)], at);
}

function waitForOthers(s: SessionData, journal: LogEntry[], at: number): Step {
  const wait = Math.min(LONGEST_HELD_RETRY_MS, HELD_RETRY_MS * 2 ** Math.min(s.memory.waits, 10));
  const next = { ...s, memory: { ...s.memory, waits: s.memory.waits + 1 } };
  return save(next, { journal, due: at + wait + spread(`${s.facts.id}:${s.fence}`, wait / 2) });
}

/** The summary cannot be paid now: old results are cleared instead. A session about to sleep sleeps without a summary. */
export function withoutSummary(s: SessionData, journal: LogEntry[], at: number): Step {
  const beforeSleep = s.memory.compact === 'before_sleep';
  const next = { ...s, memory: beforeSleep ? { ...s.memory, compact: null } : unpaidSummary(s) };
  const suspension = beforeSleep ? sleepUntil(next, nextAllowance(next), 'allowance', at) : null;
  return save(next, { journal, due: at, suspension });
}

/** Not even a whole day pays for the next step: it is made smaller where that is possible, else the user is asked. */
function unaffordable(s: SessionData, least: bigint, journal: LogEntry[], at: number): Step {
  const smaller = { ...s, memory: clearedResults(s) };
  const clears = clearsAnything(s.history, s.memory.context.clearedBefore, smaller.memory.context.clearedBefore);
  return clears ? save(smaller, { journal, due: at }) : askForMoney(s, least, journal, at);
}

/**
 * The user is asked, once; every morning it is tried again, since a renewal or unspent money
 * may have made the day larger, and a top-up wakes it at once.
 */
function askForMoney(s: SessionData, least: bigint, journal: LogEntry[], at: number): Step {
  const next = { ...s, memory: { ...s.memory, unaffordable: true, floor: 0 } };
  const question =
    `The next step needs up to ${dollars(least)}, but a whole day allows${s.day.share ? ' this session' : ''} only ${dollars(wholeDay(s.day))}. Nothing was spent on it. ` +
    'Raise the budget or top up, or tell me how to go on with less; any message makes me try again.';
  const suspension = { ...waitFor(next, question), due: nextAllowance(next) };
  return save(s, { journal, due: at, suspension: s.memory.unaffordable ? { ...suspension, journal: [] } : suspension });
}
