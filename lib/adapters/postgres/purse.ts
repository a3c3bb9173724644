/** The Purse port on `record_cost`. The day is today's by the database's clock, whatever `at` says: `at` only chose the price. */
import type { Purse } from '../../budget/purse.ts';
import { cleanText } from '../../text.ts';
import type { Database } from './connect.ts';
import { toJson } from './json.ts';

export function postgresPurse({ call }: Database): Purse {
  return {
    async record({ userId, sessionId, iteration, model, usage, cost }) {
      const answer = await call<{ sessionCost: string; daySpent: string }>(
        'record_cost',
        ...[userId, sessionId, iteration, cleanText(model), toJson(usage), cost],
      );
      return { sessionCost: BigInt(answer.sessionCost), daySpent: BigInt(answer.daySpent) };
    },
  };
}
