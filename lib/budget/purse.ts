/** Charging a call outside an iteration's own requests: priced here, written through the `Purse` port. */
import { type Instant, toMs, utcDate } from './instant.ts';
import { costMicrodollars, type Usage } from './pricing.ts';

/** One call's cost written straight to the ledger, for callers outside the four requests. Idempotent by user, session and iteration. */
export type Purse = {
  record(entry: {
    userId: string;
    sessionId: string;
    iteration: number;
    model: string;
    usage: Usage;
    cost: bigint;
    at: number;
  }): Promise<{ sessionCost: bigint; daySpent: bigint }>;
};

/** A call that was made, and by whom. `model` is the one that served; `at` decides price and UTC day. */
export type CallRecord = {
  userId: string;
  sessionId: string;
  iteration: number;
  model: string;
  usage: Usage;
  at: Instant;
};

/**
 * Writes one call's exact cost to the ledger and answers with the new totals of its session and of its user's day, in microdollars.
 * The same user, session and iteration again changes nothing and answers as the first time did, so a lost answer may be asked for again.
 * Throws `UnknownModelError` and `UnpriceableUsageError` before anything is written.
 */
export async function recordCallCost(
  purse: Purse,
  { usage, at, ...call }: CallRecord,
): Promise<{ costMicrodollars: bigint; sessionMicrodollars: bigint; dayMicrodollars: bigint }> {
  const cost = costMicrodollars({ model: call.model, usage, at });
  const totals = await purse.record({ ...call, usage, cost, at: toMs(at) });
  return { costMicrodollars: cost, sessionMicrodollars: totals.sessionCost, dayMicrodollars: totals.daySpent };
}

/** A purse that keeps its ledger in memory, for tests and trials of prices. */
export function memoryPurse(): Purse {
  const answers = new Map<string, { sessionCost: bigint; daySpent: bigint }>();
  const totals = new Map<string, bigint>();
  const add = (key: string, cost: bigint): bigint => {
    const total = (totals.get(key) ?? 0n) + cost;
    totals.set(key, total);
    return total;
  };
  return {
    async record({ userId, sessionId, iteration, cost, at }) {
      const call = JSON.stringify([userId, sessionId, iteration]);
      const answer = answers.get(call) ?? {
        sessionCost: add(JSON.stringify([userId, sessionId]), cost),
        daySpent: add(JSON.stringify([userId, 'day', utcDate(at)]), cost),
      };
      answers.set(call, answer);
      return answer;
    },
  };
}
