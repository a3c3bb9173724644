/**
 * The billing cycle (R9): from its start to the day before its renewal date, which is the first day of the next one. Pure; dates are
 * UTC, `YYYY-MM-DD`. The anchor is the date that a person set: every renewal falls on its day of the month, or on the last day of a
 * shorter month, without forgetting the anchor (31 January, 28 February, 31 March).
 */
import { type Instant, utcDate } from './instant.ts';

export type BillingCycle = { start: string; end: string };

/** The renewal `months` after the anchor. */
export function renewalAfter(anchor: Instant, months: number): string {
  const [year, month, day] = utcDate(anchor).split('-').map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return utcDate(Date.UTC(year, month - 1 + months, Math.min(day, lastDay)));
}

/** The first renewal after the UTC date of `now`, from the anchor on. */
export const nextRenewal = (anchor: Instant, now: Instant): string => renewalAfter(anchor, monthsUntil(anchor, now));

/**
 * The cycle that `now` lies in. Before the anchor it is the stored one, from `start` on: setting another date moves a cycle's end and
 * nothing else, so that what was spent in it stays spent. From the anchor on, cycles follow each other month by month.
 */
export function billingCycle(stored: { start: Instant; anchor: Instant }, now: Instant): BillingCycle {
  const months = monthsUntil(stored.anchor, now);
  return {
    start: months === 0 ? utcDate(stored.start) : renewalAfter(stored.anchor, months - 1),
    end: renewalAfter(stored.anchor, months),
  };
}

/** A top-up, and what its cycle had spent and held when it came: only what is spent from then on can be paid with it. Microdollars. */
export type CycleTopUp = { amountMicrodollars: bigint; committedBeforeMicrodollars: bigint };

/**
 * What of the money topped up is left, and carries over a renewal; the plan's own money lapses. Spending takes topped-up money first, and of
 * that none which came later. So what is left is the most that the whole, or any top-up and all after it, leave over what was
 * spent since; at least 0. `topUps` in the order in which they came; `carriedMicrodollars` came before all of them, with the cycle.
 */
export function topUpsLeft(input: {
  carriedMicrodollars: bigint;
  topUps: readonly CycleTopUp[];
  committedMicrodollars: bigint;
}): bigint {
  const { carriedMicrodollars, topUps, committedMicrodollars } = input;
  const all = [{ amountMicrodollars: carriedMicrodollars, committedBeforeMicrodollars: 0n }, ...topUps];
  let since = 0n;
  let most = 0n;
  for (const { amountMicrodollars, committedBeforeMicrodollars } of all.reverse()) {
    since += amountMicrodollars;
    const used = committedMicrodollars - committedBeforeMicrodollars;
    const left = since - (used > 0n ? used : 0n);
    if (left > most) most = left;
  }
  return most;
}

/** The least number of months, from 0, that carries the anchor past the UTC date of `now`. */
function monthsUntil(anchor: Instant, now: Instant): number {
  const [from, today] = [utcDate(anchor), utcDate(now)];
  if (from > today) return 0;
  const months = monthNumber(today) - monthNumber(from);
  return renewalAfter(anchor, months) > today ? months : months + 1;
}

const monthNumber = (date: string): number => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
