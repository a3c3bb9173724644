/** The Memories port: SQL functions of schema/functions/memories.sql and plain reads, behind the wall (tenant.ts). */
import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { memories, memoryEntries } from '../../../schema/index.ts';
import { MEMORY_LIMITS } from '../../core/shared-memory.ts';
import type { EntryRefusal, LoadedMemory, Memories, MemoryEntry, MemorySave, SharedMemory } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant, toJson } from './json.ts';
import { asUser } from './tenant.ts';

type EntryJson = Omit<MemoryEntry, 'updatedAt'> & { updatedAt: string; content: string | null };
/** What `shared_memory` answers. */
export type MemoryJson = { revision: number; entries: EntryJson[] };

const entryOf = ({ content: _, updatedAt, ...entry }: EntryJson): MemoryEntry => ({
  ...entry,
  updatedAt: fromInstant(updatedAt),
});

export const memoryOf = ({ revision, entries }: MemoryJson): SharedMemory => ({
  revision,
  entries: entries.map(entryOf),
});

export const loadedOf = ({ revision, entries }: MemoryJson): LoadedMemory => ({
  revision,
  entries: entries.map((entry) => ({
    ...entryOf(entry),
    content: new Uint8Array(Buffer.from(entry.content ?? '', 'base64')),
  })),
});

export const memoryJson = ({ revision, changes }: MemorySave): object => ({
  revision,
  changes: changes.map(({ content, ...change }) => ({
    ...change,
    content: content && Buffer.from(content).toString('base64'),
  })),
});

const columns = {
  path: memoryEntries.path,
  bytes: memoryEntries.bytes,
  version: memoryEntries.version,
  source: memoryEntries.source,
  sessionId: memoryEntries.sessionId,
  updatedAt: memoryEntries.at,
};
const inMemory = (userId: string, name: string) => and(eq(memoryEntries.userId, userId), eq(memoryEntries.name, name));
const byName = sql`${memories.name} collate "C"`;

export function postgresMemories(database: Database): Memories {
  return {
    async list(userId, { after, limit }) {
      const sums = sql`select count(*) as entries, coalesce(sum(bytes), 0) as bytes from ${memoryEntries} e
        where e.user_id = ${memories.userId} and e.name = ${memories.name}`;
      const [rows] = await asUser(database, userId, (db) => [
        db
          .select({
            name: memories.name,
            updatedAt: memories.updatedAt,
            sums: sql<{ entries: number; bytes: number }>`(select row_to_json(s) from (${sums}) s)`,
          })
          .from(memories)
          .where(and(eq(memories.userId, userId), gt(byName, after)))
          .orderBy(asc(byName))
          .limit(limit + 1),
      ]);
      const data = rows.slice(0, limit).map(({ sums: { entries, bytes }, ...one }) => ({ ...one, entries, bytes }));
      return { data, next: rows.length > limit ? data.at(-1)!.name : null };
    },

    async entries(userId, name) {
      const [known, rows] = await asUser(database, userId, (db) => [
        db
          .select({ name: memories.name })
          .from(memories)
          .where(and(eq(memories.userId, userId), eq(memories.name, name))),
        db
          .select(columns)
          .from(memoryEntries)
          .where(inMemory(userId, name))
          .orderBy(sql`${memoryEntries.path} collate "C"`),
      ]);
      return known.length === 0 ? null : rows;
    },

    async entry(userId, name, path) {
      const [[row]] = await asUser(database, userId, (db) => [
        db
          .select({ content: memoryEntries.content })
          .from(memoryEntries)
          .where(and(inMemory(userId, name), eq(memoryEntries.path, path))),
      ]);
      return row ? new Uint8Array(row.content) : null;
    },

    async write(userId, name, { content, ...write }, operation) {
      const wanted = toJson({
        ...write,
        most: MEMORY_LIMITS,
        content: content && Buffer.from(content).toString('base64'),
      });
      const [{ rows }] = await asUser(database, userId, (db) => [
        db.execute<{ answer: { created: boolean; entry: EntryJson } | { removed: true } | EntryRefusal }>(
          sql`select write_entry(${userId}, ${name}, ${operation}, ${wanted}) as answer`,
        ),
      ]);
      const { answer } = rows[0]!;
      return 'entry' in answer ? { ...answer, entry: entryOf(answer.entry) } : answer;
    },

    async remove(userId, name, operation) {
      const [{ rows }] = await asUser(database, userId, (db) => [
        db.execute<{ answer: boolean }>(sql`select remove_memory(${userId}, ${name}, ${operation}) as answer`),
      ]);
      return rows[0]!.answer;
    },
  };
}
