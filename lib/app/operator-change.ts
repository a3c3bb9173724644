/** What of a user's plan an operator changes, by the fields of a form. */
import { microdollars } from './text.ts';
import type { ListedUser } from './types.ts';

export type Plan = Pick<
  ListedUser,
  'tier' | 'subscription_budget_microdollars' | 'subscription_renewal_date' | 'wake_policy' | 'max_daily_multiple'
>;
/** The budget in dollars, as its field has it before anything is typed. It may be more than can be typed. */
export const budgetText = ({ subscription_budget_microdollars: budget }: Plan): string => String(budget / 1_000_000);

/**
 * What the fields say that is not so yet, or what is wrong with them as a sentence. `was`: null for a user who is new, of whom only what is given
 * is said: the tier may have a budget of its own.
 */
export function changeOf(given: Record<string, string>, was: Plan | null): Partial<Plan> | string {
  const isSame = was !== null && given.budget === budgetText(was);
  const budget = isSame ? was.subscription_budget_microdollars : amountOf(given.budget!);
  if (budget === null && !(given.budget === '' && was === null))
    return 'The budget is an amount in dollars, such as 50 or 0. Nothing was changed.';
  const multiple = given.multiple === '' ? null : Number(given.multiple!.replace(',', '.'));
  // Number takes '0x10' and 'Infinity', too, and JSON has null for that, which is no limit.
  if (multiple !== null && !/^\d+([.,]\d+)?$/.test(given.multiple!))
    return 'The most of one day is a number, such as 3. Nothing was changed.';
  const wanted = {
    tier: given.tier!,
    subscription_budget_microdollars: budget,
    subscription_renewal_date: given.renewal === '' ? null : given.renewal!,
    wake_policy: given.wake as Plan['wake_policy'],
    max_daily_multiple: multiple,
  };
  const before: Partial<Record<string, unknown>> = was ?? NOTHING;
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== before[name]));
}
const NOTHING = { subscription_budget_microdollars: null, subscription_renewal_date: null, max_daily_multiple: null };

/** Of the dollars of a budget: up to $999,999,999.99. */
const MOST_DIGITS = 9;

const amountOf = (text: string): number | null =>
  /^\$?\s*0+(?:[.,]0+)?$/.test(text) ? 0 : microdollars(text, MOST_DIGITS);
