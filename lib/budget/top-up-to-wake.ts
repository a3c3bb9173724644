/** What would let a sleeper go on today. Pure; microdollars. */
import { isAtGracefulThreshold } from './allowance.ts';
import { ceilDiv } from './pricing.ts';

/** Amounts that people pay are whole cents. */
const CENT = 10_000n;

/** The user's day; `kept`: of it for hand-offs. `needed`: what the next call asked for at least. */
export type SleepersDay = {
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
  kept: bigint;
  needed: bigint;
  /** A step did not fit today, and only more money ends the wind-down that this began. */
  fellShort?: boolean;
};

/**
 * The least top-up for today with which a session that sleeps for want of money has room for another step, in whole cents. 0: it has room already.
 *
 * After the top-up less than 90 % of the allowance is spent, and the step fits beside what is held and kept. A tenth is added to the step, since the
 * prompt after a sleep is longer. A session with a share of its own may need more.
 */
export function topUpToWake({ allowance, ceiling, spent, held, kept, needed, fellShort }: SleepersDay): bigint {
  const spending = { spentMicrodollars: spent, dailyBudgetMicrodollars: allowance };
  const forWork = isAtGracefulThreshold(spending) ? ceilDiv((spent + 1n) * 10n, 9n) - allowance : 0n;
  const short = needed + ceilDiv(needed, 10n) + kept + spent + held - ceiling;
  // What is kept is a fifth of the allowance at most, and then a fifth of the top-up is kept, too.
  const forStep = short <= 0n ? 0n : kept * 5n >= allowance - 4n ? ceilDiv(short * 5n, 4n) : short;
  const least = [forWork, forStep, fellShort ? 1n : 0n].reduce((a, b) => (a > b ? a : b));
  return ceilDiv(least, CENT) * CENT;
}
