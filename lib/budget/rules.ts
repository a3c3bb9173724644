/**
 * The arithmetic of money and days, pure, each the one twin of a function in schema/functions/_rules.sql, which decides: there it runs under
 * the locks. test/postgres/rules.test.ts holds the two together. Money is bigint microdollars, none negative, floored, so that the parts
 * never add up to more than the whole. Days are UTC dates, `YYYY-MM-DD`.
 */
import { dayNumber, type Instant, utcDate } from './instant.ts';

/** `largest_sum`: the most that a user's money of one cycle may sum up to, what JSON still carries exactly: nine billion dollars. */
export const MOST_MICRODOLLARS: bigint = BigInt(Number.MAX_SAFE_INTEGER);

/** Days that a budget without a renewal date is spread over, starting afresh every day. */
export const DAYS_WITHOUT_RENEWAL = 30;

/** `days_until`: from `day` until renewal, at least 1; 30 where there is no date. */
export const daysUntil = (renewal: Instant | null, day: Instant): number =>
  renewal === null ? DAYS_WITHOUT_RENEWAL : Math.max(1, dayNumber(renewal) - dayNumber(day));

/**
 * `allowance_of` (R8). `left`: the cycle's money that earlier days have not used. `forToday`: top-ups for this very day, which come on top.
 * The rest is divided by `days`, those until renewal. `multiple`: no day gets more than so many even shares of `money` over `cycleDays`.
 */
export function allowanceOf(of: {
  left: bigint;
  forToday: bigint;
  days: number;
  money: bigint;
  cycleDays: number;
  multiple: number | null;
}): bigint {
  const forToday = least(of.left, of.forToday);
  const spread = (of.left - forToday) / BigInt(of.days);
  if (of.multiple === null) return spread + forToday;
  const most = (of.money * BigInt(Math.round(100 * of.multiple))) / BigInt(100 * of.cycleDays);
  return least(spread, most) + forToday;
}

/** `ceiling_of`: 110 % of the allowance, and not more than `left`, what the cycle still has: so not even its last day overdraws it. */
export const ceilingOf = (allowance: bigint, left: bigint): bigint => least((allowance * 11n) / 10n, left);

/** `graceful_at`: 90 % of the allowance. From here on agents finish the task at hand and start nothing new. */
export const gracefulAt = (allowance: bigint): bigint => (allowance * 9n) / 10n;

/** `share_of`: a session's share of a day's money. */
export const shareOf = (amount: bigint, percent: number): bigint => (amount * BigInt(percent)) / 100n;

/** `handoff_need`: what one session needs for its hand-off, by its last call, or by the least that it asks for if it has made none. */
export const handoffNeed = (lastCall: bigint, least: bigint): bigint => (lastCall > 0n ? (lastCall * 3n) / 2n : least);

/** `handoff_reserve_of`: what is kept for hand-offs, the needs and the largest least of them; at most a fifth of the allowance. */
export const handoffReserveOf = (allowance: bigint, needs: bigint, largestLeast: bigint): bigint =>
  least(allowance / 5n, needs + largestLeast);

/** `next_renewal`: the first after `day`, month by month, on the `anchor`th or the last day of a shorter month (R9). */
export function nextRenewal(renewal: string, anchor: number, day: string): string {
  let next = renewal;
  while (next <= day) {
    const [year, month] = next.split('-').map(Number) as [number, number];
    const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
    next = utcDate(Date.UTC(year, month, Math.min(anchor, lastDay)));
  }
  return next;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
