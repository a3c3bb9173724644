/** Answers to questions about calls, and the inbox of a user (port UserApprovals), under row-level security. */
import { and, asc, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import { agentCheckpoints, agentSessions, toolApprovals, toolCalls } from '../../../schema/index.ts';
import type { AnsweredApproval, ApprovalReply, InboxPage, SessionView, UserApprovals } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { cursorOf, exactly, startOf } from './cursor.ts';
import { fromInstant, toJson } from './json.ts';
import { ownedBy } from './owned.ts';
import { statusColumn, viewColumns, viewOf } from './session-view.ts';
import { asUser } from './tenant.ts';

export const postgresApprovals = (database: Database): UserApprovals<SessionView> => ({
  approval: (userId, id, callId) => approval(database, userId, id, callId),
  answer: (userId, id, callId, reply, operation) => answer(database, userId, id, callId, reply, operation),
  inbox: (userId, page) => inbox(database, userId, page),
});

/** One statement that starts at the session, so that "no such session" and "nothing asked" differ. */
async function approval(database: Database, userId: string, id: string, callId: string) {
  const { sessionId, callId: call, decision, inputSchema, tool, input, edited } = toolApprovals;
  const { argsSha, toolSha, askedAt, expiresAt } = toolApprovals;
  const isOpen = sql`exists (select from ${toolCalls} c where c.session_id = ${sessionId} and c.call_id = ${call} and c.done_at is null)`;
  const [[row]] = await asUser(database, userId, (db) => [
    db
      .select({ callId: call, schema: inputSchema, tool, input, edited, argsSha, toolSha, askedAt, expiresAt })
      .from(agentSessions)
      .leftJoin(toolApprovals, and(eq(sessionId, agentSessions.id), eq(call, callId), isNull(decision), isOpen))
      .where(ownedBy(userId, eq(agentSessions.id, id))),
  ]);
  if (!row) return null;
  return row.callId === null ? ('absent' as const) : (row as { [K in keyof typeof row]: NonNullable<(typeof row)[K]> });
}

type AnswerJson =
  | { answered: true }
  | { decided: Extract<AnsweredApproval, { decided: unknown }>['decided'] }
  | { expired: string }
  | { changed: 'arguments' | 'tool' }
  | { refused: 'absent' | 'ended' | 'conflict' };

async function answer(
  database: Database,
  userId: string,
  id: string,
  callId: string,
  reply: ApprovalReply,
  operation: string,
): Promise<AnsweredApproval | null> {
  const asked = sql`select answer_approval(${userId}, ${id}, ${operation}, ${callId}, ${toJson(reply)}) as answer`;
  const [{ rows }] = await asUser(database, userId, (db) => [db.execute<{ answer: AnswerJson | null }>(asked)]);
  const told = rows[0]?.answer ?? null;
  if (told === null) return null;
  if ('refused' in told) return told.refused;
  return 'expired' in told ? { expired: fromInstant(told.expired) } : told;
}

async function inbox(database: Database, userId: string, { limit, cursor, order, kind }: InboxPage) {
  const place = startOf(cursor);
  const { waitingSince, waitingFor, id, state } = agentSessions;
  const newest = order === 'newest';
  const by = newest ? desc : asc;
  const start = place && sql`(${place.createdAt}::timestamptz, ${place.id})`;
  const beyond = start ? sql`(${waitingSince}, ${id}) ${newest ? sql`<` : sql`>`} ${start}` : undefined;
  // Rows of before a kind was kept are questions.
  const ofKind = kind && sql`coalesce(${waitingFor}, 'question') = ${kind}`;
  const exact = exactly(waitingSince);
  const [rows] = await asUser(database, userId, (db) => {
    // First the page, by its index alone; what is shown of its sessions, second.
    const ids = db
      .select({ id })
      .from(agentSessions)
      .where(ownedBy(userId, and(eq(state, 'waiting'), eq(statusColumn, 'waiting_for_input'), beyond, ofKind)))
      .orderBy(by(waitingSince), by(id))
      .limit(limit + 1);
    return [
      db
        .select({ ...viewColumns(userId, { inList: true }), exact })
        .from(agentSessions)
        .innerJoin(agentCheckpoints, eq(agentCheckpoints.sessionId, agentSessions.id))
        .where(inArray(id, ids))
        .orderBy(by(waitingSince), by(id)),
    ];
  });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(viewOf), next: last ? cursorOf({ createdAt: last.exact, id: last.id }) : null };
}
