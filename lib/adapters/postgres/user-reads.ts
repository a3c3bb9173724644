/**
 * A session's history, journal and files, for its user. Each is one statement that starts at the session, so that "no such session" and
 * "nothing there" differ, and reads one page from its index. Where the history was given up (`cleared_at`) nothing is there.
 */
import { and, asc, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import { agentEvents, agentMessages, agentSessions, workspaceFiles } from '../../../schema/index.ts';
import type { StoredMessage } from '../../core/session.ts';
import type { FilePage, JournalRow, MessagePage } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { ownedBy } from './owned.ts';
import { asUser } from './tenant.ts';

/** Of a session that is joined. */
const kept = isNull(agentSessions.clearedAt);

/** `fits`: the page holds it, by its bytes. The first row is part of the page whatever its size. */
type MessageRow = { n: number | null; role: StoredMessage['role']; content: StoredMessage['content']; fits: boolean };

/** One row more than the page holds, by number or by bytes, says whether there is a next one. */
export async function messagesOf(database: Database, userId: string, id: string, page: MessagePage) {
  const { after, limit, bytes } = page;
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<MessageRow>(sql`select p.n, p.role, p.content, p.until <= ${bytes}::bigint as fits
      from ${agentSessions} s left join lateral (
        select m.*, sum(own) over (order by n) as until, row_number() over (order by n) as i from (
          select n, role, content, octet_length(content::text) as own from ${agentMessages}
            where session_id = s.id and n > ${after}::int and s.cleared_at is null order by n limit ${limit + 1}::int) m
      ) p on p.until - p.own <= ${bytes}::bigint or p.i <= 2
      where s.id = ${id} and s.user_id = ${userId} and s.deleted_at is null order by p.n`),
  ]);
  if (rows.length === 0) return null;
  const found = rows.flatMap(({ n, role, content, fits }) => (n === null ? [] : [{ n, role, content, fits }]));
  const data = cut(found, limit).map(({ n, role, content }) => ({ n, role, content }));
  return { data, next: data.length < found.length ? data.at(-1)!.n : null };
}

/** Of what fits, up to where the next page begins with another role, since adjacent rows of one are one message. */
function cut<T extends { role: StoredMessage['role']; fits: boolean }>(found: T[], limit: number): T[] {
  const most = Math.min(limit, Math.max(1, found.filter(({ fits }) => fits).length));
  if (found.length <= most) return found;
  let end = most;
  while (end > 0 && found[end - 1]!.role === found[end]!.role) end--;
  return found.slice(0, end || most);
}

export async function eventsOf(
  database: Database,
  userId: string,
  id: string,
  { after, limit }: { after: number; limit: number },
): Promise<JournalRow[] | null> {
  const { sessionId, seq, at, iteration, type, data } = agentEvents;
  const [rows] = await asUser(database, userId, (db) => {
    const page = db
      .select({ seq, at, iteration, type, data })
      .from(agentEvents)
      .where(and(eq(sessionId, agentSessions.id), gt(seq, after), kept))
      .orderBy(asc(seq))
      .limit(limit)
      .as('page');
    return [
      db
        .select({ seq: page.seq, at: page.at, iteration: page.iteration, type: page.type, data: page.data })
        .from(agentSessions)
        .leftJoinLateral(page, sql`true`)
        .where(ownedBy(userId, eq(agentSessions.id, id)))
        .orderBy(page.seq),
    ];
  });
  if (rows.length === 0) return null;
  return rows.flatMap((row) => (row.seq === null ? [] : [row as JournalRow]));
}

export async function lastSeqOf(database: Database, userId: string, id: string): Promise<number | null> {
  const [[row]] = await asUser(database, userId, (db) => [
    db
      .select({ seq: agentSessions.seq })
      .from(agentSessions)
      .where(ownedBy(userId, eq(agentSessions.id, id))),
  ]);
  return row?.seq ?? null;
}

export async function fileListOf(database: Database, userId: string, id: string, { after, limit }: FilePage) {
  const { sessionId, path, mode, at, content, supersededAt } = workspaceFiles;
  const inBytes = sql`${path} collate "C"`;
  const [rows] = await asUser(database, userId, (db) => {
    const page = db
      .select({ path, mode, at, bytes: sql<number>`octet_length(${content})`.as('bytes') })
      .from(workspaceFiles)
      .where(and(eq(sessionId, agentSessions.id), isNull(supersededAt), sql`${inBytes} > ${after}`, kept))
      .orderBy(inBytes)
      .limit(limit + 1)
      .as('page');
    return [
      db
        .select({ path: page.path, bytes: page.bytes, mode: page.mode, updatedAt: page.at })
        .from(agentSessions)
        .leftJoinLateral(page, sql`true`)
        .where(ownedBy(userId, eq(agentSessions.id, id)))
        .orderBy(sql`${page.path} collate "C"`),
    ];
  });
  if (rows.length === 0) return null;
  const found = rows.flatMap(({ path, bytes, mode, updatedAt }) =>
    path !== null && mode !== null && updatedAt !== null && bytes !== null ? [{ path, bytes, mode, updatedAt }] : [],
  );
  const data = found.slice(0, limit);
  return { data, next: found.length > limit ? data.at(-1)!.path : null };
}

export async function fileOf(database: Database, userId: string, id: string, path: string): Promise<Uint8Array | null> {
  const [[file]] = await asUser(database, userId, (db) => [
    db
      .select({ content: workspaceFiles.content })
      .from(workspaceFiles)
      .innerJoin(agentSessions, eq(agentSessions.id, workspaceFiles.sessionId))
      .where(ownedBy(userId, and(eq(agentSessions.id, id), eq(workspaceFiles.path, path), kept)))
      .orderBy(desc(workspaceFiles.iteration))
      .limit(1),
  ]);
  return file?.content ?? null;
}
