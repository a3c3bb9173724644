import type { PaidPlan, StripeObject } from '../../ports/index.ts';

/** `plan`: of a subscription, as its prices were when its user was last settled. */
export type StripeRow = { object: StripeObject; credited: boolean; plan: PaidPlan | null };
