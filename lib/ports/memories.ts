/** The shared memories of a user: what sessions of the same memory keep together (lib/core/shared-memory.ts has its words and rules). */
import type { MemoryChange, MemoryEntry, SharedMemory } from '../core/shared-memory.ts';

export type { MemoryChange, MemoryEntry, MemorySource, SharedMemory } from '../core/shared-memory.ts';

/** A memory with its texts, as a tool needs it. */
export type LoadedMemory = { revision: number; entries: (MemoryEntry & { content: Uint8Array })[] };

/** What a save does to the session's memory, and the revision that it was made for. */
export type MemorySave = { revision: number; changes: MemoryChange[] };

/** The memory has another revision than the save was made for: somebody else wrote. Expected: nothing was saved, and it can be made anew. */
export class MemoryMoved extends Error {
  override name = 'MemoryMoved';
}

/** A memory as a list shows it. `bytes`: of all entries together. */
export type MemoryView = { name: string; entries: number; bytes: number; updatedAt: number };

/** What a person does to one entry; `content` null: it is removed. The conditions are those of `FileWrite`. The path is not below `untrusted/`, except to remove. */
export type EntryWrite = {
  path: string;
  content: Uint8Array | null;
  ifMatch?: string[] | undefined;
  ifNoneMatch?: string[] | undefined;
};

/**
 * Why a write was not taken. `missing`: there is no entry to remove. `changed`: a condition does not hold. `clash`: `by` is an entry where `path` needs
 * a folder, or the other way round. `full`: the memory would hold so many entries and bytes. `many`: the user has as many memories as they may make.
 * `conflict`: the operation stands for another write.
 */
export type EntryRefusal =
  | { refused: 'missing' | 'changed' | 'many' | 'conflict' }
  | { refused: 'clash'; path: string; by: string }
  | { refused: 'full'; entries: number; bytes: number };

/** The person's side. Every method is scoped by `userId`; another user's memory is one that never was. `operation`: a key minted before the first try. */
export type Memories = {
  /** In the order of their names, from the name `after` on. `next`: the `after` of the next page, null at the end. */
  list(userId: string, page: { after: string; limit: number }): Promise<{ data: MemoryView[]; next: string | null }>;
  /** In the order of their paths. Null: there is no such memory. */
  entries(userId: string, name: string): Promise<MemoryEntry[] | null>;
  entry(userId: string, name: string, path: string): Promise<Uint8Array | null>;
  /** Puts an entry, by which the memory is made, or removes one. Sessions have it with their next claim. */
  write(
    userId: string,
    name: string,
    write: EntryWrite,
    operation: string,
  ): Promise<{ entry: MemoryEntry; created: boolean } | { removed: true } | EntryRefusal>;
  /** With all its entries. False: there is none. Sessions that name it go on with an empty one. */
  remove(userId: string, name: string, operation: string): Promise<boolean>;
};

/** A memory without its texts. */
export const listOf = ({ revision, entries }: LoadedMemory): SharedMemory => ({
  revision,
  entries: entries.map(({ content: _, ...entry }) => entry),
});
