import type { PendingCommands } from '../core/session.ts';
import type { LiveView, LoadedMemory, SessionWeb, SharedMemory, Workspace, WorkspaceFile } from '../ports/index.ts';

/** What one owner of a session has at hand. `at` is the database's clock carried forward; `remaining` is real time to the deadline. */
export type Run = {
  id: string;
  userId: string;
  fence: number;
  at: () => number;
  remaining: () => number;
  watched: boolean;
  iteration: number;
  /** What a user wanted at the last answer that told. */
  desired: PendingCommands['desired'];
  /** When that was, in elapsed real time. */
  checkedAt: number;
  files: Workspace | null;
  /** Its shared memory as of the claim, and with its texts since a tool needed them; null: it has none. */
  shared: SharedMemory | null;
  memory: LoadedMemory | null;
  /** The first row that prompts still show; what was before it is read back from `past` when a tool call asks for it. */
  from: number;
  past: WorkspaceFile[] | null;
  web: SessionWeb;
  view: LiveView | null;
};
