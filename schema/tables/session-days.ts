import { sql } from 'drizzle-orm';
import { boolean, date, index, jsonb, pgTable } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id, money } from './columns.ts';

/**
 * The last UTC day on which a session worked, and what it did with that day's money. `fence`: as it was before the first claim of that day;
 * it grows by one with each, so that counting claims writes one row a day, not one per claim. `spent` and `held` are the session's part of
 * `budget_days` of that day; `handed_off`: what of it was for calls of its wind-down, of which the first may use what is set aside for them (R12). `last_call`: what its last
 * call of that day cost. `done_for_day`: it has ended, or is not due before that day has; a trigger on agent_sessions keeps it. `refusals`: what the
 * last owner that was refused money was told, by question, so that a copy of it is told the same (R4). `outage`: it sleeps, or is about to,
 * since the provider fails its user.
 */
export const sessionDays = pgTable(
  'session_days',
  {
    sessionId: id('session_id')
      .primaryKey()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    userId: id('user_id').notNull(),
    day: date('day').notNull(),
    fence: count('fence').notNull(),
    spent: money('spent').notNull().default(sql`0`),
    held: money('held').notNull().default(sql`0`),
    handedOff: money('handed_off').notNull().default(sql`0`),
    lastCall: money('last_call').notNull().default(sql`0`),
    doneForDay: boolean('done_for_day').notNull().default(false),
    outage: boolean('outage').notNull().default(false),
    refusals: jsonb('refusals').$type<{ fence: number; answers: Record<string, unknown> }>(),
  },
  (t) => [
    index('session_days_live').on(t.userId, t.day).where(sql`not ${t.doneForDay} and ${t.handedOff} = 0`),
    index('session_days_by_day').on(t.day, t.sessionId),
    index('session_days_outage').on(t.userId).where(sql`${t.outage}`),
  ],
);
