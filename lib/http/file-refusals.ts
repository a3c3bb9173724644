import { MEMORY_FOLDER } from '../core/shared-memory.ts';
import { WORKSPACE_LIMITS } from '../core/workspace.ts';
import type { FileRefusal, SessionView } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import type { Ready } from './deps.ts';
import { conflict } from './idempotency.ts';
import { invalid, notFound } from './problems.ts';

/** Why no file is put there. */
export const OF_MEMORY = `lies in ${MEMORY_FOLDER}/, which is the session's memory; put it there by PUT /v1/memories/{name}/entries/{path}`;

export const ended = (view: SessionView) =>
  new Problem(
    'session_ended',
    `The session has ended (${view.outcome ?? view.status}) and will not move or spend again. Nothing was done; start a new session to go on.`,
  );

/** The problem of a write that was not taken. `path`: the file that was to be written, where it was one. */
export async function refusalOf(
  deps: Ready,
  { userId, id }: { userId: string; id: string },
  refusal: FileRefusal,
  path = 'of the request',
): Promise<Problem> {
  if (refusal.refused !== 'ended') return problemOf(refusal, path);
  const view = await deps.userSessions.get(userId, id);
  return view ? ended(view) : notFound();
}

export function problemOf(refusal: FileRefusal, path: string): Problem {
  const { treeBytes, files: mostFiles } = WORKSPACE_LIMITS;
  switch (refusal.refused) {
    case 'changed':
      return new Problem(
        'precondition_failed',
        `The file ${path} is not as the request's condition wants it: it was changed, made or removed meanwhile. Nothing was written and nothing was spent; read it again and send its present ETag.`,
      );
    case 'clash':
      return new Problem(
        'file_clash',
        `${refusal.by} is in the way of ${refusal.path}: a name is a file or a folder, not both. Nothing was written and nothing was spent; remove the one, or choose another path for the other.`,
      );
    case 'full':
      return new Problem(
        'workspace_full',
        `With this the workspace would hold ${refusal.files} files and ${refusal.bytes} bytes, and ${mostFiles} files and ${treeBytes} bytes are allowed. Nothing was written and nothing was spent; remove what is not needed any more.`,
      );
    case 'memory':
      return invalid([{ path: 'path', message: `Cannot be written: the path ${path} ${OF_MEMORY}` }]);
    case 'conflict':
      return conflict();
    default:
      return notFound('file');
  }
}
