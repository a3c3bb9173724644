import { json, pgTable, text } from 'drizzle-orm/pg-core';
import { agentSessions } from './agent-sessions.ts';
import { count, id, instant } from './columns.ts';

/**
 * What the core keeps to go on with, one row a session, rewritten by every settle and save. Its size does not grow with the conversation.
 * `agent_state` is the core's Memory; `job_id` the invocation that wrote it; `retry_counts` the error signatures under watch with the
 * tries against each; `sandbox_id` is null, since the workspace lives in `workspace_files`.
 */
export const agentCheckpoints = pgTable('agent_checkpoints', {
  sessionId: id('session_id')
    .primaryKey()
    .references(() => agentSessions.id, { onDelete: 'cascade' }),
  userId: id('user_id').notNull(),
  fence: count('fence').notNull(),
  jobId: text('job_id'),
  sandboxId: text('sandbox_id'),
  currentPhase: text('current_phase'),
  retryCounts: json('retry_counts').notNull(),
  agentState: json('agent_state').notNull(),
  updatedAt: instant('updated_at').notNull(),
});
