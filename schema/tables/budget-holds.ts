import { sql } from 'drizzle-orm';
import { boolean, check, date, foreignKey, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { budgetDays } from './budget-days.ts';
import { count, id, instant, money } from './columns.ts';

/**
 * Money reserved for call `n` of owner `fence` before the call is made. `kind`: a call of a model, or of a paid tool, whose name then stands in
 * `model`. `class`: held, then unknown or settled (settled is final).
 * `ceiling` and `committed` are the day's ceiling and its spent + held with this hold, at admission: the proof of G1. `prompt_n`: the
 * last message that the call's prompt can have held. No foreign key to the session: money outlives it (R7). One that is resolved is removed
 * three months after its day; its ledger row stays.
 */
export const budgetHolds = pgTable(
  'budget_holds',
  {
    sessionId: id('session_id').notNull(),
    fence: count('fence').notNull(),
    n: integer('n').notNull(),
    userId: id('user_id').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    iteration: integer('iteration').notNull(),
    promptN: integer('prompt_n').notNull(),
    kind: text('kind', { enum: ['call', 'tool'] })
      .notNull()
      .default('call'),
    model: text('model').notNull(),
    class: text('class', { enum: ['held', 'unknown', 'settled'] }).notNull(),
    amount: money('amount').notNull(),
    ceiling: money('ceiling').notNull(),
    committed: money('committed').notNull(),
    at: instant('at').notNull(),
    /** Made in the wind-down, so that it may use what was set aside for that (R12). */
    handOff: boolean('hand_off').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.fence, t.n] }),
    foreignKey({
      name: 'budget_holds_day',
      columns: [t.userId, t.day],
      foreignColumns: [budgetDays.userId, budgetDays.day],
    }),
    index('budget_holds_by_day').on(t.day, t.userId),
    index('budget_holds_open').on(t.sessionId).where(sql`${t.class} = 'held'`),
    check('amount_positive', sql`${t.amount} > 0`),
    check('within_the_ceiling', sql`${t.committed} <= ${t.ceiling}`),
    check('hold_kind_known', sql`${t.kind} in ('call', 'tool')`),
    check('class_known', sql`${t.class} in ('held', 'unknown', 'settled')`),
  ],
);
