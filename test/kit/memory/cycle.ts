/** The allowance rule (R8, R9) once more, written from its words and not from lib/budget: the two must agree. */
import type { TopUp } from './store.ts';

const DAY_MS = 86_400_000;

export const dateOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
export const startOf = (date: string) => Date.parse(`${date}T00:00:00Z`);
export const dayAfter = (date: string) => startOf(date) + DAY_MS;

export type Cycle = { cycleStart: string; renewalDate: string | null; anchor: number | null };

/** The same day of the next month, or that month's last day: 31st, 28th, 31st. */
export function monthAfter(date: string, anchor: number): string {
  const [year, month] = date.split('-').map(Number) as [number, number];
  const lastOfNext = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return dateOf(Date.UTC(year, month, Math.min(anchor, lastOfNext)));
}

/** The cycle that `date` lies in: the renewal date itself is the first day of the next one. */
export function cycleAt(cycle: Cycle, date: string): Cycle {
  let { cycleStart, renewalDate } = cycle;
  while (renewalDate && cycle.anchor && renewalDate <= date) {
    cycleStart = renewalDate;
    renewalDate = monthAfter(renewalDate, cycle.anchor);
  }
  return { cycleStart, renewalDate, anchor: cycle.anchor };
}

/** A renewal date as a person sets it: it moves the end of the cycle past `today` and leaves its start alone. */
export function withRenewal(cycleStart: string, renewalDate: string | null, today: string): Cycle {
  if (renewalDate === null) return { cycleStart, renewalDate, anchor: null };
  const anchor = Number(renewalDate.slice(8));
  return { ...cycleAt({ cycleStart, renewalDate, anchor }, today), cycleStart };
}

export function daysLeft(renewalDate: string | null, date: string): number {
  return renewalDate === null ? 30 : Math.max(1, (startOf(renewalDate) - startOf(date)) / DAY_MS);
}

/** What of topped-up money is left: some top-up, or `carried`, and all that came after it, less what was spent since; the best of these. */
export function leftOf(carried: bigint, topUps: { amount: bigint; committed: bigint }[], committed: bigint): bigint {
  const paid = [{ amount: carried, committed: 0n }, ...topUps];
  const lefts = paid.map((one, i) => {
    const since = paid.slice(i).reduce((total, { amount }) => total + amount, 0n);
    return since - atLeast0(committed - one.committed);
  });
  return lefts.reduce((a, b) => (a > b ? a : b), 0n);
}

/** `committed` is Σ(spent + held) of the cycle's days before `date`. Never looks at the day's own spending, so it may be repeated. */
export function allowanceOf(input: {
  date: string;
  cycle: Cycle;
  budget: bigint;
  carried: bigint;
  topUps: TopUp[];
  committed: bigint;
  maxDailyMultiple?: number | null;
}) {
  const { date, cycle, committed } = input;
  const budget = input.budget + input.carried;
  const topUps = input.topUps.filter(({ day }) => day >= cycle.cycleStart && day <= date);
  const left = atLeast0(budget + sum(topUps) - committed);
  const today = least(left, sum(topUps.filter(({ day, spread }) => spread === 'today' && day === date)));
  const even = budget + sum(topUps.filter(({ spread }) => spread === 'cycle'));
  const days = daysLeft(cycle.renewalDate, cycle.cycleStart);
  const { maxDailyMultiple: multiple = null } = input;
  const most = multiple === null ? left : (even * BigInt(Math.round(multiple * 100))) / (100n * BigInt(days));
  const allowance = least((left - today) / BigInt(daysLeft(cycle.renewalDate, date)), most) + today;
  return { allowance, ceiling: least((allowance * 11n) / 10n, left), remaining: left };
}

const sum = (topUps: TopUp[]) => topUps.reduce((total, { amount }) => total + amount, 0n);
const least = (a: bigint, b: bigint) => (a < b ? a : b);
export const atLeast0 = (a: bigint) => (a < 0n ? 0n : a);
