/**
 * Forecast: what the day and the cycle will end at if spending goes on at its present pace. Pure; money in microdollars, floored. A
 * guess for users, which no decision is taken on: the ceilings hold whatever it says.
 */
import { gracefulThreshold } from './allowance.ts';
import { DAY_MS, dayNumber, type Instant, toMs } from './instant.ts';

export type Pace = {
  now: Instant;
  /** Of the UTC day that `now` lies in. */
  day: { allowance: bigint; ceiling: bigint; spent: bigint; held: bigint };
  /** Whether a session works on this day, or will by itself. */
  works: boolean;
  /** `spent` includes today's. `start`: its first UTC date; `daysLeft`: today included. No renewal date: a cycle without an end. */
  cycle: { start: string; budget: bigint; spent: bigint; daysLeft: number; renewalDate: string | null };
};

export type Forecast = {
  /** What the day ends at, at most its hard ceiling. */
  day: bigint;
  /** When the wind-down begins; null: not today, at this pace. Now or earlier: it has begun. */
  gracefulAt: number | null;
  /** What the cycle ends at, and what it leaves unused. Null where it has no end. */
  cycle: bigint | null;
  unused: bigint | null;
};

/**
 * Today goes on as it went since midnight, or ends with what is held where no session works on it any more. Each later day costs what the days of this cycle cost on average, today's forecast among them. The
 * days together cost no more than the cycle has left.
 */
export function forecast({ now, day, works, cycle }: Pace): Forecast {
  const elapsed = BigInt(Math.max(1, Math.floor(toMs(now) % DAY_MS)));
  const today = works
    ? within(day.spent, (day.spent * BigInt(DAY_MS)) / elapsed, greatest(day.ceiling, day.spent))
    : day.spent + day.held;
  const gracefulAt = works ? crossing(day, toMs(now), elapsed) : null;
  if (cycle.renewalDate === null) return { day: today, gracefulAt, cycle: null, unused: null };
  const soFar = cycle.spent - day.spent + today;
  const daysSoFar = BigInt(Math.max(1, dayNumber(now) - dayNumber(cycle.start) + 1));
  const ahead = (soFar * BigInt(Math.max(0, cycle.daysLeft - 1))) / daysSoFar;
  const end = within(soFar, soFar + ahead, greatest(cycle.budget, soFar));
  return { day: today, gracefulAt, cycle: end, unused: greatest(cycle.budget - end, 0n) };
}

/** The instant at which the graceful threshold is or was crossed at an even pace since midnight, if that is before the next one. */
function crossing(
  { allowance, spent }: { allowance: bigint; spent: bigint },
  now: number,
  elapsed: bigint,
): number | null {
  const threshold = gracefulThreshold(allowance);
  if (spent >= threshold) return now;
  if (spent === 0n) return null;
  const sinceMidnight = Number((threshold * elapsed + spent - 1n) / spent);
  return sinceMidnight < DAY_MS ? Math.floor(now / DAY_MS) * DAY_MS + sinceMidnight : null;
}

const greatest = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const within = (least: bigint, value: bigint, most: bigint): bigint =>
  value < least ? least : value > most ? most : value;
