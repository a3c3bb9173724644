/** DATA_DIR: what a local system keeps, and the lock by which only one at a time does. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

export type DataDir = {
  /** Null: nothing is kept. */
  path: string | null;
  /** A small kept text, by its name; what was kept last, or null. */
  read(name: string): string | null;
  keep(name: string, text: string): void;
  /** Ends the lock. */
  close(): void;
};

/**
 * Opens the folder, made if it is missing; `null` or `memory` is one that forgets. Throws `StartError` if another process has it. The lock is
 * the kernel's on a file (by way of SQLite). It ends with its process, however the process ends, so no lock is ever stale.
 */
export function openDataDir(path: string | null): DataDir {
  if (path === null || path === 'memory') return inMemory();
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new StartError(
      `The data directory ${folder} cannot be made (${(error as Error).message}). Set DATA_DIR to another.`,
    );
  }
  const lock = lockOf(folder);
  const fileOf = (name: string) => join(folder, name);
  return {
    path: folder,
    read: (name) => {
      try {
        return readFileSync(fileOf(name), 'utf8');
      } catch {
        return null;
      }
    },
    keep: (name, text) => {
      // Keys are among it. A kill in the middle leaves what was there before.
      writeFileSync(fileOf(`${name}.new`), text, { mode: 0o600 });
      renameSync(fileOf(`${name}.new`), fileOf(name));
    },
    close: () => lock.close(),
  };
}

function inMemory(): DataDir {
  const kept = new Map<string, string>();
  return {
    path: null,
    read: (name) => kept.get(name) ?? null,
    keep: (name, text) => void kept.set(name, text),
    close: () => {},
  };
}

function lockOf(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, 'lock'));
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch {
    lock.close();
    throw new StartError(
      `Another Circadian is running on the data directory ${folder}. Stop it, or set DATA_DIR to another directory.`,
    );
  }
}
