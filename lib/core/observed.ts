/**
 * After a reply: run its tool calls, take in their results, or end the turn if there are none. Works the same after a
 * crash, from what was saved.
 */

import { INVALID_CALL, NOT_TAKEN } from './acceptance.ts';
import { clearedResults, preSleepCompaction } from './compact.ts';
import { midTurn, NO_TEXT, textOf, told } from './context.ts';
import { answerControls, type Steering } from './controls.ts';
import type { Suspension } from './effect.ts';
import { sleepForBudget } from './end-of-day.ts';
import type { LogEntry } from './events.ts';
import { asDecided, readFirst, sorted } from './gate.ts';
import { type Escalation, escalated, noticeResults, repetition, STEERING, stuck } from './guard.ts';
import { untilDecided } from './held.ts';
import { hasUnread } from './inbox.ts';
import { boundary, windDownOver } from './limits.ts';
import { shownIn } from './media.ts';
import type { Memory } from './memory.ts';
import { hasReadOutside } from './memory-news.ts';
import { offered } from './offered.ts';
import { charged, chargeEntries, closedBy } from './paid-tool.ts';
import { type McpState, met, statesOf } from './remote.ts';
import { MOST_MISFITTING_ENDS, NO_RESULT } from './result-schema.ts';
import { resultEntry, roomFor, withoutResult } from './results.ts';
import { finishNote, goOnNote, newDayNote, nudgeNote, preview } from './runtime-messages.ts';
import type { Block, Session, SessionData, ToolResult } from './session.ts';

import { budgetEntry, known, type Step, save, windingDown } from './step.ts';
import {
  end,
  nextAllowance,
  nextMidnight,
  pauseFor,
  refusedCalls,
  resultBlock,
  sleepUntil,
  waitFor,
} from './suspend.ts';

/** The reply stands at the end of the history: its calls, or what its end means. */
export function afterReply(s: SessionData, journal: LogEntry[], at: number): Step {
  const stopReason = s.memory.replied?.stopReason ?? 'end_turn';
  const entries = [...journal, budgetEntry(s)];
  if (stopReason === 'max_tokens') return goOn(s, 'max_tokens', entries, at);
  if (stopReason === 'model_context_window_exceeded') {
    return goOn({ ...s, memory: { ...clearedResults(s), compact: 'full' } }, 'window', entries, at);
  }
  if (s.open.length > 0) return act(s, entries, at);
  if (stopReason === INVALID_CALL) return goOn(s, INVALID_CALL, entries, at);
  if (midTurn(s)) return turnPaused(s, entries, at);
  if (stopReason === 'pause_turn') return goOn(s, 'pause_turn', entries, at);
  return turnEnded(s, entries, at);
}

/** Replies in a row that were cut at their length limit, before the user is asked. */
const MOST_CUTS = 3;

/**
 * The provider paused the model in the midst of its turn: it goes on when the reply is sent back as it is, with nothing of ours after it
 * (provider's page "Stop reasons and fallback").
 */
function turnPaused(s: SessionData, journal: LogEntry[], at: number): Step {
  if (s.memory.cuts < MOST_PAUSES) return save(s, { journal, due: at, suspension: boundary(s, at) });
  const next = { ...s, memory: { ...s.memory, cuts: 0 } };
  return save(next, { journal, due: at, suspension: boundary(next, at) ?? pauseFor(next, ENDLESS_TURN) });
}

const MOST_PAUSES = 10;
const ENDLESS_TURN = {
  code: 'api_error',
  message:
    'The provider paused the same turn ten times in a row, and each time costs money. Nothing is lost; resume the session to let it go on.',
};

type Broken = 'max_tokens' | 'window' | 'pause_turn' | typeof INVALID_CALL;

/** The reply broke off: its calls never run, and the agent is asked to go on. */
function goOn(s: SessionData, why: Broken, journal: LogEntry[], at: number): Step {
  const note = why === INVALID_CALL ? notTaken(s) : goOnNote(why).content;
  const turn = [...(refusedCalls(s.open, 'cut') ?? []), ...note];
  const suspension = boundary(s, at);
  if (suspension === null && hasUnread(s.pending)) return save(s, { turn, journal, due: at });
  if (suspension === null && s.memory.cuts >= MOST_CUTS) {
    const next = { ...s, memory: { ...s.memory, cuts: 0 } };
    return save(next, {
      turn,
      journal,
      due: at,
      suspension: waitFor(next, why === INVALID_CALL ? NO_SUCH_CALLS : TOO_LONG_WINDED),
    });
  }
  if (suspension === null && windDownOver(s)) return sleepForBudget(s, journal, at, { turn });
  return save(s, { turn, journal, due: at, suspension });
}

