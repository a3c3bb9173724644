/**
 * A call that failed (R7): what its failure proves about the bill, and when to try again. Nothing is lost: the prompt is made anew from the
 * rows, and what users said stays in the inbox until a reply is stored.
 */
import { cutCost } from './bill.ts';
import { refusesThinking, sendsThinking, unthought } from './binding.ts';
import type { LogEntry } from './events.ts';
import { spread } from './hash.ts';
import type { Failure } from './input.ts';
import { refusesMedia, withoutAnyMedia } from './media-refusal.ts';
import { isTooLong, tooLong } from './prompt-too-long.ts';
import type { Continuation, SleepReason } from './session.ts';
import { settle, type Thinking } from './settle-call.ts';
import type { Step } from './step.ts';

/** A refusal is free, so it is retried soon; a call that may have been billed is not. */
const FIRST_RETRY_MS = 2_000;
const FIRST_DOUBTFUL_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** However long the provider asks to be left alone. */
const LONGEST_TOLD_MS = 86_400_000;
/** After so many doubtful bills in a row it is tried once an hour: an outage, and each try may cost a whole hold. */
const MOST_DOUBTS = 8;
const OUTAGE_RETRY_MS = 60 * 60_000;

/** Doubtful bills in a row, the last for a reply that could not be taken in: one more would be no better, and a user is asked. */
const MOST_UNUSABLE = 3;

/** Spend limits, missing rights and a wrong address do not pass by waiting (pricing page, "Money codes"). */
const NEEDS_OPERATOR = new Set([
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'linked_organization_billing_unavailable',
  'organization_on_hold',
]);
const OPERATOR_STATUS = new Set([401, 402, 403, 404]);
const NO_CREDIT = /credit balance|billing/i;

/** Doubles with every failure in a row; up to half as much again, so that sessions do not retry in step. */
function backoff(s: Thinking, first: number): number {
  const base = Math.min(LONGEST_RETRY_MS, first * 2 ** Math.min(s.memory.failures, 20));
  return base + spread(`${s.facts.id}:${s.fence}`, base / 2);
}

const retrying = (s: Thinking, status: number | null, message: string): LogEntry[] => [
  { type: 'agent.retrying', data: { status, message: message.slice(0, 500), attempt: s.memory.failures + 1 } },
];

export function failed(s: Thinking, failure: Failure, at: number): Step {
  if (failure.proof === 'not_served') return notServed(s, failure, at);
  const cut = failure.proof === 'cut' ? failure : null;
  const cost = cut ? cutCost(s, cut.model, cut.usage, at) : null;
  const bill = {
    cost,
    class: 'unknown' as const,
    model: cut?.model ?? s.call.request.model,
    usage: cut?.usage ?? null,
  };
  const journal = retrying(s, failure.proof === 'unknown' ? failure.status : null, failure.message);
  if (cut?.stopped) return settle(s, { ...bill, journal }, { type: 'retry', due: at });
  // A reply that came, but cannot be taken in, is this session's trouble and nobody else's.
  const outage = failure.unusable ? {} : { outage: 'doubt' as const };
  const { failures, doubts } = s.memory;
  const memory = { ...s.memory, failures: failures + 1, doubts: doubts + 1 };
  if (failure.unusable && memory.doubts >= MOST_UNUSABLE)
    return again(s, { ...bill, memory, journal }, unusable(failure.message));
  const wait = memory.doubts >= MOST_DOUBTS ? OUTAGE_RETRY_MS : backoff(s, FIRST_DOUBTFUL_RETRY_MS);
  return again(s, { ...bill, ...outage, memory, journal }, asleep('overloaded', at + wait));
}

const asleep = (reason: SleepReason, until: number): Continuation => ({
  type: 'suspend',
  to: { state: 'sleeping', until, reason },
  due: until,
});

function pauseForOperator(message: string): Continuation {
  const error = { code: 'api_error', message: `${message} Nothing is lost; resume the session when it is mended.` };
  return { type: 'suspend', to: { state: 'paused', error }, due: Number.POSITIVE_INFINITY };
}

const unusable = (message: string): Continuation => ({
  type: 'suspend',
  to: {
    state: 'paused',
    error: {
      code: 'unusable_reply',
      message:
        `${MOST_UNUSABLE} model calls in a row came to nothing, the last since ${message.slice(0, 500)}. Each was charged at the most that it can ` +
        'have cost. The work so far is kept; resume the session to try again, or give it another model.',
    },
  },
  due: Number.POSITIVE_INFINITY,
});

/** A summary before sleep is tried once (R14): the session then sleeps without. Any other call is made anew. */
const again = (s: Thinking, part: Parameters<typeof settle>[1], after: Continuation): Step =>
  s.memory.compact === 'before_sleep'
    ? settle(s, { ...part, memory: { ...s.memory, compact: null } }, { type: 'compacted', beforeSleep: true })
    : settle(s, part, after);

type NotServed = Extract<Failure, { proof: 'not_served' }>;

/** Nothing was served, so nothing is charged. */
function notServed(s: Thinking, failure: NotServed, at: number): Step {
  const { status, code, message, retryAfterMs } = failure;
  const free = { cost: 0n, model: s.call.request.model, usage: null, journal: retrying(s, status, message) };
  const once = { ...free, memory: { ...s.memory, failures: s.memory.failures + 1 } };
  const wait = Math.max(Math.min(retryAfterMs ?? 0, LONGEST_TOLD_MS), backoff(s, FIRST_RETRY_MS));
  if (NEEDS_OPERATOR.has(code))
    return settle(s, free, pauseForOperator(`The provider's spend limit was reached: ${message}.`));
  if (status === 429) return again(s, once, asleep('rate_limit', at + wait));
  if (status === 529 || status === 409 || status < 400) {
    return again(s, once, asleep('overloaded', at + wait));
  }
  if (refusesThinking(status, message) && sendsThinking(s.call.request)) return withoutThinking(s, free, message, at);
  if (refusesMedia(s, status, message)) return withoutAnyMedia(s, free, at);
  if (isTooLong(status, message)) return tooLong(s, free, at);
  if (OPERATOR_STATUS.has(status) || NO_CREDIT.test(message)) {
    return settle(s, free, pauseForOperator(`The provider did not serve this deployment (${status}): ${message}.`));
  }
  return settle(
    s,
    once,
    pauseForOperator(`The provider rejected the request (${status}): ${message}. Nothing was charged for it.`),
  );
}

/** The same call at once, without any thinking that it would send back: whatever has changed before it, this prompt is taken. */
const withoutThinking = (s: Thinking, free: Parameters<typeof settle>[1], message: string, at: number): Step =>
  settle(
    s,
    {
      ...free,
      memory: unthought(s),
      journal: [{ type: 'agent.thinking_dropped', data: { message: message.slice(0, 500) } }],
    },
    { type: 'retry', due: at },
  );
