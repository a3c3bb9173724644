/** What a user does to the files of a workspace: SQL functions `write_file` and `write_files`, behind the wall, in one request. */
import { sql } from 'drizzle-orm';
import { WORKSPACE_LIMITS } from '../../core/workspace.ts';
import type { FileRefusal, FileWrite, NewFile, UserSessions } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant, toJson } from './json.ts';
import { asUser } from './tenant.ts';

type Answer =
  | { created: boolean; bytes: number; mode: number; updatedAt: string }
  | { removed: true }
  | FileRefusal
  | null;

export async function writtenFile(
  database: Database,
  userId: string,
  id: string,
  { content, ...write }: FileWrite,
  operation: string,
): ReturnType<UserSessions['writeFile']> {
  const wanted = toJson({
    ...{ ...write, most: WORKSPACE_LIMITS },
    content: content && Buffer.from(content).toString('base64'),
  });
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<{ answer: Answer }>(sql`select write_file(${userId}, ${id}, ${operation}, ${wanted}) as answer`),
  ]);
  const answer = rows[0]?.answer ?? null;
  if (answer === null || 'refused' in answer || 'removed' in answer) return answer;
  const { created, bytes, mode, updatedAt } = answer;
  return { file: { path: write.path, bytes, mode, updatedAt: fromInstant(updatedAt) }, created };
}

export async function writtenFiles(
  database: Database,
  userId: string,
  id: string,
  files: NewFile[],
  operation: string,
): ReturnType<UserSessions['writeFiles']> {
  const sent = JSON.stringify(
    files.map(({ path, content, mode }) => ({ path, content: Buffer.from(content).toString('base64'), mode })),
  );
  const most = toJson(WORKSPACE_LIMITS);
  const [{ rows }] = await asUser(database, userId, (db) => [
    db.execute<{ answer: { taken: true } | FileRefusal | null }>(
      sql`select write_files(${userId}, ${id}, ${operation}, ${sent}, ${most}) as answer`,
    ),
  ]);
  return rows[0]?.answer ?? null;
}
