/** The questions of a session that wait for a decision, as a column of its view. */
import { sql } from 'drizzle-orm';
import { agentSessions, toolApprovals, toolCalls } from '../../../schema/index.ts';
import type { PendingApproval } from '../../ports/index.ts';
import { fromInstant } from './json.ts';

export type PendingJson = Omit<PendingApproval, 'askedAt' | 'expiresAt'> & { askedAt: string; expiresAt: string };

/** Of a session that waits for approvals, those without a decision whose calls are open; null: none. */
export const pendingColumn = sql<PendingJson[] | null>`case when ${agentSessions.waitingFor} = 'approval' then
  (select json_agg(json_build_object('callId', a.call_id, 'tool', a.tool, 'input', a.input, 'edited', a.edited, 'argsSha', a.args_sha, 'toolSha', a.tool_sha,
      'askedAt', a.asked_at, 'expiresAt', a.expires_at) order by c.message_n, c.position)
    from ${toolApprovals} a join ${toolCalls} c on c.session_id = a.session_id and c.call_id = a.call_id and c.done_at is null
    where a.session_id = ${agentSessions.id} and a.decision is null) end`;

export const pendingOf = ({ askedAt, expiresAt, ...rest }: PendingJson): PendingApproval => ({
  ...rest,
  askedAt: fromInstant(askedAt),
  expiresAt: fromInstant(expiresAt),
});
