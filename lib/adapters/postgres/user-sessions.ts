/**
 * The UserSessions port on Neon's HTTP driver. Reads are single statements, each scoped by the user; commands are SQL functions
 * (schema/functions/commands.sql), sent with the read that shows what they did: one request, one transaction, under row-level security (tenant.ts).
 */
import { randomUUID } from 'node:crypto';
import { and, count, desc, eq, gt, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { agentCheckpoints, agentSessions, idempotencyKeys } from '../../../schema/index.ts';
import { MOST_UNTAKEN } from '../../core/inbox.ts';
import { STATUSES, type Status } from '../../core/status.ts';
import { WORKSPACE_LIMITS } from '../../core/workspace.ts';
import {
  type AttachmentRefusal,
  FILE_PAGE,
  MESSAGE_PAGE,
  type NewSession,
  type Once,
  type SessionChange,
  type SessionCommand,
  type SessionFilter,
  type SessionView,
  type UserSessions,
} from '../../ports/index.ts';
import { cleanText } from '../../text.ts';
import { allEventsOf } from './all-events.ts';
import { postgresApprovals } from './approvals.ts';
import type { Database, Db } from './connect.ts';
import { cursorOf, exactly, startOf } from './cursor.ts';
import { toInstant, toJson } from './json.ts';
import { ownedBy, sessionsWhere } from './owned.ts';
import { statusColumn, viewColumns, viewOf } from './session-view.ts';
import { asUser } from './tenant.ts';
import { eventsOf, fileContentsOf, fileListOf, fileOf, lastSeqOf, messagesOf } from './user-reads.ts';
import { writtenFile, writtenFiles } from './write-file.ts';

export function postgresUserSessions(database: Database): UserSessions {
  return {
    ...postgresApprovals(database),
    create: (userId, session, once, mostLive = null) => create(database, userId, session, once, mostLive),
    earlier: (userId, once) => earlier(database, userId, once),
    async get(userId, id) {
      const [[row]] = await asUser(database, userId, (db) => [sessionOf(db, userId, id)]);
      return row ? viewOf(row) : null;
    },
    list: (userId, page, filter = {}) => list(database, userId, page, filter),
    counts: (userId) => counts(database, userId),
    change: (userId, id, change, operation) => changed(database, userId, id, change, operation),
    messages: (userId, id, page = MESSAGE_PAGE) => messagesOf(database, userId, id, page),
    events: (userId, id, page) => eventsOf(database, userId, id, page),
    allEvents: (userId, place, limit) => allEventsOf(database, userId, place, limit),
    lastSeq: (userId, id) => lastSeqOf(database, userId, id),
    fileList: (userId, id, page = FILE_PAGE) => fileListOf(database, userId, id, page),
    file: (userId, id, path) => fileOf(database, userId, id, cleanText(path)),
    fileContents: (userId, id, page) => fileContentsOf(database, userId, id, page),
    writeFile: (userId, id, write, operation) => writtenFile(database, userId, id, write, operation),
    writeFiles: (userId, id, files, operation) => writtenFiles(database, userId, id, files, operation),
    command: (userId, id, command, operation) => commanded(database, userId, id, command, operation),
    async remove(userId, id) {
      const operation = randomUUID();
      const removed = sql`select remove_session(${userId}, ${id}, ${operation}) as answer`;
      const [{ rows }] = await asUser(database, userId, (db) => [db.execute<{ answer: boolean }>(removed)]);
      return rows[0]!.answer;
    },
  };
}

const sessionOf = (db: Db, userId: string, id: string) =>
  sessionsWhere(db, userId, ownedBy(userId, eq(agentSessions.id, id)));

async function list(
  database: Database,
  userId: string,
  page: { limit: number; cursor: string | null },
  filter: SessionFilter,
) {
  const place = startOf(page.cursor);
  const { createdAt, id } = agentSessions;
  const older = place ? sql`(${createdAt}, ${id}) < (${place.createdAt}::timestamptz, ${place.id})` : undefined;
  const exact = exactly(createdAt);
  const [rows] = await asUser(database, userId, (db) => {
    // First the page, by its index alone; what is shown of its sessions, second.
    const ids = db
      .select({ id })
      .from(agentSessions)
      .where(ownedBy(userId, and(older, wanted(filter))))
      .orderBy(desc(createdAt), desc(id))
      .limit(page.limit + 1);
    return [
      db
        .select({ ...viewColumns(userId, { inList: true }), exact })
        .from(agentSessions)
        .innerJoin(agentCheckpoints, eq(agentCheckpoints.sessionId, agentSessions.id))
        .where(inArray(id, ids))
        .orderBy(desc(createdAt), desc(id)),
    ];
  });
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  return { data: shown.map(viewOf), next: last ? cursorOf({ createdAt: last.exact, id: last.id }) : null };
}

function wanted({ statuses, agent, createdAfter, createdBefore, metadata }: SessionFilter): SQL | undefined {
  const { createdAt } = agentSessions;
  return and(
    statuses && inArray(statusColumn, statuses),
    agent === undefined ? undefined : eq(agentSessions.agent, agent),
    // Users know instants to the millisecond.
    createdAfter === undefined ? undefined : gt(sql`date_trunc('milliseconds', ${createdAt})`, toInstant(createdAfter)),
    createdBefore === undefined ? undefined : lt(createdAt, createdBefore),
    metadata && sql`${agentSessions.metadata}::jsonb @> ${toJson(metadata)}::jsonb`,
  );
}

async function counts(database: Database, userId: string): Promise<Record<Status, number>> {
  const [rows] = await asUser(database, userId, (db) => {
    const each = db
      .select({ status: statusColumn.as('status') })
      .from(agentSessions)
      .where(ownedBy(userId))
      .as('each');
    return [db.select({ status: each.status, count: count() }).from(each).groupBy(each.status)];
  });
  const found = new Map(rows.map((row) => [row.status, row.count]));
  return Object.fromEntries(STATUSES.map((status) => [status, found.get(status) ?? 0])) as Record<Status, number>;
}

/** A new session as create_session reads it. */
export function newSessionJson(session: NewSession, mostLive: number | null): object {
  const firstFiles = session.firstFiles?.map(({ path, content }) => ({
    path,
    content: Buffer.from(content).toString('base64'),
  }));
  return { ...session, firstFiles, mostLive };
}

/**
 * The session shown is the one that the key stands for, if a request before this one took it, also when it was removed since. One that
 * is purged by now leaves its key behind, which then stands for nothing that could be shown: a conflict.
 */
async function create(
  database: Database,
  userId: string,
  session: NewSession,
  once: Once | null,
  mostLive: number | null,
): Promise<SessionView | 'conflict' | 'full'> {
  const made = toJson(newSessionJson(session, mostLive));
  const { userId: owner, scope, key, sessionId } = idempotencyKeys;
  const earlier = sql`(select ${sessionId} from ${idempotencyKeys}
    where ${owner} = ${userId} and ${scope} = 'create' and ${key} = ${once?.key ?? null})`;
  // A select of its own, since behind the wall no function bounds an index.
  const shown = sql`${agentSessions.id} = (select coalesce(${earlier}, ${session.id}))`;
  const [answer, rows] = await asUser(database, userId, (db) => [
    db.execute<{ answer: { conflict?: true; full?: true } }>(
      sql`select create_session(${userId}, ${made}, ${once?.key ?? null}, ${once?.fingerprint ?? null}) as answer`,
    ),
    sessionsWhere(db, userId, and(eq(agentSessions.userId, userId), shown)),
  ]);
  if (answer.rows[0]?.answer.full) return 'full';
  return answer.rows[0]?.answer.conflict || !rows[0] ? 'conflict' : viewOf(rows[0]);
}

async function earlier(database: Database, userId: string, once: Once) {
  const { userId: owner, scope, key, sessionId, fingerprint } = idempotencyKeys;
  const [[row]] = await asUser(database, userId, (db) => [
    db
      .select({ id: sessionId, fingerprint })
      .from(idempotencyKeys)
      .where(and(eq(owner, userId), eq(scope, 'create'), eq(key, once.key))),
  ]);
  if (!row) return null;
  return row.id === null || row.fingerprint !== once.fingerprint ? ('conflict' as const) : { id: row.id };
}

/**
 * The view asks for the user's day, and the first question of a day locks the user: before the command locks the session, as the order of
 * locks wants it (R3), or else a top-up at midnight would deadlock with it. The day itself is opened by the view, after the session: opening
 * it locks the day before, which a settlement takes when it has the session.
 */
const lockToOpen = (db: Db, userId: string) => db.execute(sql`select lock_to_open(${userId})`);

function wishJson(command: SessionCommand): string {
  if (command.type !== 'message' || command.files === undefined) return toJson({ ...command, most: MOST_UNTAKEN });
  const files = command.files.map(({ path, content }) => ({
    path,
    content: content && Buffer.from(content).toString('base64'),
    mode: null,
  }));
  return toJson({ ...command, files, most: MOST_UNTAKEN, mostFiles: WORKSPACE_LIMITS });
}

async function commanded(database: Database, userId: string, id: string, command: SessionCommand, operation: string) {
  const [, answer, rows] = await asUser(database, userId, (db) => [
    lockToOpen(db, userId),
    db.execute<{ answer: { ended: boolean } | { full: true } | { conflict: true } | AttachmentRefusal | null }>(
      sql`select request_action(${userId}, ${id}, ${operation}, ${wishJson(command)}) as answer`,
    ),
    sessionOf(db, userId, id),
  ]);
  const told = answer.rows[0]?.answer;
  if (!told || !rows[0]) return null;
  if ('conflict' in told) return 'conflict';
  if ('refused' in told) return told;
  return 'full' in told ? 'full' : { view: viewOf(rows[0]), ended: told.ended };
}

async function changed(database: Database, userId: string, id: string, change: SessionChange, operation: string) {
  const [, answer, rows] = await asUser(database, userId, (db) => [
    lockToOpen(db, userId),
    db.execute<{ answer: { ended: boolean } | { conflict: true } | null }>(
      sql`select change_session(${userId}, ${id}, ${operation}, ${toJson(change)}) as answer`,
    ),
    sessionOf(db, userId, id),
  ]);
  const told = answer.rows[0]?.answer;
  if (!told || !rows[0]) return null;
  return 'conflict' in told ? 'conflict' : { view: viewOf(rows[0]), ended: told.ended };
}
