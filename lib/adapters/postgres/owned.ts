/** Which sessions a user may see, and how they are read: shared by all that answers users. */
import { and, eq, isNull, type SQL } from 'drizzle-orm';
import { agentCheckpoints, agentSessions } from '../../../schema/index.ts';
import type { Db } from './connect.ts';
import { viewColumns } from './session-view.ts';

/** Sessions that the user has and has not removed. */
export const ownedBy = (userId: string, more?: SQL) =>
  and(eq(agentSessions.userId, userId), isNull(agentSessions.deletedAt), more);

export const sessionsWhere = (db: Db, userId: string, which: SQL | undefined) =>
  db
    .select(viewColumns(userId))
    .from(agentSessions)
    .innerJoin(agentCheckpoints, eq(agentCheckpoints.sessionId, agentSessions.id))
    .where(which);
