/**
 * A session's history, journal and files, for its user. Each is one statement that starts at the session, so that "no such session" and
 * "nothing there" differ, and reads one page from its index. Where the history was given up (`cleared_at`) nothing is there.
 */
import { and, asc, desc, eq, gt, isNull, sql } from 'drizzle-orm';
import { agentEvents, agentMessages, agentSessions, workspaceFiles, workspaceInbox } from '../../../schema/index.ts';
import type { StoredMessage } from '../../core/session.ts';
import { GIT_STATE } from '../../core/workspace.ts';
import type { FilePage, JournalRow, MessagePage } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant } from './json.ts';
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
          select n, role, told as content, octet_length(told::text) as own
            from ${agentMessages}, lateral (select without_media(content) as told) x
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

type FileRow = { path: string | null; bytes: number; mode: number; at: string };

/** What git keeps is no file of anybody's; users cannot put anything there. */
const shown = sql`not starts_with(path, ${`${GIT_STATE}/`})`;

/** What users wrote since the last claim lies over what was saved. Each of the two gives a page by its own index. */
export async function fileListOf(database: Database, userId: string, id: string, { after, limit }: FilePage) {
  const one = limit + 1;
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<FileRow>(sql`select p.path, p.bytes, p.mode, p.at from ${agentSessions} s left join lateral (
        select * from (
          (select path, octet_length(content) as bytes, mode, at from ${workspaceFiles} f
            where f.session_id = s.id and superseded_at is null and path collate "C" > ${after} and s.cleared_at is null and ${shown}
              and not exists (select from ${workspaceInbox} i where i.session_id = s.id and i.path = f.path and not i.taken)
            order by path collate "C" limit ${one}::int)
          union all
          (select path, bytes, mode, at from ${workspaceInbox}
            where session_id = s.id and not taken and bytes is not null and path collate "C" > ${after} and s.cleared_at is null
            order by path collate "C" limit ${one}::int)
        ) seen order by path collate "C" limit ${one}::int
      ) p on true where s.id = ${id} and s.user_id = ${userId} and s.deleted_at is null order by p.path collate "C"`),
  ]);
  if (rows.length === 0) return null;
  const found = rows.flatMap(({ path, bytes, mode, at }) =>
    path === null ? [] : [{ path, bytes, mode, updatedAt: fromInstant(at) }],
  );
  const data = found.slice(0, limit);
  return { data, next: found.length > limit ? data.at(-1)!.path : null };
}

export async function fileOf(database: Database, userId: string, id: string, path: string): Promise<Uint8Array | null> {
  const [[file]] = await asUser(database, userId, (db) => {
    const saved = db
      .select({ content: workspaceFiles.content })
      .from(workspaceFiles)
      .where(and(eq(workspaceFiles.sessionId, agentSessions.id), eq(workspaceFiles.path, path)))
      .orderBy(desc(workspaceFiles.iteration))
      .limit(1)
      .as('saved');
    const { sessionId, path: put, content, taken } = workspaceInbox;
    return [
      db
        .select({ isPut: sql<boolean>`${put} is not null`, put: content, saved: saved.content })
        .from(agentSessions)
        .leftJoin(workspaceInbox, and(eq(sessionId, agentSessions.id), eq(put, path), eq(taken, false)))
        .leftJoinLateral(saved, sql`true`)
        .where(ownedBy(userId, and(eq(agentSessions.id, id), kept))),
    ];
  });
  return (file?.isPut ? file.put : file?.saved) ?? null;
}

type ContentRow = { path: string | null; mode: number; at: string; content: string; last: boolean };

/** Which files a page has is decided by their lengths, before any content is read. */
export async function fileContentsOf(
  database: Database,
  userId: string,
  id: string,
  { after, bytes }: { after: string; bytes: number },
) {
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<ContentRow>(sql`select p.path, p.mode, p.at, encode(p.content, 'base64') as content, p.n = p.most as last
      from ${agentSessions} s left join lateral (
        select f.*, row_number() over (order by path collate "C") as n, count(*) over () as most,
            sum(octet_length(content)) over (order by path collate "C") as until
          from workspace_seen(s.id) f where path collate "C" > ${after} and s.cleared_at is null and ${shown}
      ) p on p.until <= ${bytes}::bigint or p.n = 1
      where s.id = ${id} and s.user_id = ${userId} and s.deleted_at is null order by p.n`),
  ]);
  if (rows.length === 0) return null;
  const data = rows.flatMap(({ path, mode, at, content }) =>
    path === null
      ? []
      : [{ path, mode, updatedAt: fromInstant(at), content: new Uint8Array(Buffer.from(content, 'base64')) }],
  );
  const end = rows.at(-1);
  return { data, next: end?.path == null || end.last ? null : end.path };
}
