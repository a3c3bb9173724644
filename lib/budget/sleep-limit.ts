/** Which limit keeps a session asleep that wants money. Pure; microdollars. */
import { isAtGracefulThreshold } from './allowance.ts';

export const SLEEP_LIMITS = ['cycle', 'wind_down', 'next_step', 'share'] as const;
export type SleepLimit = (typeof SLEEP_LIMITS)[number];

type Money = { allowance: bigint; ceiling: bigint; spent: bigint; held: bigint };

/**
 * The user's day. `share`: the session's part of it; left out: it has no share of its own. `kept`: of the day, for the hand-offs of other sessions.
 * `needed`: what its next step asks for at least.
 */
export type SleepersMoney = Money & { share?: Money; kept: bigint; needed: bigint };

/**
 * `cycle`: the day has no money at all. `wind_down`: 90 % of the day is spent. `share`: the day has room for the next step, and the session's own
 * share is past its 90 % or has less room than the day. `next_step`: the next step does not fit into the day.
 */
export function sleepLimit({ share, kept, needed, ...day }: SleepersMoney): SleepLimit {
  if (day.allowance === 0n) return 'cycle';
  if (isSpent(day)) return 'wind_down';
  const room = roomOf(day) - kept;
  if (!share || room < needed) return 'next_step';
  return isSpent(share) || roomOf(share) < room ? 'share' : 'next_step';
}

const roomOf = ({ ceiling, spent, held }: Money): bigint => ceiling - spent - held;

/** Whether 90 % is spent of the day, or of the session's share of it: what is left is for hand-offs. */
export const isWoundDown = ({ share, ...day }: Money & { share?: Money }): boolean =>
  isSpent(day) || (share !== undefined && isSpent(share));

const isSpent = ({ spent, allowance }: Money): boolean =>
  isAtGracefulThreshold({ spentMicrodollars: spent, dailyBudgetMicrodollars: allowance });
