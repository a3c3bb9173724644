/** Money that would no longer be counted exactly is refused where it would come in, with the amounts (`TooMuch` of the Accounts port). */
import { MOST_MICRODOLLARS } from '../budget/index.ts';
import type { TooMuch } from '../ports/index.ts';
import { Problem } from '../problem.ts';

const LIMIT = `A user can have at most ${MOST_MICRODOLLARS} microdollars in one billing cycle, which JSON still carries exactly.`;

export const tooMuchAdded = (amount: bigint, { tooMuch: { has, most } }: TooMuch): Problem =>
  refused(
    'amount_microdollars',
    `${LIMIT} This user has ${has} already, so ${amount} more cannot be added, but at most ${most}.`,
  );

export const planTooLarge = (budget: bigint, { tooMuch: { has, most } }: TooMuch): Problem =>
  refused(
    'subscription_budget_microdollars',
    `${LIMIT} Beside the plan this user has ${has} by top-ups, so ${budget} cannot be the plan, but at most ${most}.`,
  );

const refused = (path: string, sentences: string): Problem =>
  new Problem('invalid_request', `${sentences} Nothing was changed; send it again with a smaller amount.`, {
    errors: [{ path, message: sentences }],
  });
