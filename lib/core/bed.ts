/** Going to bed for want of money, and what ends a session at the boundary between two iterations (DESIGN 6). */
import { isAtGracefulThreshold } from '../budget/allowance.ts';
import { bedtimeCompaction } from './compact.ts';
import type { Rest } from './effect.ts';
import { end, exceeded, nextMorning, sleepUntil } from './rest.ts';
import type { Block, Entry, Known } from './session.ts';
import { type Step, save } from './step.ts';

/** Iterations that a session may still make once it was told to wind down. */
const WIND_DOWN_ITERATIONS = 3;

/** The day's last iterations are used up, or it would be the session's first: that one starts tomorrow. */
export const windDownOver = (s: Known): boolean =>
  isAtGracefulThreshold({ spentMicrodollars: s.day.spent, dailyBudgetMicrodollars: s.day.allowance }) &&
  (s.iteration === 0 ||
    (s.memory.windDown?.day === s.day.date && s.memory.windDown.iterations >= WIND_DOWN_ITERATIONS));

/**
 * Sleep until the next day's allowance. Where a summary now costs less than a cold prompt tomorrow, one more invocation writes it first.
 * `turn` is what the boundary has to store.
 */
export const toBed = (s: Known, journal: Entry[], at: number, turn: Block[] | null = null): Step => {
  const rest = sleepUntil(s, nextMorning(s), 'allowance', at);
  if (!bedtimeCompaction(s, at)) return save(s, { turn, journal, due: at, rest });
  const memory = { ...s.memory, compact: 'bedtime' as const, bedtime: s.day.date };
  return save({ ...s, memory }, { turn, journal, due: at });
};

/** What ends or stops a session between two iterations, whatever its agent wants. */
export const boundary = (s: Known, at: number): Rest | null => {
  if (s.iteration >= s.facts.maxIterations) return end(s, 'iteration_limit_reached');
  if (s.day.spent > s.day.ceiling) return exceeded(s, at);
  return null;
};
