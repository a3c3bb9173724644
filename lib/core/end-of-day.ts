/** Sleeping until the next allowance, after a summary where one pays off (R14). */
import { preSleepCompaction } from './compact.ts';
import type { LogEntry } from './events.ts';
import type { Block, Paid, SessionData } from './session.ts';
import { type Step, save } from './step.ts';
import { nextAllowance, sleepUntil } from './suspend.ts';

type Parts = { turn?: Block[] | null; paid?: Paid[]; note?: string | null };

/**
 * Sleep until the next day's allowance. Where a summary now costs less than a cold prompt tomorrow, one more invocation writes it first.
 * `turn` is what the boundary has to store, `note` the agent's hand-off note.
 */
export function sleepForBudget(
  s: SessionData,
  journal: LogEntry[],
  at: number,
  { turn = null, paid = [], note = null }: Parts = {},
): Step {
  if (!preSleepCompaction(s, at)) {
    return save(s, {
      turn,
      paid,
      journal,
      due: at,
      suspension: sleepUntil(s, nextAllowance(s), 'allowance', at, note),
    });
  }
  const memory = {
    ...s.memory,
    compact: 'before_sleep' as const,
    beforeSleep: s.day.date,
    handOff: note ?? s.memory.handOff,
  };
  return save({ ...s, memory }, { turn, paid, journal, due: at });
}
