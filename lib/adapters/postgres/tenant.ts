/**
 * The second wall between users (schema/access.sql). A user's request runs as a role to which Postgres shows only the rows of the user named
 * here. So a query without its `where user_id = …` finds no rows of other users. The wall guards against our own mistakes. A caller who may
 * send statements of their own could name another user, but none of our requests takes a statement from outside.
 *
 * The role is left at the end of the transaction, or by `reset role`. Where users have a login of their own, that login sees no more either.
 */
import { sql } from 'drizzle-orm';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import type { Database, Db } from './connect.ts';

type Queries = readonly BatchItem<'pg'>[];

/** Until the transaction ends, and not beyond it: the next request on the same connection begins without a user. */
const enter = (db: Db, userId: string) =>
  db.execute(sql`select set_config('circadian.user', ${userId}, true), set_config('role', 'circadian_user', true)`);

/**
 * The answers of `queries`, in their order: one HTTP request, one transaction, repeated like every other when its reply is lost. They are
 * made anew for each try.
 */
export async function asUser<const T extends Queries>(
  database: Database,
  userId: string,
  queries: (db: Db) => T,
): Promise<BatchResponse<T>> {
  const { db, repeat } = database.forUsers ?? database;
  const [, ...answers] = await repeat(() => db.batch([enter(db, userId), ...queries(db)]));
  return answers as unknown as BatchResponse<T>;
}
