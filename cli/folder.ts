/** Folders that commands make on this machine. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const there = (path: string) => statSync(path, { throwIfNoEntry: false });

/**
 * Makes a folder and those above it, with this mode where they are new. Throws the error of the system, with the path that is in the way. Node's own
 * `recursive` never ends below a folder in which none can be made, such as `/proc`.
 */
export function makeFolder(path: string, mode?: number): void {
  const found = there(path);
  if (found?.isDirectory()) return;
  if (found) throw Object.assign(new Error(`${path} is no folder`), { code: 'ENOTDIR', syscall: 'mkdir', path });
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!there(path)?.isDirectory()) throw error;
  }
}
