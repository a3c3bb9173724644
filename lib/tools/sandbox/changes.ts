/** What a job has changed in a tree. */
import type { FileChange, WorkspaceFile } from '../../ports/index.ts';

/** From `before` to `after`: what is gone first, then what is new or another. */
export function changesOf(
  before: WorkspaceFile[],
  after: WorkspaceFile[],
  isSameMode = (a: number, b: number): boolean => a === b,
): FileChange[] {
  const old = new Map(before.map((file) => [file.path, file]));
  const kept = new Set(after.map(({ path }) => path));
  const gone = before.filter(({ path }) => !kept.has(path)).map(({ path, mode }) => ({ path, content: null, mode }));
  const isSame = ({ path, content, mode }: WorkspaceFile): boolean => {
    const was = old.get(path);
    return was !== undefined && isSameMode(was.mode, mode) && Buffer.compare(was.content, content) === 0;
  };
  return [...gone, ...after.filter((file) => !isSame(file))];
}
