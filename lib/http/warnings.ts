/** What an operator is told of terms that are taken as they are, and may not be meant: sentences with amounts. */
import { DAYS_WITHOUT_RENEWAL } from '../budget/rules.ts';
import { dollars } from '../core/runtime-messages.ts';
import type { BudgetView } from '../ports/index.ts';

/** With so many days to the renewal or more, a day gets a seventh of the money at most, and nothing is said. */
const NEAR_DAYS = 7;

/** `asked`: the renewal date that was named just now; null: none. Terms that need no word give none. */
export function warningsOf(budget: BudgetView, asked: string | null): string[] {
  const { renewalDate } = budget;
  const moved = asked !== null && renewalDate !== null && asked !== renewalDate;
  return [
    ...(moved ? [`${asked} has come already, so the budget renews on ${renewalDate}, the next monthly return.`] : []),
    ...nearness(budget),
  ];
}

/** A renewal so near that each day until then gets far more than one of a whole month. A daily multiple may limit it. */
function nearness({ day, daysLeft, remaining, renewalDate }: BudgetView): string[] {
  const left = day.cycle?.remaining ?? remaining;
  if (renewalDate === null || daysLeft >= NEAR_DAYS || day.allowance * BigInt(NEAR_DAYS) <= left) return [];
  const even = dollars(left / BigInt(DAYS_WITHOUT_RENEWAL));
  const until =
    daysLeft === 1
      ? `${dollars(left)} until tomorrow, ${renewalDate}: all of it may be spent today.`
      : `${dollars(left)} until ${renewalDate}, in ${daysLeft} days: ${dollars(day.allowance)} of it may be spent today.`;
  return [`${until} Over a whole month it would be ${even} a day; name a later renewal date if that is meant.`];
}
