/**
 * The shared memory: a folder of entries that all sessions of a user have which were started with the same `memory`. Not to be taken for the core's own
 * `Memory` (memory.ts), which is one session's checkpoint.
 *
 * Paths of entries are relative to the folder and have no first slash.
 */
/** Where the agent has it in its workspace, and the part of it that other sessions wrote after they had read text from outside. */
export const MEMORY_FOLDER = 'memory';
export const UNTRUSTED = 'untrusted';

/** One memory: bytes of all entries together, and how many. `memories`: the most that a person makes. */
export const MEMORY_LIMITS = { bytes: 200_000, entries: 200, memories: 100 };

export const MEMORY_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const ENTRY = /^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/;
const LONGEST_ENTRY = 200;

/** Who wrote an entry: a person; an agent; or an agent whose session had read text from outside. The last ones, and no others, lie below `untrusted/`. */
export type MemorySource = 'person' | 'agent' | 'untrusted';

/** `version`: the revision of the memory that wrote it. `sessionId`: null, a person did. `updatedAt`: milliseconds. */
export type MemoryEntry = {
  path: string;
  bytes: number;
  version: number;
  source: MemorySource;
  sessionId: string | null;
  updatedAt: number;
};

/** A memory without its texts. `revision` grows with every change; 0: it holds nothing yet. */
export type SharedMemory = { revision: number; entries: MemoryEntry[] };

/** An entry to be written, or with `content` null to be removed. */
export type MemoryChange = {
  path: string;
  source: MemorySource;
  sessionId: string | null;
  content: Uint8Array | null;
};

export const isUntrusted = (path: string): boolean => path.startsWith(`${UNTRUSTED}/`);

/** Why no entry can be called so, or null. The names are told to agents, so they are plain. */
export function flawOfEntry(path: string): string | null {
  if (path.length > LONGEST_ENTRY) return `is longer than ${LONGEST_ENTRY} characters`;
  if (!ENTRY.test(path)) return 'has more than letters, digits, dots, hyphens, underscores and single slashes';
  if (path.split('/').some((part) => part === '.' || part === '..')) return 'is not in its shortest form';
  return path === UNTRUSTED ? 'is a folder' : null;
}

/** Whether a call's input can mean the untrusted entries at all: to other calls they are not there. */
export const namesUntrusted = (input: unknown): boolean => JSON.stringify(input).includes(UNTRUSTED);

export const hasMemory = ({ memoryName }: { memoryName?: string | null }): boolean => memoryName != null;
