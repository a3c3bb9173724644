/** A session's journal and files, for its person. Each is one statement that starts at the session, so that "no such session" and "nothing there" differ. */
import { and, desc, eq, gt, isNotNull, sql } from 'drizzle-orm';
import { agentEvents, agentSessions, workspaceFiles } from '../../../schema/index.ts';
import type { JournalRow } from '../../ports.ts';
import type { Database } from './connect.ts';
import { ownedBy } from './desk.ts';
import { walled } from './wall.ts';

export async function eventsOf(
  database: Database,
  userId: string,
  id: string,
  { after, limit }: { after: number; limit: number },
): Promise<JournalRow[] | null> {
  const { seq, at, type, data } = agentEvents;
  const [rows] = await walled(database, userId, (db) => [
    db
      .select({ event: { seq, at, type, data } })
      .from(agentSessions)
      .leftJoin(agentEvents, and(eq(agentEvents.sessionId, agentSessions.id), gt(seq, after)))
      .where(ownedBy(userId, eq(agentSessions.id, id)))
      .orderBy(seq)
      .limit(limit),
  ]);
  return rows.length > 0 ? rows.flatMap(({ event }) => (event ? [event] : [])) : null;
}

/** Of each path its last version, unless that says it is gone. */
export async function fileListOf(database: Database, userId: string, id: string) {
  const { sessionId, path, iteration, mode, at, content } = workspaceFiles;
  const bytes = sql<number>`octet_length(${content})`.as('bytes');
  const latest = database.db
    .selectDistinctOn([path], { sessionId, path, mode, at, bytes })
    .from(workspaceFiles)
    .where(and(eq(sessionId, id), eq(workspaceFiles.userId, userId)))
    .orderBy(path, desc(iteration))
    .as('latest');
  const [rows] = await walled(database, userId, (db) => [
    db
      .select({ path: latest.path, bytes: latest.bytes, mode: latest.mode, updatedAt: latest.at })
      .from(agentSessions)
      .leftJoin(latest, isNotNull(latest.bytes))
      .where(ownedBy(userId, eq(agentSessions.id, id)))
      .orderBy(sql`${latest.path} collate "C"`),
  ]);
  if (rows.length === 0) return null;
  return rows.flatMap(({ path, bytes, mode, updatedAt }) =>
    path !== null && mode !== null && updatedAt !== null ? [{ path, bytes, mode, updatedAt }] : [],
  );
}

export async function fileOf(database: Database, userId: string, id: string, path: string): Promise<Uint8Array | null> {
  const [[file]] = await walled(database, userId, (db) => [
    db
      .select({ content: workspaceFiles.content })
      .from(workspaceFiles)
      .innerJoin(agentSessions, eq(agentSessions.id, workspaceFiles.sessionId))
      .where(ownedBy(userId, and(eq(agentSessions.id, id), eq(workspaceFiles.path, path))))
      .orderBy(desc(workspaceFiles.iteration))
      .limit(1),
  ]);
  return file?.content ?? null;
}
