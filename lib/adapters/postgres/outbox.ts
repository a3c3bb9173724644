/** The Outbox port on schema/functions/webhooks.sql: across all users, as the sweep. */
import type { BudgetAlert, DueDelivery, NoticeSweep, Outbox } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant, toJson } from './json.ts';

type Money = 'allowance' | 'ceiling' | 'spent' | 'held';
type AlertJson = Omit<BudgetAlert, 'at' | Money> & Record<'at' | Money, string>;
type DueJson = Omit<DueDelivery, 'at' | 'alert'> & { at: string; alert: AlertJson | null };
type SweepJson = Omit<NoticeSweep, 'due' | 'nextDue' | 'now'> & { due: DueJson[]; nextDue: string | null; now: string };

export const postgresOutbox = ({ call }: Database): Outbox => ({
  async sweep({ days, limit, busy }) {
    const array = `{${busy.map((userId) => JSON.stringify(userId)).join(',')}}`;
    const { raised, due, nextDue, now } = await call<SweepJson>('sweep_notices', days, limit, array);
    return {
      raised,
      due: due.map(dueOf),
      nextDue: nextDue === null ? null : fromInstant(nextDue),
      now: fromInstant(now),
    };
  },
  settle: (outcomes) => call('settle_notices', toJson(outcomes)),
});

const dueOf = ({ at, alert, ...rest }: DueJson): DueDelivery => ({
  ...rest,
  at: fromInstant(at),
  alert: alert && alertOf(alert),
});

const alertOf = ({ at, allowance, ceiling, spent, held, ...rest }: AlertJson): BudgetAlert => ({
  ...rest,
  at: fromInstant(at),
  allowance: BigInt(allowance),
  ceiling: BigInt(ceiling),
  spent: BigInt(spent),
  held: BigInt(held),
});
