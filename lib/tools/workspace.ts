/**
 * The workspace in memory: a session's files as of its last save, what the iteration does to them, and the difference. Nothing is written
 * until the iteration is saved, so whatever tools do here happens exactly once, however often they are run.
 */
import { flawOf, WORKSPACE_LIMITS, type WorkspaceLimits } from '../core/workspace.ts';
import type { FileChange, Workspace, WorkspaceFile } from '../ports/index.ts';
import { ToolFailure } from './failure.ts';
import { shown } from './paths.ts';
import { grouped } from './text.ts';

const PLAIN_MODE = 0o644;
const PERMISSIONS = 0o777;

type Entry = { content: Uint8Array; mode: number };
type Tree = ReadonlyMap<string, Entry>;

/** Paths are the stored ones (paths.ts). What `read` gives is the tree's own bytes: not to be changed. */
export function workspace(files: WorkspaceFile[], limits: WorkspaceLimits = WORKSPACE_LIMITS): Workspace {
  const before: Tree = new Map(files.map((file) => [file.path, entryOf(file.content, file.mode)]));
  let now: Tree = before;

  const apply = (changes: FileChange[]) => {
    const after = applied(now, changes);
    refuseTooLarge(now, after, changes, limits);
    refuseClash(after);
    now = after;
  };

  return {
    read: (path) => now.get(path)?.content ?? null,
    write: (path, content, mode) => apply([{ path, content, mode: mode ?? now.get(path)?.mode ?? PLAIN_MODE }]),
    remove: (path) => apply([{ path, content: null, mode: 0 }]),
    apply,
    list: () => sorted(now).map(([path, entry]) => ({ path, bytes: entry.content.length, mode: entry.mode })),
    changes: () => differences(before, now),
  };
}

/** A copy with a buffer of its own: the caller may go on with its bytes, and a view into a large buffer would be cloned with all of it. */
const entryOf = (content: Uint8Array, mode: number): Entry => ({
  content: Uint8Array.from(content),
  mode: mode & PERMISSIONS,
});

function applied(now: Tree, changes: FileChange[]): Tree {
  const after = new Map(now);
  for (const { path, content, mode } of changes) {
    if (content !== null && !(content instanceof Uint8Array)) throw new TypeError('a file holds bytes: a Uint8Array');
    const flaw = content === null ? null : flawOf(path);
    if (flaw !== null) throw new ToolFailure(`The path ${JSON.stringify(path.slice(0, 200))} ${flaw}.`);
    if (content === null) after.delete(path);
    else after.set(path, entryOf(content, mode));
  }
  return after;
}

const bytesOf = (tree: Tree): number => [...tree.values()].reduce((sum, entry) => sum + entry.content.length, 0);

function refuseTooLarge(now: Tree, after: Tree, changes: FileChange[], limits: WorkspaceLimits) {
  const large = changes.find((change) => (change.content?.length ?? 0) > limits.fileBytes);
  if (large?.content) {
    throw new ToolFailure(
      `Nothing was written: ${shown(large.path)} would have ${grouped(large.content.length)} bytes, and a file may have ` +
        `${grouped(limits.fileBytes)}. Split it, or keep less.`,
    );
  }
  const bytes = bytesOf(after);
  if (bytes > limits.treeBytes && bytes > bytesOf(now)) {
    throw new ToolFailure(
      `Nothing was written: the workspace would hold ${grouped(bytes)} bytes, and ${grouped(limits.treeBytes)} are allowed. ` +
        'Remove what is not needed any more.',
    );
  }
  if (after.size > limits.files && after.size > now.size) {
    throw new ToolFailure(
      `Nothing was written: the workspace would hold ${grouped(after.size)} files, and ${grouped(limits.files)} are allowed. ` +
        'Remove what is not needed any more, or pack it.',
    );
  }
}

/** A name is a file or a folder, not both. */
function refuseClash(after: Tree) {
  for (const path of after.keys()) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const folder = path.slice(0, cut);
      if (!after.has(folder)) continue;
      throw new ToolFailure(
        `Nothing was written: ${shown(folder)} would be both a file and the folder of ${shown(path)}.`,
      );
    }
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sorted = (tree: Tree): [string, Entry][] => [...tree].sort(([a], [b]) => compare(a, b));

const same = (a: Entry, b: Entry): boolean =>
  a === b || (a.mode === b.mode && Buffer.compare(a.content, b.content) === 0);

function differences(before: Tree, now: Tree): FileChange[] {
  const changes: FileChange[] = [];
  for (const [path, { mode }] of before) if (!now.has(path)) changes.push({ path, content: null, mode });
  for (const [path, entry] of now) {
    const old = before.get(path);
    if (old === undefined || !same(old, entry)) changes.push({ path, ...entry });
  }
  return changes.sort((a, b) => compare(a.path, b.path));
}
