/** The questions of a session that wait for a decision, as a column of its view. */
import { sql } from 'drizzle-orm';
import { agentSessions, toolApprovals, toolCalls } from '../../../schema/index.ts';
import { PREVIEW } from '../../core/runtime-messages.ts';
import type { PendingApproval } from '../../ports/index.ts';
import { fromInstant } from './json.ts';

export type PendingJson = Omit<PendingApproval, 'askedAt' | 'expiresAt'> & { askedAt: string; expiresAt: string };

const whole = sql`'input', a.input, 'inputPreview', null`;
/** Of long arguments the beginning, as `preview` of the core says it. */
const brief = sql`'input', case when char_length(a.input::text) <= ${PREVIEW}::int then a.input end,
      'inputPreview', case when char_length(a.input::text) > ${PREVIEW}::int
        then left(a.input::text, ${PREVIEW}::int) || '… [' || (char_length(a.input::text) - ${PREVIEW}::int) || ' more characters]' end`;

/** Of a session that waits for approvals, those without a decision whose calls are open; null: none. */
export const pendingColumn = (inList: boolean) => sql<
  PendingJson[] | null
>`case when ${agentSessions.waitingFor} = 'approval' then
  (select json_agg(json_build_object('callId', a.call_id, 'tool', a.tool, ${inList ? brief : whole}, 'edited', a.edited, 'argsSha', a.args_sha,
      'toolSha', a.tool_sha, 'askedAt', a.asked_at, 'expiresAt', a.expires_at) order by c.message_n, c.position)
    from ${toolApprovals} a join ${toolCalls} c on c.session_id = a.session_id and c.call_id = a.call_id and c.done_at is null
    where a.session_id = ${agentSessions.id} and a.decision is null) end`;

export const pendingOf = ({ askedAt, expiresAt, ...rest }: PendingJson): PendingApproval => ({
  ...rest,
  askedAt: fromInstant(askedAt),
  expiresAt: fromInstant(expiresAt),
});
