/** A budget alert as users see it: in the API, and in what is sent to them. */
import { createHash } from 'node:crypto';
import { dollars } from '../core/runtime-messages.ts';
import type { AlertKey, BudgetAlert } from '../ports/index.ts';

/** The same whenever and however often it is sent, so that a receiver can tell a repeat. */
export const alertId = ({ userId, day, threshold }: AlertKey): string =>
  `alr_${createHash('sha256').update(`${userId}\n${day}\n${threshold}`).digest('hex').slice(0, 32)}`;

/** Money as integers of microdollars, exact up to 2^53; `at` in ISO 8601. `message`: a sentence for a user. */
export const alertJson = (alert: BudgetAlert) => ({
  id: alertId(alert),
  date: alert.day,
  threshold: alert.threshold,
  reason: alert.reason,
  at: new Date(alert.at).toISOString(),
  message: messageOf(alert),
  daily_budget_microdollars: Number(alert.allowance),
  spent_microdollars: Number(alert.spent),
  held_microdollars: Number(alert.held),
  hard_ceiling_microdollars: Number(alert.ceiling),
});

const ANEW = "with the next day's allowance, from 00:00 UTC on";

function messageOf({ threshold, reason, at, ...money }: BudgetAlert): string {
  const [allowance, spent, ceiling] = [dollars(money.allowance), dollars(money.spent), dollars(money.ceiling)];
  switch (threshold) {
    case 'pace':
      return `${spent} of the day's ${allowance} were spent by ${new Date(at).toISOString().slice(11, 16)} UTC. At this pace the day's money is gone before 18:00 UTC, and the agents sleep from then on.`;
    case 'graceful':
      return `${spent} of the day's ${allowance} are spent: the agents finish what they are at, and start nothing new today.`;
    case 'ceiling':
      return reason === 'asleep'
        ? `What is left of the day's ${allowance} is too little for an agent's next step (${spent} are spent): it sleeps, and goes on ${ANEW}, or at once after a top-up.`
        : `The day's ${allowance} are spent: the agents go on ${ANEW}, or at once after a top-up.`;
    case 'breaker':
      return reason === 'stopped'
        ? 'The operator has stopped all agents. Nothing is lost: they go on from where they are when the operator lets them.'
        : `${spent} are spent, more than the day's hard ceiling of ${ceiling}: a bill was higher than what was reserved for it, or the budget was lowered. The agents have stopped, and go on ${ANEW}, or when a user wakes them.`;
  }
}
