import { sql } from 'drizzle-orm';
import { boolean, check, index, json, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { ApprovalDecision } from '../../lib/core/approval.ts';
import { agentSessions } from './agent-sessions.ts';
import { id, instant } from './columns.ts';

/**
 * One row per tool call that a person must decide on, written by the save that asks. `input`: the arguments that run if it is approved, and `edited`: they are the
 * person's. `args_sha`, `tool_sha`: SHA-256 of what was asked about. `input_schema`: of the tool's arguments then. `decision` is written once, under the session's
 * lock: by a person before `expires_at`, or by a claim. A tool that changed meanwhile is asked about again, in the same row.
 */
export const toolApprovals = pgTable(
  'tool_approvals',
  {
    sessionId: id('session_id')
      .notNull()
      .references(() => agentSessions.id, { onDelete: 'cascade' }),
    callId: text('call_id').notNull(),
    userId: id('user_id').notNull(),
    tool: text('tool').notNull(),
    input: json('input').$type<Record<string, unknown>>().notNull(),
    edited: boolean('edited').notNull().default(false),
    argsSha: text('args_sha').notNull(),
    toolSha: text('tool_sha').notNull(),
    inputSchema: json('input_schema').$type<Record<string, unknown>>().notNull(),
    askedAt: instant('asked_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    decision: text('decision').$type<ApprovalDecision>(),
    reason: text('reason'),
    decidedAt: instant('decided_at'),
  },
  (t) => [
    index('tool_approvals_open').on(t.sessionId).where(sql`${t.decision} is null`),
    primaryKey({ columns: [t.sessionId, t.callId] }),
    check('decision_known', sql`${t.decision} in ('approve', 'deny', 'edit', 'expired', 'withdrawn')`),
    check('decided_at_some_time', sql`(${t.decision} is null) = (${t.decidedAt} is null)`),
  ],
);
