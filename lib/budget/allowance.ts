/**
 * The allowance: what a user may spend in one UTC day. Pure; money is bigint microdollars, floored, so that the parts never add up to
 * more than the whole.
 *
 * - graceful threshold, 90 %: wind down.
 * - hard ceiling, 110 %, and never more than the cycle has left: no hold is granted beyond it.
 * Money that a day does not use flows into the following days by itself, because each day's division starts afresh.
 */

import { nextRenewal } from './cycle.ts';
import { BudgetExceededError } from './errors.ts';
import { dayNumber, type Instant } from './instant.ts';

/** The most that a user's money of one cycle may sum up to: what JSON still carries exactly, nine billion dollars. */
export const MOST_MICRODOLLARS: bigint = BigInt(Number.MAX_SAFE_INTEGER);

/** Days that a budget without a renewal date is spread over, starting afresh every day. */
export const DAYS_WITHOUT_RENEWAL = 30;

/**
 * Days that the remaining budget must last, today included: the renewal's UTC date less today's, 30 without a date, never less than 1.
 * A date that has passed stands for its next monthly return, else every day would get all that remains. On the date itself it is 1:
 * what the caller says remains is then the old cycle's, since a rolled cycle names a later date.
 */
export function daysToRenewal(renewalDate: Instant | null | undefined, now: Instant): number {
  if (renewalDate === null || renewalDate === undefined) return DAYS_WITHOUT_RENEWAL;
  const days = dayNumber(renewalDate) - dayNumber(now);
  return days >= 0 ? Math.max(1, days) : dayNumber(nextRenewal(renewalDate, now)) - dayNumber(now);
}

/**
 * The allowance of the UTC day of `now`: what remains of the subscription budget before this day, over the days to renewal. Today's own
 * spending must not be subtracted from `remainingMicrodollars` (R8): the allowance would shrink as it is spent. Nothing left: 0.
 */
export function calcDailyBudget(input: {
  remainingMicrodollars: bigint;
  renewalDate?: Instant | null;
  now: Instant;
}): bigint {
  const { remainingMicrodollars, renewalDate, now } = input;
  return atLeast0(remainingMicrodollars) / BigInt(daysToRenewal(renewalDate, now));
}

/** So many days the cycle has, 30 without an end. */
export const cycleDays = (start: Instant, renewalDate: Instant | null): number =>
  renewalDate === null ? DAYS_WITHOUT_RENEWAL : Math.max(1, dayNumber(renewalDate) - dayNumber(start));

/**
 * A day's money when it starts, and again after a top-up or a change of plan (R8): depends on the days before it, never on itself.
 * `committedMicrodollars`: spent and still held on this cycle's earlier days. `topUpsMicrodollars`: all of this cycle's top-ups;
 * `carriedMicrodollars`: what of earlier ones was not used by its start, see `topUpsLeft`;
 * `topUpsForTodayMicrodollars`: those of them that were meant for today alone, which are not spread. `mostMicrodollars`: what the user lets
 * a day have at most, today's own top-ups not counted.
 */
export function freezeDay(input: {
  budgetMicrodollars: bigint;
  topUpsMicrodollars: bigint;
  topUpsForTodayMicrodollars: bigint;
  carriedMicrodollars?: bigint;
  committedMicrodollars: bigint;
  renewalDate: Instant | null;
  now: Instant;
  mostMicrodollars?: bigint | null;
}): { allowance: bigint; graceful: bigint; ceiling: bigint } {
  const paid = input.topUpsMicrodollars + (input.carriedMicrodollars ?? 0n);
  const left = atLeast0(input.budgetMicrodollars + paid - input.committedMicrodollars);
  const forToday = least(left, input.topUpsForTodayMicrodollars);
  const spread = calcDailyBudget({ ...input, remainingMicrodollars: left - forToday });
  const allowance = least(spread, input.mostMicrodollars ?? spread) + forToday;
  return { allowance, graceful: gracefulThreshold(allowance), ceiling: hardCeiling(allowance, left) };
}

/** 90 % of the allowance: from here on agents finish the task at hand and start nothing new. */
export const gracefulThreshold = (allowance: bigint): bigint => (atLeast0(allowance) * 9n) / 10n;

/** 110 % of the allowance, and not more than `left`, what the cycle still has: so not even its last day overdraws it. */
export function hardCeiling(allowance: bigint, left?: bigint): bigint {
  const ceiling = (atLeast0(allowance) * 11n) / 10n;
  return left === undefined ? ceiling : least(ceiling, atLeast0(left));
}

type Spending = { spentMicrodollars: bigint; dailyBudgetMicrodollars: bigint };

/** 100 × spent / allowance, unrounded. Without an allowance 100: there is nothing left to spend. */
export function getBudgetPercentage({ spentMicrodollars, dailyBudgetMicrodollars }: Spending): number {
  if (dailyBudgetMicrodollars <= 0n) return 100;
  return (100 * Number(spentMicrodollars)) / Number(dailyBudgetMicrodollars);
}

/** Whether to wind down. Without an allowance, always. */
export const isAtGracefulThreshold = ({ spentMicrodollars, dailyBudgetMicrodollars }: Spending): boolean =>
  spentMicrodollars >= gracefulThreshold(dailyBudgetMicrodollars);

/** Throws `BudgetExceededError` if more than 110 % of the allowance is spent. Exactly 110 % is still within it. */
export function checkRunaway({ spentMicrodollars, dailyBudgetMicrodollars }: Spending): void {
  const ceiling = hardCeiling(dailyBudgetMicrodollars);
  if (spentMicrodollars <= ceiling) return;
  throw new BudgetExceededError({
    spent: spentMicrodollars,
    dailyBudget: dailyBudgetMicrodollars,
    hardCeiling: ceiling,
  });
}

const atLeast0 = (amount: bigint): bigint => (amount < 0n ? 0n : amount);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
