/** The file system that isomorphic-git works on: in memory, and only as much of one as it asks for. Links are kept and never followed. */
import { posix } from 'node:path';

type Node =
  | { kind: 'file'; content: Uint8Array; mode: number; at: number }
  | { kind: 'link'; target: string; at: number }
  | { kind: 'folder'; names: Set<string> };

const FILE = 0o100644;
const EXECUTABLE = 0o100755;

const failing = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code });
const plain = (path: string): string => posix.normalize(path).replace(/(.)\/+$/, '$1');

export function memoryFiles() {
  const nodes = new Map<string, Node>([['/', { kind: 'folder', names: new Set() }]]);
  // Of no earlier call, so that what the index knows of a file never passes for what it is now.
  const ino = Math.floor(Math.random() * 2 ** 31);
  let now = Date.now();

  const found = (path: string): Node => {
    const node = nodes.get(plain(path));
    if (node === undefined) throw failing('ENOENT', path);
    return node;
  };
  const folder = (path: string): Set<string> => {
    const node = found(path);
    if (node.kind !== 'folder') throw failing('ENOTDIR', path);
    return node.names;
  };
  const put = (path: string, node: Node) => {
    const name = plain(path);
    if (nodes.get(name)?.kind === 'folder') throw failing('EISDIR', path);
    folder(posix.dirname(name)).add(posix.basename(name));
    nodes.set(name, node);
  };
  const drop = (path: string) => {
    const name = plain(path);
    folder(posix.dirname(name)).delete(posix.basename(name));
    nodes.delete(name);
  };
  const stat = async (path: string) => {
    const node = found(path);
    const kind = (wanted: Node['kind']) => () => node.kind === wanted;
    const at = node.kind === 'folder' ? 0 : node.at;
    return {
      ...{ ino, uid: 1, gid: 1, dev: 1, mtimeMs: at, ctimeMs: at, type: node.kind === 'folder' ? 'dir' : 'file' },
      size: node.kind === 'file' ? node.content.length : node.kind === 'link' ? Buffer.byteLength(node.target) : 0,
      mode: node.kind === 'folder' ? 0o40755 : node.kind === 'link' ? 0o120000 : node.mode,
      ...{ isFile: kind('file'), isDirectory: kind('folder'), isSymbolicLink: kind('link') },
    };
  };
  const mkdir = async (path: string) => {
    const name = plain(path);
    if (nodes.has(name)) throw failing('EEXIST', path);
    folder(posix.dirname(name)).add(posix.basename(name));
    nodes.set(name, { kind: 'folder', names: new Set() });
  };
  const write = (path: string, content: Uint8Array, isExecutable: boolean) => {
    now += 1;
    put(path, { kind: 'file', content, mode: isExecutable ? EXECUTABLE : FILE, at: now });
  };
  const symlink = async (target: string, path: string) => {
    now += 1;
    put(path, { kind: 'link', target, at: now });
  };
  const within = (path: string) => {
    for (let cut = path.indexOf('/', 1); cut > 0; cut = path.indexOf('/', cut + 1)) {
      const name = path.slice(0, cut);
      if (!nodes.has(name)) void mkdir(name);
    }
  };

  const promises = {
    ...{ mkdir, stat, lstat: stat, symlink },
    readFile: async (path: string, options?: string | { encoding?: string }) => {
      const node = found(path);
      if (node.kind !== 'file') throw failing(node.kind === 'folder' ? 'EISDIR' : 'ENOENT', path);
      const encoding = typeof options === 'string' ? options : options?.encoding;
      return encoding === 'utf8' ? Buffer.from(node.content).toString('utf8') : Uint8Array.from(node.content);
    },
    writeFile: async (path: string, content: string | Uint8Array, options?: { mode?: number }) =>
      write(path, Uint8Array.from(Buffer.from(content as string)), ((options?.mode ?? 0) & 0o100) !== 0),
    unlink: async (path: string) => {
      if (found(path).kind === 'folder') throw failing('EISDIR', path);
      drop(path);
    },
    readdir: async (path: string) => [...folder(path)],
    rmdir: async (path: string) => {
      if (folder(path).size > 0) throw failing('ENOTEMPTY', path);
      drop(path);
    },
    readlink: async (path: string) => {
      const node = found(path);
      if (node.kind !== 'link') throw failing('EINVAL', path);
      return node.target;
    },
  };
  return {
    promises,
    /** Puts a file or a link there, with the folders above it. */
    add: (path: string, content: Uint8Array | { target: string }, mode = 0o644) => {
      within(path);
      if ('target' in content) void symlink(content.target, path);
      else write(path, content, (mode & 0o111) !== 0);
    },
    /** All files and links, by their whole paths. */
    all: () =>
      [...nodes].filter((entry): entry is [string, Exclude<Node, { kind: 'folder' }>] => entry[1].kind !== 'folder'),
  };
}

export type MemoryFiles = ReturnType<typeof memoryFiles>;
