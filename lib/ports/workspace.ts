/** A session's files: as they are stored, and as a tree in memory while its tools work. */
/** A file of a workspace. `mode` as in stat; `content` is bytes. */
export type WorkspaceFile = { path: string; content: Uint8Array; mode: number };
/** What an iteration did to its files: written as a new version of this iteration, or gone (`content` null). */
export type FileChange = { path: string; content: Uint8Array | null; mode: number };

/** A session's file tree in memory. Absolute paths, `/` is the root; writes become `FileChange`s of the iteration. */
export type Workspace = {
  read(path: string): Uint8Array | null;
  write(path: string, content: Uint8Array, mode?: number): void;
  remove(path: string): void;
  /** All of the changes or, where one of them is refused, none. */
  apply(changes: FileChange[]): void;
  list(): { path: string; bytes: number; mode: number }[];
  changes(): FileChange[];
};

/**
 * What a user does to one file; `content` null: it is removed. `ifMatch`, `ifNoneMatch`: the file must, or must not, be one of these, named by
 * the SHA-256 of their bytes in hex; `*` is any file that is there.
 */
export type FileWrite = {
  path: string;
  content: Uint8Array | null;
  ifMatch?: string[] | undefined;
  ifNoneMatch?: string[] | undefined;
};

/** A file that an archive brings. `mode`: its permissions; null: those of the file that it replaces, or of a new one. */
export type NewFile = { path: string; content: Uint8Array; mode: number | null };

/** A file as a list shows it. `updatedAt`: milliseconds. */
export type FileEntry = { path: string; bytes: number; mode: number; updatedAt: number };

/**
 * Why a write was not taken. `ended`: the session has. `missing`: there is no file to remove. `changed`: a condition does not hold. `clash`: `by`
 * is a file where `path` needs a folder, or the other way round. `full`: the workspace would hold so many files and bytes. `conflict`: the
 * operation stands for another write. `memory`: the path is that of the session's shared memory, whose entries are no files.
 */
export type FileRefusal =
  | { refused: 'ended' | 'missing' | 'changed' | 'conflict' | 'memory' }
  | { refused: 'clash'; path: string; by: string }
  | { refused: 'full'; files: number; bytes: number };
