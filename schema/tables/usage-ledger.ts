import { sql } from 'drizzle-orm';
import { check, date, foreignKey, index, integer, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { budgetDays } from './budget-days.ts';
import { count, id, instant, money } from './columns.ts';

/**
 * One row per call of a model or of a paid tool: its cost and what it consumed. A tool's row has `kind` tool and the tool's name as `model` and in
 * `tools`. `class` unknown: charged without proof (G12), corrected at most once, by a late
 * settlement or by the provider's report. `fence` 0: recorded without a hold, with the iteration as `n`. `kind`, `usage` and the counts are null or 0 when the worker
 * died before it reported. `tools`: the names of the tools that the reply called, repeats included. Never deleted, also when the session is.
 */
export const usageLedger = pgTable(
  'usage_ledger',
  {
    userId: id('user_id').notNull(),
    sessionId: id('session_id').notNull(),
    fence: count('fence').notNull(),
    n: integer('n').notNull(),
    day: date('day', { mode: 'string' }).notNull(),
    iteration: integer('iteration').notNull(),
    model: text('model').notNull(),
    kind: text('kind', { enum: ['think', 'compact', 'tool'] }),
    class: text('class', { enum: ['unknown', 'settled'] }).notNull(),
    cost: money('cost').notNull(),
    inputTokens: count('input_tokens').notNull(),
    outputTokens: count('output_tokens').notNull(),
    cacheReadTokens: count('cache_read_tokens').notNull(),
    cacheWrite5mTokens: count('cache_write_5m_tokens').notNull(),
    cacheWrite1hTokens: count('cache_write_1h_tokens').notNull(),
    searches: count('searches').notNull(),
    tools: text('tools').array().notNull(),
    usage: json('usage').$type<Record<string, unknown>>(),
    at: instant('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.sessionId, t.fence, t.n] }),
    foreignKey({
      name: 'usage_ledger_day',
      columns: [t.userId, t.day],
      foreignColumns: [budgetDays.userId, budgetDays.day],
    }),
    index('usage_ledger_by_day').on(t.userId, t.day),
    index('usage_ledger_by_iteration').on(t.userId, sql`${t.sessionId} collate "C"`, t.iteration),
    index('usage_ledger_doubts').on(t.at).where(sql`${t.class} = 'unknown'`),
    index('usage_ledger_at').using('brin', t.at),
    check('ledger_cost_not_negative', sql`${t.cost} >= 0`),
    check('ledger_class_known', sql`${t.class} in ('unknown', 'settled')`),
  ],
);