const TOO_LONG_WINDED =
  'Three of my replies in a row were cut off at their length limit, so I am getting nowhere and each costs money. How shall I make it smaller?';

const NO_SUCH_CALLS =
  'Three of my replies in a row asked for tools in a way that nobody can run, so I am getting nowhere and each costs money. How shall I go on?';

/** What the agent is told of those calls of its last reply that could not be kept as such. */
const notTaken = ({ memory }: SessionData): Block[] =>
  memory.replied?.stopReason === INVALID_CALL ? [{ type: 'text', text: NOT_TAKEN, runtime: true }] : [];

function turnEnded(s: SessionData, journal: LogEntry[], at: number): Step {
  // What a user said while the turn was paused is told next.
  if (hasUnread(s.pending)) return save(s, { journal, due: at });
  const { replied, blank } = s.memory;
  const result = textOf(told(s.history, s.memory).at(-1)?.content ?? []);
  if (result === NO_TEXT && !blank) {
    return save({ ...s, memory: { ...s.memory, blank: true } }, { turn: nudgeNote.content, journal, due: at });
  }
  if (replied?.noticed && windingDown(s))
    return sleepForBudget(s, journal, at, { note: result === NO_TEXT ? null : preview(result) });
  // The notice is stale: midnight or a top-up came while it worked.
  if (replied?.noticed) return save(s, { turn: newDayNote.content, journal, due: at });
  if (s.facts.onEndTurn === 'wait') return save(s, { journal, due: at, suspension: waitFor(s, null) });
  if (s.facts.resultSchema) return endedWithoutResult(s, journal, at);
  return save(s, { journal, due: at, suspension: end(s, 'completed', { result }) });
}

/** Runs what is to be run now. */
function act(s: SessionData, journal: LogEntry[], at: number): Step {
  if (repetition(s.memory.guard) === 'stop' && s.policy.repetitionGuard) {
    return save(s, {
      turn: refusedCalls(s.open, 'repeated'),
      journal,
      due: at,
      suspension: end(s, 'repetition_detected'),
    });
  }
  const { calls, gate } = sorted(s, at);
  const acting: Acting = { ...known(s), state: 'acting', journal, ...(gate && { gate }) };
  if (calls.length === 0) return observe(acting, [], at);
  const servers = statesOf(s.memory);
  const effect = {
    type: 'act' as const,
    calls: calls.map((call) => offered(s, call)),
    ...(Object.keys(servers).length > 0 && { servers }),
  };
  return { session: acting, effects: [effect] };
}

type Acting = Extract<Session, { state: 'acting' }>;

export function observe(s: Acting, results: ToolResult[], at: number, servers: Record<string, McpState> = {}): Step {
  if (s.gate && s.gate.held.length > 0) return untilDecided(s, s.gate, { results, servers }, at);
  const answered = readFirst(s, answerControls(s.open, s.memory.phase, s.facts));
  const told = [...results, ...(s.gate?.verdicts ?? []), ...answered.results];
  const byId = new Map(told.map((r) => [r.id, r]));
  const ordered = s.open.map((call): ToolResult => asDecided(byId.get(call.id) ?? withoutResult(s, call), call));
  const verdict = s.policy.repetitionGuard
    ? noticeResults(s.memory.guard, s.open, ordered)
    : { guard: s.memory.guard, escalate: null };
  const shown = shownIn(ordered.flatMap(({ media = [] }) => media));
  const next: SessionData = {
    ...charged(known(s), results),
    memory: {
      ...shaped(roomFor(shown, s), answered.steering),
      ...met(s.memory, servers, results),
      guard: verdict.guard,
      phase: answered.steering.phase,
      outside: hasReadOutside(s, results),
    },
  };
  const steer = s.policy.repetitionGuard && repetition(verdict.guard) === 'steer';
  const turn: Block[] = [
    ...ordered.map((r) => resultBlock(r.id, r.content, r.isError)),
    ...shown,
    ...(steer ? [{ type: 'text', text: STEERING, runtime: true } as const] : []),
    ...notTaken(next),
  ];
  const journal = [
    ...s.journal,
    ...answered.journal,
    ...ordered.map((r) => resultEntry(r, s.open)),
    ...chargeEntries(s, next),
    ...(verdict.escalate ? [escalated(verdict.escalate, next.memory.guard)] : []),
  ];
  const paid = closedBy(results);
  const waits = results.find((r) => r.waits !== undefined)?.waits ?? null;
  const suspension = keepAwakeForUnread(
    next,
    decided(next, answered.steering, { escalate: verdict.escalate, waits }, at),
  );
  const { finish, sleep } = answered.steering;
  const endsTheDay =
    suspension?.to.state === 'sleeping' &&
    suspension.due <= nextAllowance(next) &&
    suspension.to.reason === 'allowance' &&
    preSleepCompaction(next, at);
  if (endsTheDay || (suspension === null && windDownOver(next) && !hasUnread(next.pending))) {
    return sleepForBudget(next, journal, at, { turn, paid, note: sleep?.note ?? null });
  }
  const finished = finish && { finished: resultOf(next, finish), finishedJson: finish.json };
  const ending = finished ? { ...next, memory: { ...next.memory, ...finished } } : next;
  return save(ending, {
    turn: overslept(next, sleep) ? [...turn, ...newDayNote.content] : turn,
    paid,
    journal,
    due: at,
    suspension,
  });
}

