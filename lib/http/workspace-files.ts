/** Files of a workspace as addresses and headers name them. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { HISTORY_FOLDER } from '../core/runtime-messages.ts';
import { flawOf, GIT_STATE, isGitState } from '../core/workspace.ts';
import { cleanText } from '../text.ts';
import { invalid } from './problems.ts';

const ROOT = '/workspace';

const belowRoot = (absolute: string): string =>
  absolute.startsWith(`${ROOT}/`) ? absolute.slice(ROOT.length) : absolute;

/**
 * An absolute path of the workspace, by any of its names: as the list has it (`/plan.md`), as the agent's shell has it
 * (`/workspace/plan.md`), or without a slash. `..` ends at its root: it is a key of the files table, never a path of any disk.
 */
export const readPath = (path: string): string => belowRoot(posix.normalize(`/${cleanText(path)}`));

/** The same for a file that is to be written: what is not the file's one name is refused, not mended. Throws `invalid_request`. */
export function writePath(path: string): string {
  const stored = workspacePath(path);
  const flaw = flawOfWrite(stored);
  if (flaw !== null) throw invalid([{ path: 'path', message: `Cannot be written: the path ${flaw}` }]);
  return stored;
}

/** The stored path by any of its names; it may have a flaw. */
export const workspacePath = (path: string): string => belowRoot(path.startsWith('/') ? path : `/${path}`);

/** Why no user may write there, or null. */
export const flawOfWrite = (stored: string): string | null =>
  flawOf(stored) ??
  (`${stored}/`.startsWith(`/${HISTORY_FOLDER}/`) ? `lies in ${HISTORY_FOLDER}, which the runtime makes` : null) ??
  (isGitState(stored) ? `lies in ${GIT_STATE.slice(1)}, which the runtime keeps for git` : null);

/** The body of this request is a file or an archive of a workspace, and no JSON. `path`: as it was sent. */
export const isOfFile = (path: string): boolean => /^\/v1\/sessions\/[^/]+\/files(\/.|:archive$)/.test(path);

/** The ETag of a file: the SHA-256 of its bytes. */
export const tagOf = (content: Uint8Array): string => `"${createHash('sha256').update(content).digest('hex')}"`;

/** The names of files in an `If-Match` or `If-None-Match`; undefined: there is no such header. A weak tag is none for `If-Match`. */
export function namesIn(header: string | undefined, { weak }: { weak: boolean }): string[] | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return ['*'];
  const tags = [...header.matchAll(/(W\/)?"([^"]*)"/g)].filter(([, mark]) => weak || mark === undefined);
  // A tag that says `*` names no file.
  return tags.map(([, , tag]) => tag!).filter((tag) => tag !== '*');
}
