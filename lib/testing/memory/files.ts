/** What users do to the files of a workspace, and how it comes into it. */
import { createHash } from 'node:crypto';
import { WORKSPACE_LIMITS } from '../../core/workspace.ts';
import type { AttachmentRefusal, FileChange, FileEntry, FileRefusal, FileWrite, NewFile } from '../../ports/index.ts';
import { journal, receivedOf, type SessionRow, type Store, seenFiles } from './store.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const same = (a: Uint8Array | null, b: Uint8Array | null) => a !== null && b !== null && Buffer.compare(a, b) === 0;
const clashes = (a: string, b: string) => a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

export function writtenFile(
  store: Store,
  row: SessionRow,
  write: FileWrite,
  operation: string,
): { file: FileEntry; created: boolean } | { removed: true } | FileRefusal {
  const { path, content } = write;
  const key = `${row.userId} ${row.id} ${operation}`;
  const fingerprint = `file ${path} ${content && sha256(content)}`;
  const earlier = store.operations.get(key);
  if (earlier && earlier.fingerprint !== fingerprint) return { refused: 'conflict' };
  const old = seenFiles(row).find((file) => file.path === path);
  const refusal = earlier ? null : refusalOf(row, write, old?.content ?? null);
  if (refusal) return refusal;
  store.operations.set(key, { fingerprint, sessionId: row.id });
  const mode = old?.mode ?? 0o644;
  const writes = !earlier && !same(old?.content ?? null, content);
  if (writes) {
    if (content === null && !row.files.get(path)?.content) row.received.delete(path);
    else receive(store, row, { path, content, mode });
    row.commandSeq += 1;
    row.updatedAt = store.now;
  }
  if (content === null) return { removed: true };
  const updatedAt = writes || !old ? store.now : old.updatedAt;
  return { file: { path, bytes: content.length, mode, updatedAt }, created: !earlier && !old };
}

/** All of them or none. */
export function writtenFiles(
  store: Store,
  row: SessionRow,
  files: NewFile[],
  operation: string,
): { taken: true } | FileRefusal {
  const key = `${row.userId} ${row.id} ${operation}`;
  const fingerprint = `files ${files.map(({ path, content, mode }) => `${path} ${sha256(content)} ${mode}`)}`;
  const earlier = store.operations.get(key);
  if (earlier) return earlier.fingerprint === fingerprint ? { taken: true } : { refused: 'conflict' };
  if (row.state.state === 'ended') return { refused: 'ended' };
  const refusal = putFiles(store, row, files);
  if (refusal) return refusal;
  store.operations.set(key, { fingerprint, sessionId: row.id });
  return { taken: true };
}

/** What a message brings along; content null: it must be there already. */
export function attached(
  store: Store,
  row: SessionRow,
  files: { path: string; content: Uint8Array | null }[],
): AttachmentRefusal | null {
  const there = new Set(seenFiles(row).map(({ path }) => path));
  const absent = files.find(({ path, content }) => content === null && !there.has(path));
  if (absent) return { refused: 'absent', path: absent.path };
  const brought = files.flatMap(({ path, content }) => (content === null ? [] : [{ path, content, mode: null }]));
  return putFiles(store, row, brought);
}

const inMemory = ({ memoryName = null }: SessionRow, path: string) =>
  memoryName !== null && `${path}/`.startsWith('/memory/');

function putFiles(store: Store, row: SessionRow, files: NewFile[]): FileRefusal | null {
  if (files.some(({ path }) => inMemory(row, path))) return { refused: 'memory' };
  const before = seenFiles(row);
  const changed = files.flatMap(({ path, content, mode }) => {
    const old = before.find((file) => file.path === path);
    const isThere = same(old?.content ?? null, content) && (mode === null || mode === (old!.mode & 0o777));
    return isThere ? [] : [{ path, content, mode: mode ?? old?.mode ?? 0o644 }];
  });
  const after = new Map([...before, ...changed].map((file) => [file.path, file.content]));
  for (const path of [...after.keys()].sort()) {
    const by = [...after.keys()].find((other) => path.startsWith(`${other}/`));
    const isNew = (one: string) => changed.some((file) => file.path === one);
    if (by && isNew(path)) return { refused: 'clash', path, by };
    if (by && isNew(by)) return { refused: 'clash', path: by, by: path };
  }
  const sizeOf = (contents: Uint8Array[]) => contents.reduce((sum, { length }) => sum + length, 0);
  const [was, bytes] = [sizeOf(before.map(({ content }) => content)), sizeOf([...after.values()])];
  const { files: most, treeBytes } = WORKSPACE_LIMITS;
  if (after.size > Math.max(most, before.length) || bytes > Math.max(treeBytes, was))
    return { refused: 'full', files: after.size, bytes };
  for (const file of changed) receive(store, row, file);
  if (changed.length > 0) {
    row.commandSeq += 1;
    row.updatedAt = store.now;
  }
  return null;
}

/** Waits for the next claim. */
export function receive(store: Store, row: SessionRow, file: FileChange): void {
  const { path, content } = file;
  row.received.set(path, { ...file, updatedAt: store.now, bytes: content?.length ?? null, taken: false });
}

function refusalOf(row: SessionRow, write: FileWrite, old: Uint8Array | null): FileRefusal | null {
  const { path, content, ifMatch, ifNoneMatch } = write;
  if (row.state.state === 'ended') return { refused: 'ended' };
  if (same(old, content)) return null;
  if (inMemory(row, path)) return { refused: 'memory' };
  const isOne = (names: string[]) => old !== null && names.some((name) => name === '*' || name === sha256(old));
  if ((ifMatch && !isOne(ifMatch)) || (ifNoneMatch && isOne(ifNoneMatch))) return { refused: 'changed' };
  if (content === null) return old === null ? { refused: 'missing' } : null;
  const others = seenFiles(row).filter((file) => file.path !== path);
  const by = others.find((file) => clashes(file.path, path));
  if (by) return { refused: 'clash', path, by: by.path };
  const files = others.length + 1;
  const bytes = others.reduce((sum, file) => sum + file.content.length, content.length);
  const tooMany = old === null && files > WORKSPACE_LIMITS.files;
  const tooLarge = content.length > (old?.length ?? 0) && bytes > WORKSPACE_LIMITS.treeBytes;
  return tooMany || tooLarge ? { refused: 'full', files, bytes } : null;
}

/** With a claim: after all that the agent did without knowing of it. What stands in the way goes. */
export function takeFiles(store: Store, row: SessionRow): void {
  const waiting = [...row.received.values()].filter(({ taken }) => !taken);
  if (waiting.length === 0 || row.calls.some(({ done }) => !done)) return;
  for (const { path, content, mode } of [...row.files.values()]) {
    const inTheWay = content && waiting.some((one) => one.content && clashes(one.path, path));
    if (inTheWay && !waiting.some((one) => one.path === path))
      row.received.set(path, { path, content: null, mode, updatedAt: store.now, bytes: null, taken: false });
  }
  const { received } = receivedOf([...row.received.values()].filter(({ taken }) => !taken));
  for (const one of row.received.values()) {
    if (one.taken) continue;
    row.files.set(one.path, { path: one.path, content: one.content, mode: one.mode, updatedAt: store.now });
    row.received.set(one.path, { ...one, content: null, taken: true });
  }
  if (received) journal(store, row, [{ type: 'agent.files_received', data: received }]);
}
