/** The billing cycle and the days of a user, by the rules of lib/budget. */
import { topUpsLeft } from '../../budget/cycle.ts';
import { allowanceOf, ceilingOf, daysUntil, nextRenewal } from '../../budget/rules.ts';
import type { TopUpRow } from './rows.ts';

const DAY_MS = 86_400_000;

export const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
export const startOf = (date: string) => Date.parse(`${date}T00:00:00Z`);
export const dayAfter = (date: string) => startOf(date) + DAY_MS;

export type Cycle = { cycleStart: string; renewalDate: string | null; anchor: number | null };

/** The cycle that `date` lies in: the renewal date itself is the first day of the next one. */
export function cycleAt(cycle: Cycle, date: string): Cycle {
  let { cycleStart, renewalDate } = cycle;
  while (renewalDate && cycle.anchor && renewalDate <= date) {
    cycleStart = renewalDate;
    renewalDate = nextRenewal(renewalDate, cycle.anchor, renewalDate);
  }
  return { cycleStart, renewalDate, anchor: cycle.anchor };
}

/** A renewal date as a user sets it: it moves the end of the cycle past `today` and leaves its start alone. */
export function withRenewal(cycleStart: string, renewalDate: string | null, today: string): Cycle {
  if (renewalDate === null) return { cycleStart, renewalDate, anchor: null };
  const anchor = Number(renewalDate.slice(8));
  return { ...cycleAt({ cycleStart, renewalDate, anchor }, today), cycleStart };
}

/** What is left of `carried` and of the top-ups, in the order in which they came. */
export const leftOf = (carried: bigint, topUps: { amount: bigint; committed: bigint }[], committed: bigint): bigint =>
  topUpsLeft({
    carriedMicrodollars: carried,
    topUps: topUps.map((one) => ({ amountMicrodollars: one.amount, committedBeforeMicrodollars: one.committed })),
    committedMicrodollars: committed,
  });

/** What a day gets when it is frozen. `committed` is Σ(spent + held) of the cycle's days before `date`, never of the day itself. */
export function limitsOf(input: {
  date: string;
  cycle: Cycle;
  budget: bigint;
  carried: bigint;
  topUps: Pick<TopUpRow, 'day' | 'amount' | 'spread'>[];
  committed: bigint;
  maxDailyMultiple?: number | null;
}) {
  const { date, cycle } = input;
  const topUps = input.topUps.filter(({ day }) => day >= cycle.cycleStart && day <= date);
  const plan = input.budget + input.carried;
  const left = atLeast0(plan + sum(topUps) - input.committed);
  const allowance = allowanceOf({
    left,
    forToday: sum(topUps.filter(({ day, spread }) => spread === 'today' && day === date)),
    days: daysUntil(cycle.renewalDate, date),
    money: plan + sum(topUps.filter(({ spread }) => spread === 'cycle')),
    cycleDays: daysUntil(cycle.renewalDate, cycle.cycleStart),
    multiple: input.maxDailyMultiple ?? null,
  });
  return { allowance, ceiling: ceilingOf(allowance, left), remaining: left };
}

const sum = (topUps: Pick<TopUpRow, 'day' | 'amount' | 'spread'>[]) =>
  topUps.reduce((total, { amount }) => total + amount, 0n);
export const atLeast0 = (a: bigint) => (a < 0n ? 0n : a);
