/**
 * The allowance: what a user may spend in one UTC day, in the words of the public interface. The rules themselves are in rules.ts.
 *
 * - graceful threshold, 90 %: wind down.
 * - hard ceiling, 110 %, and never more than the cycle has left: no hold is granted beyond it.
 * Money that a day does not use flows into the following days by itself, because each day's division starts afresh.
 */
import { BudgetExceededError } from './errors.ts';
import { type Instant, utcDate } from './instant.ts';
import { allowanceOf, ceilingOf, daysUntil, gracefulAt, nextRenewal } from './rules.ts';

/**
 * Days that the remaining budget must last, today included. A date that has passed stands for its next monthly return, else every day would
 * get all that remains. On the date itself it is 1: what the caller says remains is then the old cycle's, since a rolled cycle names a
 * later date.
 */
export function daysToRenewal(renewalDate: Instant | null | undefined, now: Instant): number {
  if (renewalDate === null || renewalDate === undefined) return daysUntil(null, now);
  const [renewal, today] = [utcDate(renewalDate), utcDate(now)];
  return daysUntil(renewal < today ? nextRenewal(renewal, Number(renewal.slice(8)), today) : renewal, today);
}

/**
 * The allowance of the UTC day of `now`: what remains of the subscription budget before this day, over the days to renewal. Today's own
 * spending must not be subtracted from `remainingMicrodollars` (R8): the allowance would shrink as it is spent. Nothing left: 0.
 */
export const calcDailyBudget = (input: {
  remainingMicrodollars: bigint;
  renewalDate?: Instant | null;
  now: Instant;
}): bigint =>
  allowanceOf({
    left: atLeast0(input.remainingMicrodollars),
    forToday: 0n,
    days: daysToRenewal(input.renewalDate, input.now),
    money: 0n,
    cycleDays: 1,
    multiple: null,
  });

/** See `gracefulAt`. */
export const gracefulThreshold = (allowance: bigint): bigint => gracefulAt(atLeast0(allowance));

/** See `ceilingOf`. Without `left` what the cycle has is no limit. */
export function hardCeiling(allowance: bigint, left?: bigint): bigint {
  const day = atLeast0(allowance);
  return ceilingOf(day, left === undefined ? 2n * day : atLeast0(left));
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
