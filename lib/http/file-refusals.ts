import { WORKSPACE_LIMITS } from '../core/workspace.ts';
import type { FileRefusal, SessionView } from '../ports/index.ts';
import { Problem } from '../problem.ts';
import type { Ready } from './deps.ts';
import { conflict } from './idempotency.ts';
import { notFound } from './problems.ts';

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
    case 'conflict':
      return conflict();
    default:
      return notFound('file');
  }
}
