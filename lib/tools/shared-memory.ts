/**
 * The shared memory as a folder of the workspace. Its entries are files of the iteration's tree; where they are saved is the engine's matter. A file of the
 * workspace itself in that folder stays where it is and is not shown.
 */
import { flawOfEntry, isUntrusted, MEMORY_FOLDER, MEMORY_LIMITS, UNTRUSTED } from '../core/shared-memory.ts';
import type { FileChange, LoadedMemory, Workspace, WorkspaceFile } from '../ports/index.ts';
import { ToolFailure } from './failure.ts';
import { isWithin, shown } from './paths.ts';
import { grouped } from './text.ts';
import { framed, markOf } from './web-frame.ts';

const ROOT = `/${MEMORY_FOLDER}`;
const PLAIN_MODE = 0o644;

const isShared = (path: string): boolean => isWithin(path, ROOT);
const entryPath = (path: string): string => path.slice(ROOT.length + 1);

/** The files of a tree that has the memory in it. */
export const filesWith = (own: WorkspaceFile[], { entries }: Pick<LoadedMemory, 'entries'>): WorkspaceFile[] => [
  ...own.filter(({ path }) => !isShared(path)),
  ...entries.map(({ path, content }) => ({ path: `${ROOT}/${path}`, content, mode: PLAIN_MODE })),
];

/** What was done to the workspace, and what to the memory. */
export function divided(changes: FileChange[]): {
  own: FileChange[];
  writes: { path: string; content: Uint8Array | null }[];
} {
  return {
    own: changes.filter(({ path }) => !isShared(path)),
    writes: changes.flatMap(({ path, content }) => (isShared(path) ? [{ path: entryPath(path), content }] : [])),
  };
}

/** The tree as one call has it: within the memory's limits, and without its untrusted part unless the call names that. */
export function withMemory(tree: Workspace, { untrusted }: { untrusted: boolean }): Workspace {
  const isHidden = (path: string) => !untrusted && isWithin(path, `${ROOT}/${UNTRUSTED}`);
  const guard = (changes: Pick<FileChange, 'path' | 'content'>[]) => {
    const shared = changes.filter(({ path }) => isShared(path));
    if (shared.length === 0) return;
    for (const { path, content } of shared) {
      if (isHidden(path))
        throw new ToolFailure(`Nothing was written: name ${shown(ROOT)}/${UNTRUSTED} in the call to use it.`);
      const flaw = path === ROOT ? 'is a folder' : flawOfEntry(entryPath(path));
      if (content !== null && flaw !== null)
        throw new ToolFailure(`Nothing was written: the name ${JSON.stringify(shown(path))} ${flaw}.`);
    }
    refuseTooLarge(tree, shared);
  };
  return {
    read: (path) => (isHidden(path) ? null : tree.read(path)),
    write(path, content, mode) {
      guard([{ path, content }]);
      tree.write(path, content, mode);
    },
    remove(path) {
      guard([{ path, content: null }]);
      tree.remove(path);
    },
    apply(changes) {
      guard(changes);
      tree.apply(changes);
    },
    list: () => tree.list().filter(({ path }) => !isHidden(path)),
    changes: tree.changes,
  };
}

function refuseTooLarge(tree: Workspace, changes: Pick<FileChange, 'path' | 'content'>[]): void {
  const before = new Map(tree.list().flatMap(({ path, bytes }) => (isShared(path) ? [[path, bytes] as const] : [])));
  const after = new Map(before);
  for (const { path, content } of changes) {
    if (content === null) after.delete(path);
    else after.set(path, content.length);
  }
  const sum = (sizes: Map<string, number>) => [...sizes.values()].reduce((all, size) => all + size, 0);
  const tooLarge = sum(after) > MEMORY_LIMITS.bytes && sum(after) > sum(before);
  if (!tooLarge && (after.size <= MEMORY_LIMITS.entries || after.size <= before.size)) return;
  throw new ToolFailure(
    `Nothing was written: ${shown(ROOT)}/ would hold ${grouped(sum(after))} bytes in ${grouped(after.size)} files, and ` +
      `${grouped(MEMORY_LIMITS.bytes)} bytes and ${grouped(MEMORY_LIMITS.entries)} files are allowed, those in ${shown(ROOT)}/${UNTRUSTED}/ included. ` +
      'Remove what is not needed any more, or keep it elsewhere in the workspace.',
  );
}

/** The result of a call that had the untrusted part, in a frame that no entry can end. */
export const framedUntrusted = (
  content: string,
  { entries }: Pick<LoadedMemory, 'entries'>,
  idempotencyKey: string,
): string =>
  entries.some(({ path }) => isUntrusted(path))
    ? framed(
        `This call could read ${shown(ROOT)}/${UNTRUSTED}/, where sessions write after they have read text from outside.`,
        ...([content, markOf(idempotencyKey), 'from untrusted memory'] as const),
      )
    : content;
