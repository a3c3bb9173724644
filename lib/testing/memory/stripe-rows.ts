import type { PaidInvoice } from '../../payments/paid-invoices.ts';
import type { StripeObject } from '../../ports/index.ts';

/** `worth`: of an invoice, what it gave when its user was last settled. `owner`: the user who has that. */
export type StripeRow = {
  object: StripeObject;
  credited: boolean;
  worth: Omit<PaidInvoice, 'id'> | null;
  owner: string | null;
};
