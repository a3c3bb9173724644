/**
 * How a session is suspended: the state, and the journal entry and memory that belong to it if it really comes true (R5).
 */

import { resumeCost } from '../budget/resume-cost.ts';
import { sleepLimit } from '../budget/sleep-limit.ts';
import type { Suspension } from './effect.ts';
import { spread } from './hash.ts';
import type { Memory } from './memory.ts';
import { modelOf } from './model-ladder.ts';
import { preview, REFUSALS } from './runtime-messages.ts';
import type { Block, Claims, Outcome, ResultJson, SessionData, SleepReason, ToolCall } from './session.ts';
import { shortOf } from './status.ts';
import { free } from './step.ts';

const iso = (at: number): string | null => (Number.isFinite(at) ? new Date(at).toISOString() : null);

/** Midnight UTC, at this session's place in the window over which the sleepers of one midnight are spread. */
export const nextMidnight = (s: SessionData): number => s.day.resetsAt + spread(s.facts.id, s.policy.wakeWindowMs);

/** When the next day's allowance wakes this session; never by itself under `manual`. */
export const nextAllowance = (s: SessionData): number =>
  s.facts.wakePolicy === 'manual' ? Number.POSITIVE_INFINITY : nextMidnight(s);

/**
 * A rest that was interrupted without a word of the agent goes on: the agent is told when it began. After a rest the same call is no
 * repetition: its result may have changed.
 */
const slept = (memory: Memory, reason: string, at: number, note: string | null): Memory => ({
  ...memory,
  handOff: note ?? memory.handOff,
  rested: memory.rested ?? { reason, since: at },
  guard: { ...memory.guard, last: null, streak: 0, peak: 0 },
});

/** A sleep that the agent is told about when it wakes. `note`: its hand-off note. */
export function sleepUntil(
  s: SessionData,
  until: number,
  reason: SleepReason,
  at: number,
  note: string | null = null,
): Suspension {
  const resumes = resumeCost(modelOf(s), s.memory.counted?.tokens ?? null, s.policy.inferenceGeo);
  const data = {
    ...{ reason, wake_at: iso(until) },
    ...(reason === 'allowance' && amounts(s)),
    ...(resumes !== null && { resume_cost_microdollars: Number(resumes) }),
    ...(note !== null && { note: preview(note) }),
  };
  return {
    to: { state: 'sleeping', until, reason },
    due: until,
    memory: slept(s.memory, reason, at, note),
    journal: [{ type: 'agent.sleeping', data }],
  };
}

/** Why it sleeps for want of money. What its next step needs is told where that is more than there is, and the step is what does not fit. */
function amounts({ memory, day, least }: SessionData) {
  const { needed } = shortOf(memory.windDown, day, least);
  const limit = sleepLimit({ ...day, kept: day.kept ?? 0n, needed });
  const tells = needed > free(day) && (limit === 'next_step' || limit === 'share');
  return {
    limit,
    ...(tells && { needed_microdollars: Number(needed) }),
    available_microdollars: Number(free(day)),
  };
}

/** A pause between two tries of the same call: the agent never learns of it. */
export const backOff = (s: SessionData, until: number, reason: SleepReason): Suspension => ({
  to: { state: 'sleeping', until, reason },
  due: until,
  memory: s.memory,
  journal: [{ type: 'agent.sleeping', data: { reason, wake_at: iso(until) } }],
});

/** The operator's limit of claims a day is passed: something goes round in circles. Until midnight, and the agent never learns of it. */
export const overClaimed = (s: SessionData, { most }: Claims): Suspension => ({
  to: { state: 'sleeping', until: s.day.resetsAt, reason: 'claim_limit' },
  due: s.day.resetsAt,
  memory: s.memory,
  journal: [{ type: 'agent.retrying', data: { reason: 'daily_claims', claims: most, wake_at: iso(s.day.resetsAt) } }],
});

