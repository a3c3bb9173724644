/** The shared memories of users. */
import { createHash } from 'node:crypto';
import { MEMORY_LIMITS } from '../../core/shared-memory.ts';
import {
  type EntryRefusal,
  type EntryWrite,
  type LoadedMemory,
  listOf,
  type Memories,
  type MemoryChange,
  MemoryMoved,
  type MemorySave,
} from '../../ports/index.ts';
import { copy, type MemoryRow, type SessionRow, type Store } from './store.ts';

const keyOf = (userId: string, name: string) => `${userId} ${name}`;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const inBytes = (a: { path: string }, b: { path: string }) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

export function memoryOf(store: Store, userId: string, name: string): LoadedMemory {
  const row = store.memories.get(keyOf(userId, name));
  return copy({ revision: row?.revision ?? 0, entries: [...(row?.entries.values() ?? [])].sort(inBytes) });
}

/** What the session names, as its claim tells of it. */
export const sharedOf = (store: Store, { userId, memoryName }: SessionRow) =>
  memoryName == null ? null : listOf(memoryOf(store, userId, memoryName));

/** Throws where the memory is not what the save was made for. */
export function swapMemory(store: Store, row: SessionRow, { revision, changes }: MemorySave): void {
  const name = row.memoryName!;
  if (memoryOf(store, row.userId, name).revision !== revision) throw new MemoryMoved(`the memory ${name} has moved`);
  writeEntries(store, row.userId, name, changes);
}

function writeEntries(store: Store, userId: string, name: string, changes: MemoryChange[]): void {
  const key = keyOf(userId, name);
  store.revisions += 1;
  const row: MemoryRow = store.memories.get(key) ?? { userId, name, revision: 0, updatedAt: 0, entries: new Map() };
  const version = store.revisions;
  for (const { path, source, sessionId, content } of changes) {
    if (content === null) row.entries.delete(path);
    else {
      const entry = { path, bytes: content.length, version, source, sessionId, updatedAt: store.now };
      row.entries.set(path, { ...entry, content: copy(content) });
    }
  }
  store.memories.set(key, { ...row, revision: version, updatedAt: store.now });
}

export function memoryMemories(store: Store): Memories {
  return {
    async list(userId, { after, limit }) {
      const all = [...store.memories.values()]
        .filter((row) => row.userId === userId && row.name > after)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, updatedAt, entries }) => {
          const bytes = [...entries.values()].reduce((sum, one) => sum + one.bytes, 0);
          return { name, entries: entries.size, bytes, updatedAt };
        });
      return { data: all.slice(0, limit), next: all.length > limit ? all[limit - 1]!.name : null };
    },
    entries: async (userId, name) =>
      store.memories.has(keyOf(userId, name)) ? listOf(memoryOf(store, userId, name)).entries : null,
    entry: async (userId, name, path) =>
      copy(store.memories.get(keyOf(userId, name))?.entries.get(path)?.content ?? null),
    write: async (userId, name, write, operation) => written(store, userId, name, write, operation),
    async remove(userId, name, operation) {
      const key = `${userId} memory ${name} ${operation}`;
      if (store.operations.has(key)) return true;
      if (!store.memories.delete(keyOf(userId, name))) return false;
      store.operations.set(key, { fingerprint: 'remove', sessionId: null });
      return true;
    },
  };
}

function written(
  store: Store,
  userId: string,
  name: string,
  write: EntryWrite,
  operation: string,
): Awaited<ReturnType<Memories['write']>> {
  const { path, content } = write;
  const key = `${userId} memory ${name} ${operation}`;
  const fingerprint = `entry ${path} ${content && sha256(content)}`;
  const earlier = store.operations.get(key);
  if (earlier && earlier.fingerprint !== fingerprint) return { refused: 'conflict' };
  const row = store.memories.get(keyOf(userId, name));
  const old = row?.entries.get(path);
  const refusal = earlier ? null : refusalOf(store, { userId, row, write });
  if (refusal) return refusal;
  const isNew = earlier ? earlier.sessionId !== null : old === undefined;
  store.operations.set(key, { fingerprint, sessionId: isNew ? 'created' : null });
  const isSame =
    old !== undefined && content !== null && Buffer.compare(old.content, content) === 0 && old.source === 'person';
  if (!earlier && !isSame) writeEntries(store, userId, name, [{ path, source: 'person', sessionId: null, content }]);
  if (content === null) return { removed: true };
  const gone = {
    path,
    bytes: content.length,
    version: 0,
    source: 'person',
    sessionId: null,
    updatedAt: store.now,
    content,
  } as const;
  const { content: _, ...entry } = store.memories.get(keyOf(userId, name))?.entries.get(path) ?? gone;
  return { entry: copy(entry), created: isNew };
}

type Asked = { userId: string; row: MemoryRow | undefined; write: EntryWrite };

function refusalOf(store: Store, { userId, row, write }: Asked): EntryRefusal | null {
  const { path, content, ifMatch, ifNoneMatch } = write;
  if (!row && content === null) return { refused: 'missing' };
  const mine = [...store.memories.values()].filter((one) => one.userId === userId);
  if (!row && mine.length >= MEMORY_LIMITS.memories) return { refused: 'many' };
  const old = row?.entries.get(path)?.content ?? null;
  if (old && content && Buffer.compare(old, content) === 0) return null;
  const isOne = (names: string[]) => old !== null && names.some((one) => one === '*' || one === sha256(old));
  if ((ifMatch && !isOne(ifMatch)) || (ifNoneMatch && isOne(ifNoneMatch))) return { refused: 'changed' };
  if (content === null) return old === null ? { refused: 'missing' } : null;
  const others = [...(row?.entries.values() ?? [])].filter((one) => one.path !== path).sort(inBytes);
  const by = others.find((one) => one.path.startsWith(`${path}/`) || path.startsWith(`${one.path}/`));
  if (by) return { refused: 'clash', path, by: by.path };
  const entries = others.length + 1;
  const bytes = others.reduce((sum, one) => sum + one.bytes, content.length);
  const tooMany = old === null && entries > MEMORY_LIMITS.entries;
  const tooLarge = content.length > (old?.length ?? 0) && bytes > MEMORY_LIMITS.bytes;
  return tooMany || tooLarge ? { refused: 'full', entries, bytes } : null;
}
