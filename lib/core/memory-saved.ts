/** What is told of a save to the shared memory: to the agent what it did not expect, to the journal what was written. */
import type { LogEntry } from './events.ts';
import type { Merged } from './memory-merge.ts';
import { preview, quoting } from './runtime-messages.ts';
import type { Block } from './session.ts';
import { MEMORY_FOLDER, MEMORY_LIMITS } from './shared-memory.ts';

/** Beside the results of the tools, in the same turn. `folder`: where in the workspace is what had no room. */
export function memoryTurn({ news, unsaved }: Merged, folder: string): Block[] {
  const lines = [...news, ...unsaved.map(({ path }) => fullOf(path, folder))];
  return lines.length === 0 ? [] : quoting(preview(lines.join('\n'))).content;
}

const fullOf = (path: string, folder: string): string =>
  `${MEMORY_FOLDER}/${path} was not saved: ${MEMORY_FOLDER}/ has no room for it beside what others wrote, ${MEMORY_LIMITS.bytes} bytes and ` +
  `${MEMORY_LIMITS.entries} files in all. Your text is in ${folder}/${path} of this session. Remove what is not needed any more, and write it again.`;

/** More of one kind are not named. */
const MOST_NAMED = 50;

export function savedEntry({ changes, unsaved }: Merged, folder: string): LogEntry[] {
  const written = changes.flatMap(({ path, source, content }) =>
    content === null ? [] : [{ path, bytes: content.length, untrusted: source === 'untrusted' }],
  );
  const removed = changes.flatMap(({ path, content }) => (content === null ? [path] : []));
  const kept = unsaved.map(({ path }) => `/${folder}/${path}`);
  if (written.length + removed.length + kept.length === 0) return [];
  const [first, gone, left] = [written.slice(0, MOST_NAMED), removed.slice(0, MOST_NAMED), kept.slice(0, MOST_NAMED)];
  const more = written.length + removed.length + kept.length - first.length - gone.length - left.length;
  return [{ type: 'agent.memory_saved', data: { written: first, removed: gone, unsaved: left, more } }];
}
