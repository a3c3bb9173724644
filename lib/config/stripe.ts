/** What the settings say of payments. */
import type { PaidPlans } from '../payments/paid-invoices.ts';
import { commaSeparated } from './forms.ts';

type Named = { STRIPE_WEBHOOK_SECRET?: string | undefined; STRIPE_MODE: 'live' | 'test' };

/** Undefined: this deployment takes no events of Stripe. */
export const stripeOf = ({ STRIPE_WEBHOOK_SECRET: secrets, STRIPE_MODE }: Named, plans: PaidPlans) =>
  secrets === undefined ? undefined : { secrets: commaSeparated(secrets), livemode: STRIPE_MODE === 'live', plans };
