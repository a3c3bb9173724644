/** The day's money as one bar from nought to the hard ceiling, in thousandths of its width. */
import { money, moneyAloud, span } from './text.ts';
import type { Budget } from './types.ts';

export type Tone = 'calm' | 'amber' | 'red' | 'none';
export type MeterBar = {
  tone: Tone;
  /** Of 1,000. */
  spent: number;
  held: number;
  graceful: number;
  allowance: number;
  /** What a session may still begin with: up to the threshold of winding down. */
  left: number;
  resetsIn: string;
  aloud: string;
};

export function meterOf(budget: Budget, now: number): MeterBar {
  const { daily_budget_microdollars: allowance, graceful_threshold_microdollars: graceful } = budget;
  const { spent_microdollars: spent, held_microdollars: held, hard_ceiling_microdollars: ceiling } = budget;
  const most = Math.max(1, ceiling, allowance, spent + held);
  const part = (amount: number) => Math.round((1_000 * amount) / most);
  const resetsIn = span(Math.max(0, Date.parse(budget.resets_at) - now));
  const left = Math.max(0, graceful - spent - held);
  return {
    tone: allowance === 0 ? 'none' : spent >= allowance ? 'red' : spent >= graceful ? 'amber' : 'calm',
    ...{
      spent: part(spent),
      held: part(spent + held) - part(spent),
      graceful: part(graceful),
      allowance: part(allowance),
    },
    ...{ left, resetsIn },
    aloud:
      allowance === 0
        ? isUsedUp(budget)
          ? 'This cycle’s money is used up: nothing can be spent'
          : 'No budget: nothing can be spent'
        : `${moneyAloud(spent)} of ${moneyAloud(allowance)} spent, ${moneyAloud(left)} left for work, resets in ${resetsIn}`,
  };
}

/** When an agent that is started now begins. What its first step needs is not known before. */
export function beginningOf(budget: Budget, now: number): string {
  const { left, resetsIn } = meterOf(budget, now);
  if (budget.daily_budget_microdollars === 0)
    return isUsedUp(budget)
      ? 'This cycle’s money is used up: this agent sleeps until a renewal or a top-up.'
      : 'No budget is set: this agent sleeps until there is one.';
  if (left > 0)
    return `${money(left)} of today is left for work. It begins at once, unless its first step does not fit.`;
  const next = `until the next day begins, in ${resetsIn}, or until you top up`;
  if (budget.spent_microdollars < budget.graceful_threshold_microdollars)
    return `Calls under way hold what is left for work. If they use it, this agent sleeps ${next}.`;
  return `Today’s allowance has nothing left for work: this agent will sleep ${next}.`;
}

/** Nothing is left for today since the cycle's money is spent, and not since there never was any. */
export const isUsedUp = ({ subscription }: Budget): boolean => subscription.budget_microdollars > 0;

/** Whether these amounts may be others by now: of a day that is over, or asked for long ago by a page that hears nothing. */
export const isOld = (budget: Budget, asOf: number, isHeard: boolean, now: number): boolean =>
  now >= Date.parse(budget.resets_at) || (!isHeard && now - asOf > STALE_MS);
const STALE_MS = 120_000;

/** Null while nothing works: then a pace of the past would say nothing about the rest of the day. */
export const paceOf = (budget: Budget, isWorking: boolean): string | null =>
  isWorking ? `at this pace the day ends near ${money(budget.forecast.day_microdollars)}` : null;

/** What a top-up would make of today, before it is made. The same arithmetic as the product's: docs/money.md. */
export function afterTopUp(
  budget: Budget,
  amount: number,
  spread: 'today' | 'cycle',
): { allowance: number; more: number } {
  const days = Math.max(1, budget.subscription.days_left);
  const more = spread === 'today' ? amount : Math.floor(amount / days);
  return { allowance: budget.daily_budget_microdollars + more, more };
}
