/**
 * Which cycle of a budget the paid periods of a subscription give, pure. Its twins in SQL are `paid_until` and `paid_through`
 * (schema/functions/stripe.sql); test/contract/payments.ts holds them together.
 */

/** Milliseconds UTC; the end is not part of it. */
export type PaidPeriod = { startsAt: number; endsAt: number };

/** What a budget means that a subscription pays: a tier, and microdollars for each paid period. */
export type PaidPlan = { tier: string; budget: bigint };

/** By the id or the lookup key of a price. */
export type PaidPlans = Readonly<Record<string, PaidPlan>>;

const DAY_MS = 86_400_000;
/** Stripe takes the money of a period about an hour after it began. Until then the agents work on from what they have. */
const GRACE_MS = 3 * 3_600_000;

/** The first UTC day that a paid period does not cover: the one that begins at least three hours after its end. */
export const paidUntil = (endsAt: number): string => dateOf(Math.ceil((endsAt + GRACE_MS) / DAY_MS) * DAY_MS);

/**
 * The day on which the cycle ends that pays for `day`; null: `day` is not paid. Each period that begins after the one before has ended is a cycle of its
 * own, with the budget anew. One that begins earlier, as after a change of plan, only moves the end of its cycle.
 */
export function paidThrough(periods: readonly PaidPeriod[], day: string): string | null {
  let cycle: PaidPeriod | null = null;
  for (const { startsAt, endsAt } of [...periods].sort((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt)) {
    if (cycle && startsAt < cycle.endsAt) cycle.endsAt = Math.max(cycle.endsAt, endsAt);
    else if (cycle && paidUntil(cycle.endsAt) > day) break;
    else cycle = { startsAt, endsAt };
  }
  if (!cycle || dateOf(cycle.startsAt) > day) return null;
  const until = paidUntil(cycle.endsAt);
  return until > day ? until : null;
}

const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
