/**
 * What a new owner makes of what it finds (DESIGN 4.2): first what persons want, then what was left open, then the next call.
 */
import { isKnownModel } from '../budget/pricing.ts';
import { afterReply } from './act.ts';
import { compact, think, windingDown } from './ask.ts';
import { boundary, toBed, windDownOver } from './bed.ts';
import { compactionDue } from './compact.ts';
import { unanswered } from './context.ts';
import type { Memory } from './memory.ts';
import { end, pauseFor, refusedCalls, waitFor } from './rest.ts';
import type { Entry, Known, Rested } from './session.ts';
import { known, pct, type Step, save } from './step.ts';

/** Claims without a settle or save since: above this the session is poison and must not be paid for again (R11). */
const MOST_ATTEMPTS = 5;

export const claimed = (s: Known & Rested, at: number): Step => {
  if (s.wishes.desired === 'cancel') {
    return save(s, { turn: refusedCalls(s.open, 'cancelled'), journal: [], due: at, rest: end(s, 'cancelled') });
  }
  if (s.attempts > MOST_ATTEMPTS) return poison(s, at);
  if (s.wishes.desired === 'pause') return pause(s, at);
  if (s.state === 'waiting' && s.wishes.inbox.length === 0) return stayWaiting(s, s.question, [], at);
  const journal = arrival(s, at);
  const { resume } = s.memory;
  const ready: Known = { ...known(s), memory: { ...s.memory, resume: null } };
  if (s.state === 'paused' && resume?.state === 'waiting' && s.wishes.inbox.length === 0) {
    return stayWaiting(ready, resume.question, journal, at);
  }
  return goOn(ready, journal, at);
};

const poison = (s: Known, at: number): Step =>
  save(s, {
    turn: refusedCalls(s.open, 'cut'),
    journal: [],
    due: at,
    rest: end(s, 'failed', {
      message:
        `The session was taken up ${s.attempts - 1} times in a row without getting anywhere: each time its worker died. What those attempts ` +
        'may have cost is charged. Its messages and files are kept; start another session from them.',
    }),
  });

const pause = (s: Known & Rested, at: number): Step => {
  if (s.state === 'paused') return save(s, { journal: [], due: at, rest: { ...pauseFor(s, s.error), journal: [] } });
  const resume =
    s.state === 'waiting'
      ? ({ state: 'waiting', question: s.question } as const)
      : ({ state: 'ready', question: null } as const);
  const paused = { ...s, memory: { ...s.memory, resume } };
  return save(paused, { journal: [], due: at, rest: pauseFor(paused, null) });
};

/** Woken by something that is no answer (a top-up, say). */
const stayWaiting = (s: Known, question: string | null, journal: Entry[], at: number): Step =>
  save(s, { journal, due: at, rest: { ...waitFor(s, question), journal: [] } });

const arrival = (s: Known & Rested, at: number): Entry[] => {
  if (s.state === 'sleeping') return [{ type: 'agent.waking', data: { reason: s.reason, early: s.until > at } }];
  if (s.state === 'exceeded')
    return [{ type: 'agent.waking', data: { reason: 'budget_exceeded', early: s.until > at } }];
  if (s.state === 'paused') return [{ type: 'agent.resumed', data: {} }];
  return [];
};

const goOn = (s: Known, journal: Entry[], at: number): Step => {
  if (!isKnownModel(s.facts.model)) return unpriced(s, journal, at);
  const next: Known = { ...s, memory: today(s) };
  if (s.open.length > 0) return afterReply(next, journal, at);
  if (next.memory.compact !== null) return compact(next, journal, at);
  if (replyStands(next)) return afterReply(next, journal, at);
  const stop = boundary(next, at);
  if (stop) return save(next, { journal, due: at, rest: stop });
  const winds = next.memory.windDown !== null && s.memory.windDown?.day !== s.day.date;
  const told = winds ? [...journal, windDownEntry(next)] : journal;
  if (windDownOver(next)) return toBed(next, told, at);
  if (compactionDue(next, at)) return compact({ ...next, memory: { ...next.memory, compact: 'full' } }, told, at);
  return think(next, told, at);
};

/** A reply without calls that was settled but whose end was not saved: it is decided now as its own owner would have. */
const replyStands = (s: Known): boolean =>
  !unanswered(s.history) && s.memory.replied !== null && s.memory.rested === null && s.wishes.inbox.length === 0;

const unpriced = (s: Known, journal: Entry[], at: number): Step => {
  const message = `No price is known for the model ${s.facts.model}, so no call to it can be held within the budget. Nothing was spent.`;
  const rest = end(s, 'failed', { code: 'unknown_model', message });
  return save(s, { turn: refusedCalls(s.open, 'cut'), journal, due: at, rest });
};

/** Enters or leaves the wind-down of this day; a bedtime compaction that midnight overtook is off. */
const today = (s: Known): Memory => {
  const { windDown, compact: owed, bedtime } = s.memory;
  const sameDay = windDown?.day === s.day.date;
  return {
    ...s.memory,
    compact: owed === 'bedtime' && bedtime !== s.day.date ? null : owed,
    windDown: windingDown(s) ? (sameDay ? windDown : { day: s.day.date, iterations: 0 }) : null,
  };
};

const windDownEntry = (s: Known): Entry => ({
  type: 'agent.winding_down',
  data: { budget_pct: pct(s), resets_at: new Date(s.day.resetsAt).toISOString() },
});
