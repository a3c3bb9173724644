/**
 * How what a session did to its shared memory becomes changes of the memory as it is now. Others may have written since the session was told of it. Both
 * texts are kept then: the earlier one stands, the later one gets a name of its own. Nothing that was written is lost.
 */
import {
  flawOfEntry,
  isUntrusted,
  MEMORY_FOLDER,
  MEMORY_LIMITS,
  type MemoryChange,
  type MemoryEntry,
  UNTRUSTED,
} from './shared-memory.ts';

/** A file of the folder that the session wrote, or removed (`content` null). The path is the entry's. */
export type MemoryWrite = { path: string; content: Uint8Array | null };

/**
 * `seen`: the versions that the agent was told of. `outside`: the session has read text from outside. `entries`: the memory as it is.
 */
export type Merging = {
  sessionId: string;
  outside: boolean;
  seen: Record<string, number>;
  entries: MemoryEntry[];
  writes: MemoryWrite[];
};

/** `unsaved`: what has no room in the memory. `news`: what the agent did not expect, in sentences. */
export type Merged = { changes: MemoryChange[]; unsaved: MemoryWrite[]; news: string[] };

export function merged({ sessionId, outside, seen, entries, writes }: Merging): Merged {
  const now = new Map(entries.map((entry) => [entry.path, entry]));
  const sizes = new Map(entries.map(({ path, bytes }) => [path, bytes]));
  const result: Merged = { changes: [], unsaved: [], news: [] };
  const isKnown = (entry: MemoryEntry) => entry.sessionId === sessionId || seen[entry.path] === entry.version;
  // What is removed makes room for what is written.
  for (const { path, content } of writes) {
    const entry = now.get(path);
    if (content !== null || !entry) continue;
    if (outside && !isUntrusted(path)) result.news.push(`${shown(path)} was not removed: ${READ_OUTSIDE}.`);
    else if (!isKnown(entry))
      result.news.push(`${shown(path)} was not removed: ${writerOf(entry)} changed it meanwhile.`);
    else {
      sizes.delete(path);
      result.changes.push({ path, source: sourceOf(path), sessionId, content });
    }
  }
  for (const { path, content } of writes) {
    if (content === null) continue;
    const wanted = outside && !isUntrusted(path) ? `${UNTRUSTED}/${path}` : path;
    const entry = now.get(wanted);
    const isFree = wanted === path ? !entry || isKnown(entry) : !entry || entry.sessionId === sessionId;
    const isTaken = result.changes.some((change) => change.path === wanted && change.content !== null);
    const target =
      isFree && !isTaken && !clashes(wanted, sizes) && flawOfEntry(wanted) === null
        ? wanted
        : besides(wanted, sessionId, sizes);
    const bytes = [...sizes].reduce((sum, [at, size]) => sum + (at === target ? 0 : size), content.length);
    const grows = content.length > (sizes.get(target) ?? 0);
    if ((grows && bytes > MEMORY_LIMITS.bytes) || (!sizes.has(target) && sizes.size >= MEMORY_LIMITS.entries)) {
      result.unsaved.push({ path, content });
      continue;
    }
    sizes.set(target, content.length);
    result.changes.push({ path: target, source: sourceOf(target), sessionId, content });
    if (target !== wanted)
      result.news.push(
        `${shown(wanted)} was changed by ${entry ? writerOf(entry) : 'another session'} meanwhile. That text stands, and yours is in ${shown(target)}: ` +
          'make one of the two, and remove the other.',
      );
    else if (target !== path) result.news.push(`${shown(path)} was saved as ${shown(target)}: ${READ_OUTSIDE}.`);
  }
  return result;
}

const READ_OUTSIDE = `this session has read text from outside, so it writes only below ${MEMORY_FOLDER}/${UNTRUSTED}/`;

const shown = (path: string): string => `${MEMORY_FOLDER}/${path}`;
const sourceOf = (path: string): 'agent' | 'untrusted' => (isUntrusted(path) ? 'untrusted' : 'agent');
const writerOf = ({ sessionId }: MemoryEntry): string => (sessionId === null ? 'the person' : `session ${sessionId}`);

/** A name is an entry or a folder, not both. */
const clashes = (path: string, sizes: Map<string, number>): boolean =>
  [...sizes.keys()].some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));

/** Parts of a name that is made, so that it stays within the limit of a name. */
const STEM = 140;

/** A free name beside `path`, with no folder of its own that could be in the way. */
function besides(path: string, sessionId: string, sizes: Map<string, number>): string {
  const folder = isUntrusted(path) ? `${UNTRUSTED}/` : '';
  const flat = path.slice(folder.length).replaceAll('/', '-');
  const dot = flat.lastIndexOf('.');
  const [stem, ending] = dot > 0 && flat.length - dot <= 10 ? [flat.slice(0, dot), flat.slice(dot)] : [flat, ''];
  for (let n = 1; ; n++) {
    const name = `${folder}${stem.slice(0, STEM)}.conflict-${sessionId.slice(-6)}${n === 1 ? '' : `-${n}`}${ending}`;
    if (!sizes.has(name) && !clashes(name, sizes)) return name;
  }
}
