/**
 * A call that failed (R7): what its failure proves about the bill, and when to try again. Nothing is lost: the prompt is made anew from the
 * rows, and what persons said stays in the inbox until a reply is stored.
 */

import { clearedResults, compacted } from './compact.ts';
import type { Failure } from './event.ts';
import { spread } from './hash.ts';
import { lostContextTurn } from './notes.ts';
import type { After, Entry, Resting, SleepReason } from './session.ts';
import { cutCost, settle, type Thinking } from './settle.ts';
import type { Step } from './step.ts';

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 15 * 60_000;
/** Failures in a row that may have been billed: after these a person decides whether more money is risked. */
const MOST_UNKNOWN = 8;

/** Spend limits and missing rights do not pass by waiting (pricing page, "Money codes"). */
const NEEDS_A_PERSON = new Set([
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'linked_organization_spend_limit_reached',
  'linked_organization_billing_unavailable',
  'organization_on_hold',
]);
const TOO_LONG = /prompt is too long|context.?window|too many (input )?tokens/i;

/** Doubles with every failure in a row, up to a quarter of an hour; up to half as much again, so that sessions do not retry in step. */
const backoff = (s: Thinking): number => {
  const base = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(s.memory.failures, 20));
  return base + spread(`${s.facts.id}:${s.fence}`, base / 2);
};

const retrying = (s: Thinking, status: number | null, message: string): Entry[] => [
  { type: 'agent.retrying', data: { status, message: message.slice(0, 500), attempt: s.memory.failures + 1 } },
];

export const failed = (s: Thinking, failure: Failure, at: number): Step => {
  if (failure.proof === 'not_served') return notServed(s, failure, at);
  const model = failure.proof === 'cut' ? failure.model : s.facts.model;
  const usage = failure.proof === 'cut' ? failure.usage : null;
  const cost = usage ? cutCost(s, model, usage, at) : null;
  const stopped = failure.proof === 'cut' && failure.stopped;
  const status = failure.proof === 'unknown' ? failure.status : null;
  const after: After = stopped
    ? { type: 'retry', due: at }
    : s.memory.failures + 1 >= MOST_UNKNOWN
      ? person(
          `The model failed ${MOST_UNKNOWN} times in a row, and each time may have been billed: ${failure.message}`,
        )
      : asleep('overloaded', at + backoff(s));
  const memory = { ...s.memory, failures: stopped ? s.memory.failures : s.memory.failures + 1 };
  return settle(
    s,
    { cost, class: 'unknown', model, usage, memory, journal: retrying(s, status, failure.message) },
    after,
  );
};

const asleep = (reason: SleepReason, until: number): After => ({
  type: 'rest',
  to: { state: 'sleeping', until, reason },
  due: until,
});

const person = (message: string): After => ({
  type: 'rest',
  to: {
    state: 'paused',
    error: { code: 'api_error', message: `${message} Nothing is lost; resume the session when it is mended.` },
  },
  due: Number.POSITIVE_INFINITY,
});

type NotServed = Extract<Failure, { proof: 'not_served' }>;

/** Nothing was served, so nothing is charged. */
const notServed = (s: Thinking, failure: NotServed, at: number): Step => {
  const { status, code, message, retryAfterMs } = failure;
  const free = { cost: 0n, model: s.facts.model, usage: null, journal: retrying(s, status, message) };
  const again = { ...free, memory: { ...s.memory, failures: s.memory.failures + 1 } };
  const wait = Math.max(retryAfterMs ?? 0, backoff(s));
  if (NEEDS_A_PERSON.has(code)) return settle(s, again, person(`The provider's spend limit was reached: ${message}.`));
  if (status === 429) return settle(s, again, asleep('rate_limit', at + wait));
  if (status === 529 || status === 408 || status === 409 || status === 0)
    return settle(s, again, asleep('overloaded', at + wait));
  if (status === 401 || status === 402 || status === 403) {
    return settle(s, again, person(`The provider did not accept this deployment's key (${status}): ${message}.`));
  }
  if (TOO_LONG.test(message)) return tooLong(s, free, at);
  const error = {
    code: 'api_error',
    message: `The model provider rejected the request (${status}): ${message}. Nothing was charged for it.`,
  };
  const to: Resting = { state: 'ended', outcome: 'api_error', result: null, error };
  return settle(s, again, { type: 'rest', to, due: Number.POSITIVE_INFINITY });
};

/** The prompt does not fit the window: clear and summarise; a prompt that is too long even for its summary starts afresh. */
const tooLong = (
  s: Thinking,
  free: { cost: bigint; model: string; usage: null; journal: Entry[] },
  at: number,
): Step => {
  if (s.call.kind === 'think') {
    return settle(s, { ...free, memory: { ...clearedResults(s), compact: 'full' } }, { type: 'retry', due: at });
  }
  const n = (s.history.at(-1)?.n ?? 0) + 1;
  return settle(
    s,
    { ...free, turns: [lostContextTurn(s.facts.goal)], memory: compacted(s, n) },
    { type: 'retry', due: at },
  );
};
