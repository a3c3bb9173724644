/** The Payments port: each method is one function of schema/functions/stripe.sql. They are no request of a user's, so not behind the wall. */
import type { Payments } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { toJson } from './json.ts';

export const postgresPayments = ({ call }: Database): Payments => ({
  async keep(object) {
    await call('keep_stripe_object', toJson(object));
  },
  userOf: (objectId) => call('user_of_stripe_object', objectId),
  settle: (userId, plans, { isNews }) => call('settle_payments', userId, toJson(plans), String(isNews)),
});
