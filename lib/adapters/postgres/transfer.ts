/** The Transfer port on schema/functions/transfer.sql: one request each way, behind the wall. */
import { and, eq, sql } from 'drizzle-orm';
import { agentSessions, idempotencyKeys } from '../../../schema/index.ts';
import type { JournalRow, Once, SessionView } from '../../ports/index.ts';
import type { LedgerRecord, Restored, Snapshot, ToolCallRecord, Transfer } from '../../ports/transfer.ts';
import type { Database } from './connect.ts';
import { fromInstant, type StateJson, stateOf, toInstant, toJson } from './json.ts';
import { sessionsWhere } from './owned.ts';
import { viewOf } from './session-view.ts';
import { asUser } from './tenant.ts';

/** As the function answers it: instants as Postgres writes them, money as text, files in base64. */
type Sent<T> = { [K in keyof T]: K extends 'at' | 'updatedAt' | 'createdAt' ? string : T[K] };
type SnapshotJson = Omit<
  Snapshot,
  'at' | 'facts' | 'state' | 'cost' | 'rows' | 'calls' | 'inbox' | 'journal' | 'files' | 'ledger'
> & {
  at: string;
  cost: string;
  state: StateJson;
  facts: Omit<Sent<Snapshot['facts']>, 'maxCost'> & { maxCost: string | null };
  rows: Sent<Snapshot['rows'][number]>[];
  calls: (Omit<ToolCallRecord, 'doneAt'> & { doneAt: string | null })[];
  inbox: Sent<Snapshot['inbox'][number]>[];
  journal: Sent<Snapshot['journal'][number]>[];
  files: (Omit<Sent<Snapshot['files'][number]>, 'content'> & { content: string })[];
  ledger: (Omit<Sent<LedgerRecord>, 'cost'> & { cost: string })[];
};

export function postgresTransfer(database: Database): Transfer {
  return {
    async read(userId, id, mostBytes) {
      const [{ rows }] = await asUser(database, userId, (db) => [
        db.execute<{ answer: SnapshotJson | { bytes: number } | { clearedAt: string } | null }>(
          sql`select export_session(${userId}, ${id}, ${mostBytes}) as answer`,
        ),
      ]);
      const answer = rows[0]?.answer ?? null;
      if (answer !== null && 'clearedAt' in answer) return { clearedAt: fromInstant(answer.clearedAt) };
      return answer === null || 'bytes' in answer ? answer : snapshotOf(answer);
    },
    write: (userId, session, once, mostLive = null) => write(database, userId, session, once, mostLive),
  };
}

function snapshotOf(answer: SnapshotJson): Snapshot {
  const { facts } = answer;
  return {
    ...answer,
    ...dated(answer),
    cost: BigInt(answer.cost),
    state: stateOf(answer.state),
    facts: {
      ...facts,
      maxCost: facts.maxCost === null ? null : BigInt(facts.maxCost),
      createdAt: fromInstant(facts.createdAt),
    },
    rows: answer.rows.map(dated),
    calls: answer.calls.map((call) => ({ ...call, doneAt: call.doneAt === null ? null : fromInstant(call.doneAt) })),
    inbox: answer.inbox.map(dated),
    journal: answer.journal.map((entry) => dated(entry) as JournalRow),
    files: answer.files.map(({ path, mode, updatedAt, content }) => ({
      ...{ path, mode, updatedAt: fromInstant(updatedAt) },
      content: new Uint8Array(Buffer.from(content, 'base64')),
    })),
    ledger: answer.ledger.map((row) => ({ ...dated(row), cost: BigInt(row.cost) })),
  };
}

const dated = <T extends { at: string }>(row: T): Omit<T, 'at'> & { at: number } => ({
  ...row,
  at: fromInstant(row.at),
});

/** The session shown is the one that the key stands for, if a request before this one took it; one that is purged by now, a conflict. */
async function write(
  database: Database,
  userId: string,
  session: Restored,
  once: Once | null,
  mostLive: number | null,
): Promise<SessionView | 'conflict' | 'full'> {
  const made = toJson({ ...restoredJson(session), mostLive });
  const { userId: owner, scope, key, sessionId } = idempotencyKeys;
  const earlier = sql`(select ${sessionId} from ${idempotencyKeys}
    where ${owner} = ${userId} and ${scope} = 'import' and ${key} = ${once?.key ?? null})`;
  // A select of its own, since behind the wall no function bounds an index.
  const shown = sql`${agentSessions.id} = (select coalesce(${earlier}, ${session.id}))`;
  const [answer, rows] = await asUser(database, userId, (db) => [
    db.execute<{ answer: { conflict?: true; full?: true } }>(
      sql`select import_session(${userId}, ${made}, ${once?.key ?? null}, ${once?.fingerprint ?? null}) as answer`,
    ),
    sessionsWhere(db, userId, and(eq(agentSessions.userId, userId), shown)),
  ]);
  if (answer.rows[0]?.answer.full) return 'full';
  return answer.rows[0]?.answer.conflict || !rows[0] ? 'conflict' : viewOf(rows[0]);
}

const restoredJson = (session: Restored): object => ({
  ...session,
  rows: session.rows.map((row) => ({ ...row, at: toInstant(row.at) })),
  calls: session.calls.map((call) => ({ ...call, doneAt: call.doneAt === null ? null : toInstant(call.doneAt) })),
  inbox: session.inbox.map((message) => ({ ...message, at: toInstant(message.at) })),
  journal: session.journal.map((entry) => ({ ...entry, at: entry.at === null ? null : toInstant(entry.at) })),
  files: session.files.map(({ path, mode, updatedAt, content }) => ({
    ...{ path, mode, updatedAt: toInstant(updatedAt) },
    content: Buffer.from(content).toString('base64'),
  })),
});
