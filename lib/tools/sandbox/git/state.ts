/**
 * What git keeps of a repository beside its files, as two values: the pack that was cloned, which never changes, and all else. Both are files of the
 * workspace, so that they are saved together with the work, or not at all.
 */
import type { WorkspaceFile } from '../../../ports/index.ts';
import { bodyOf, contentOf } from '../frame.ts';
import type { GitState } from '../jobs.ts';
import { type MemoryFiles, memoryFiles } from './files.ts';

/** `links`: of the tree, which a workspace cannot hold. */
type Kept = { files: [string, Uint8Array][]; links: [string, string][]; pack: string };

export const ROOT = '/w';
const GIT = `${ROOT}/.git/`;
const isGit = (path: string): boolean => path.startsWith(GIT);
const isPack = (path: string): boolean => path.endsWith('.pack');

/** The repository as it was left, with the files that are there now. Throws for a state that is none. */
export function opened(files: WorkspaceFile[], state: GitState | null): MemoryFiles {
  const fs = memoryFiles();
  void fs.promises.mkdir(ROOT);
  if (state !== null) {
    const { files: own, links, pack } = contentOf(state.own) as Kept;
    for (const [path, content] of own) fs.add(GIT + path, content);
    if (pack !== '') fs.add(GIT + pack, state.pack);
    for (const [path, target] of links) fs.add(`${ROOT}/${path}`, { target });
  }
  for (const { path, content, mode } of files) fs.add(ROOT + path, content, mode);
  return fs;
}

export function closed(fs: MemoryFiles): { state: GitState; files: WorkspaceFile[]; links: string[] } {
  const kept: Kept = { files: [], links: [], pack: '' };
  const files: WorkspaceFile[] = [];
  let packed = new Uint8Array();
  for (const [path, node] of fs.all()) {
    if (node.kind === 'link') kept.links.push([path.slice(ROOT.length + 1), node.target]);
    else if (!isGit(path))
      files.push({ path: path.slice(ROOT.length), content: node.content, mode: node.mode & 0o777 });
    else if (isPack(path)) [kept.pack, packed] = [path.slice(GIT.length), Uint8Array.from(node.content)];
    else kept.files.push([path.slice(GIT.length), Uint8Array.from(node.content)]);
  }
  return { state: { own: bodyOf(kept), pack: packed }, files, links: kept.links.map(([path]) => path) };
}