/** The breaker: more was spent than the ceiling allows, by a bill above its hold or a plan lowered meanwhile. */
export function exceeded(s: SessionData, at: number): Suspension {
  const until = nextAllowance(s);
  return {
    to: { state: 'exceeded', until },
    due: until,
    memory: slept(s.memory, 'exceeded', at, null),
    journal: [
      {
        type: 'agent.budget_exceeded',
        data: {
          spent_microdollars: Number(s.day.spent),
          hard_ceiling_microdollars: Number(s.day.ceiling),
          wake_at: iso(until),
        },
      },
    ],
  };
}

export const waitFor = (s: SessionData, question: string | null, choices?: string[]): Suspension => ({
  to: { state: 'waiting', question, ...(choices && { choices }) },
  due: Number.POSITIVE_INFINITY,
  memory: s.memory,
  journal: [{ type: 'agent.waiting_for_input', data: { question, kind: 'question', ...(choices && { choices }) } }],
});

/** Calls of `tools` wait for decisions; the first question expires at `until`. `besides`: what else the person should know, a sentence or more. */
export function waitForApproval(
  s: SessionData,
  tools: string[],
  until: number,
  besides: string | null = null,
): Suspension {
  const names = [...new Set(tools)].join(', ');
  const waits = `${tools.length === 1 ? 'A call' : `${tools.length} calls`} of ${names} ${tools.length === 1 ? 'waits' : 'wait'} for your decision.`;
  const question =
    besides === null
      ? waits
      : `${waits} Your decision lets me go on; a message withdraws the question. There is something else:\n\n${besides}`;
  const resumes = resumeCost(modelOf(s), s.memory.counted?.tokens ?? null, s.policy.inferenceGeo);
  return {
    to: { state: 'waiting', question, kind: 'approval' },
    due: until,
    memory: s.memory,
    journal: [
      {
        type: 'agent.waiting_for_input',
        data: {
          ...{ question, kind: 'approval', expires_at: new Date(until).toISOString() },
          ...(resumes !== null && { resume_cost_microdollars: Number(resumes) }),
        },
      },
    ],
  };
}

export const pauseFor = (s: SessionData, error: { code: string; message: string } | null): Suspension => ({
  to: { state: 'paused', error },
  due: Number.POSITIVE_INFINITY,
  memory: s.memory,
  journal: [{ type: 'agent.paused', data: error ? { error } : {} }],
});

const ending: Record<Exclude<Outcome, 'completed' | 'cancelled'>, string> = {
  iteration_limit_reached:
    'The session reached its limit of iterations. Start another one with a higher max_iterations to go on.',
  repetition_detected:
    'The agent made the same tool call again and again, also after it was told, so it was stopped before it cost more.',
  escalation_threshold_exceeded: 'The agent ran into errors it could not get past five times, so it was stopped.',
  cost_cap_reached: "The next step does not fit under the session's own cost cap. Nothing was spent on it.",
  refused: 'The model refused to go on with this goal.',
  api_error: 'The model provider rejected the request for good.',
  failed: 'The session could not go on.',
};

export function end(
  s: SessionData,
  outcome: Outcome,
  more: { result?: string; json?: ResultJson | undefined; code?: string; message?: string } = {},
): Suspension {
  const good = outcome === 'completed' || outcome === 'cancelled';
  const error = good ? null : { code: more.code ?? outcome, message: more.message ?? ending[outcome] };
  const result = more.result ?? null;
  const type =
    outcome === 'completed' ? 'agent.completed' : outcome === 'cancelled' ? 'agent.cancelled' : 'agent.failed';
  return {
    to: { state: 'ended', outcome, result, error, ...(more.json && { resultJson: more.json }) },
    due: Number.POSITIVE_INFINITY,
    memory: s.memory,
    journal: [
      { type, data: { outcome, ...(result !== null && { result }), ...(error && { error }), iterations: s.iteration } },
    ],
  };
}

export const resultBlock = (id: string, content: string, isError: boolean): Block => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...(isError && { is_error: true as const }),
});

/** Error results for calls that will not run, so that the history stays valid. Null when there are none. */
export const refusedCalls = (calls: ToolCall[], why: keyof typeof REFUSALS): Block[] | null =>
  calls.length === 0 ? null : calls.map((call) => resultBlock(call.id, REFUSALS[why], true));
