/** What Stripe tells, and what users have by it (lib/ports/index.ts tells the rules of all ports). */
import type { PaidPlans } from '../payments/paid-invoices.ts';
import type { StripeObject } from '../payments/stripe-object.ts';

export type { PaidPlan, PaidPlans } from '../payments/paid-invoices.ts';
export type { StripeObject } from '../payments/stripe-object.ts';

/**
 * Two steps, each of which may be repeated blindly and in any order: objects are kept, then a user gets what the objects of that user say. Whoever
 * settles after each keep misses nothing, however many keep at once.
 */
export type Payments = {
  /** Keeps the last version of an object. Moves no money. */
  keep(object: StripeObject): Promise<void>;
  /** Whose the object is: who it names itself, else the one user whom the objects of its customer name. Null: nobody can tell yet. */
  userOf(objectId: string): Promise<string | null>;
  /**
   * Adds each paid checkout once, and gives the user the best plan of `plans` that is paid for today: tier, budget, and the end of the paid period
   * as renewal date. Null: there is no such user, and what is kept waits. `isNews` false: a plan that is paid already stays as the operator left it.
   * `nudged`: some sessions are due, so hint them. `tooMuch`: what could not be counted beside what the user has waits, too.
   */
  settle(
    userId: string,
    plans: PaidPlans,
    options: { isNews: boolean },
  ): Promise<{ nudged: boolean; tooMuch: boolean } | null>;
};
