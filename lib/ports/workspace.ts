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
