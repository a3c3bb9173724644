/** What an iteration does to the shared memory of its session: loaded when a tool first needs it, saved with all else by compare-and-swap. */
import type { Save } from '../core/effect.ts';
import { type Merged, merged } from '../core/memory-merge.ts';
import { memoryTurn, savedEntry } from '../core/memory-saved.ts';
import { type FileChange, type LoadedMemory, listOf, MemoryMoved, type Saved, type World } from '../ports/index.ts';
import { divided } from '../tools/shared-memory.ts';
import type { Run } from './run.ts';

/** Others may write as often between two tries; who loses so many of them dies, and is tried again from the last save. */
const MOST_TRIES = 20;

/** The memory that the session names; asked for only where there is something in it. Null: it names none. */
export async function loadedMemory({ sessions }: World, { id, shared }: Run): Promise<LoadedMemory | null> {
  if (!shared) return null;
  return shared.entries.length === 0 ? { revision: shared.revision, entries: [] } : sessions.memory(id);
}

/** Saves the iteration, and what it wrote to the memory as the memory is then. */
export async function savedWithMemory(
  { sessions }: World,
  run: Run,
  save: Save,
  changes: FileChange[],
): Promise<Saved> {
  const { own, writes } = divided(changes);
  if (!run.memory || writes.length === 0) return sessions.save(run.id, run.fence, save, own);
  let memory = listOf(run.memory);
  for (let tries = 1; ; tries++) {
    const { entries, revision } = memory;
    const seen = save.memory.shared?.versions ?? {};
    const result = merged({ sessionId: run.id, outside: save.memory.outside, seen, entries, writes });
    try {
      const kept = [...own, ...unsavedFiles(run, result)];
      // What comes to nothing makes no revision, by which others would take their writes anew.
      const writing = result.changes.length > 0 ? { revision, changes: result.changes } : undefined;
      return await sessions.save(run.id, run.fence, told(save, result, run), kept, writing);
    } catch (error) {
      if (!(error instanceof MemoryMoved) || tries === MOST_TRIES) throw error;
      memory = listOf(await sessions.memory(run.id));
    }
  }
}

/** What has no room in the memory becomes files of the session's own. */
const unsavedFolder = ({ fence }: Run): string => `unsaved-memory-${fence}`;
const unsavedFiles = (run: Run, { unsaved }: Merged): FileChange[] =>
  unsaved.map(({ path, content }) => ({ path: `/${unsavedFolder(run)}/${path}`, content, mode: 0o644 }));

function told(save: Save, result: Merged, run: Run): Save {
  const folder = unsavedFolder(run);
  const entry = savedEntry(result, folder);
  const turn = save.turn && [...save.turn, ...memoryTurn(result, folder)];
  return { ...save, turn, journal: [...save.journal, ...entry] };
}