/**
 * A user spoke, or sent files, after the prompt of this reply was made. Its worker died, or was stopped, before its calls were run. The session does
 * not suspend itself: the next prompt brings what is unread (R5).
 */
function keepAwakeForUnread(s: SessionData, suspension: Suspension | null): Suspension | null {
  const { state } = suspension?.to ?? {};
  const ownAccord =
    state === 'sleeping' ||
    state === 'waiting' ||
    (suspension?.to.state === 'ended' && suspension.to.outcome === 'completed');
  return hasUnread(s.pending) && ownAccord ? null : suspension;
}

/** It wants to sleep till the morning that the notice named, but that morning is here. */
const overslept = (s: SessionData, sleep: Steering['sleep']): boolean =>
  sleep !== null &&
  sleep.minutes === null &&
  sleep.until === null &&
  s.memory.replied?.noticed === true &&
  !windingDown(s);

/** A finish without a result hands over what the turn says, and one that is data and says nothing, its beginning. */
function resultOf(s: SessionData, { result, json }: NonNullable<Steering['finish']>): string {
  const said = result ?? textOf(s.history.findLast(({ role }) => role === 'assistant')?.content ?? []);
  return json && (said === '' || said === NO_TEXT) ? preview(JSON.stringify(json)) : said;
}

/** Counts an end in another shape than the session's result has; 0 again: the person is asked. */
const shaped = (memory: Memory, { misfits, finish }: Pick<Steering, 'misfits' | 'finish'>): Memory =>
  misfits && !finish ? { ...memory, misfits: (memory.misfits + 1) % MOST_MISFITTING_ENDS } : memory;

/** It has ended its turn, and its session wants a result that a program can read. */
function endedWithoutResult(s: SessionData, journal: LogEntry[], at: number): Step {
  const next = { ...s, memory: shaped(s.memory, { misfits: true, finish: null }) };
  const suspension = next.memory.misfits === 0 ? waitFor(next, NO_RESULT) : null;
  return save(next, { turn: finishNote.content, journal, due: at, suspension });
}

/** What the turn's calls and the limits make of the session, the strongest first. Null: it goes on. */
function decided(
  s: SessionData,
  steering: Steering,
  { escalate, waits }: { escalate: Escalation | null; waits: string | null },
  at: number,
): Suspension | null {
  if (steering.finish) return end(s, 'completed', { result: resultOf(s, steering.finish), json: steering.finish.json });
  if (escalate?.stop) return end(s, 'escalation_threshold_exceeded');
  const stop = boundary(s, at);
  if (stop) return stop;
  if (waits !== null) return waitFor(s, waits);
  if (steering.misfits && s.memory.misfits === 0) return waitFor(s, NO_RESULT);
  if (steering.ask) return waitFor(s, steering.ask.question, steering.ask.choices);
  if (escalate) return waitFor(s, stuck(escalate));
  if (steering.sleep && !overslept(s, steering.sleep)) return sleepAsAsked(s, steering.sleep, at);
  return null;
}

const LONGEST_SLEEP_MS = 31 * 86_400_000;
const SHORTEST_SLEEP_MS = 60_000;

type SleepRequest = NonNullable<Steering['sleep']>;

/** Null: until the next day's allowance. An instant that is past or years away is moved to where sleeping makes sense. */
function askedUntil({ minutes, until }: SleepRequest, at: number): number | null {
  if (minutes !== null) return at + minutes * 60_000;
  return until === null ? null : Math.min(at + LONGEST_SLEEP_MS, Math.max(at + SHORTEST_SLEEP_MS, until));
}

function sleepAsAsked(s: SessionData, asked: SleepRequest, at: number): Suspension {
  const until = askedUntil(asked, at);
  if (!windingDown(s)) return sleepUntil(s, until ?? nextMidnight(s), 'agent', at, asked.note);
  return sleepUntil(s, Math.max(nextAllowance(s), until ?? 0), 'allowance', at, asked.note);
}
