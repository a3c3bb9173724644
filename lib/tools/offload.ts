/**
 * Runs a job in the sandbox. A model's script or pattern may take too much time or memory. The result is then an observation, and the iteration
 * goes on.
 */
import type { Sandbox, SandboxBounds, SandboxWeb } from '../ports/index.ts';
import { ToolFailure } from './failure.ts';
import type { JobName, Jobs, Sent } from './sandbox/jobs.ts';
import { grouped } from './text.ts';

/** After which the job is ended from outside; and what the model should do then. */
export type OutputBounds = SandboxBounds & { advice: string };

/** `web`: answers what the job asks of the web; left out: nothing is answered. Throws a `ToolFailure` when the job was refused, took too long, used too much memory or was called off. */
export async function offload<K extends JobName>(
  sandbox: Sandbox,
  name: K,
  ask: Jobs[K]['ask'],
  { advice, ...bounds }: OutputBounds,
  signal: AbortSignal,
  web?: SandboxWeb,
): Promise<Jobs[K]['answer']> {
  const { wallMs, heapMb, processMb } = bounds;
  const outcome = await sandbox.run({ name, ask }, bounds, signal, web);
  if ('sent' in outcome) {
    const sent = outcome.sent as Sent;
    if ('answer' in sent) return sent.answer as Jobs[K]['answer'];
    if ('refused' in sent) throw new ToolFailure(sent.refused);
    if ('failed' in sent) throw new Error(sent.failed);
    throw new ToolFailure(`It ran out of memory (${heapMb} MB). ${advice}`);
  }
  switch (outcome.ending) {
    case 'memory':
      throw new ToolFailure(`It used more than ${processMb} MB of memory and was ended. ${advice}`);
    case 'heap':
      throw new ToolFailure(`It ran out of memory (${heapMb} MB). ${advice}`);
    case 'system':
      throw new ToolFailure(`The system ended it, which it does when memory or processor time is short. ${advice}`);
    case 'time':
      throw new ToolFailure(`It was ended after ${grouped(wallMs / 1000)} s. ${advice}`);
    case 'answer':
      throw new ToolFailure(`It left more than can be taken back from the sandbox. ${advice}`);
    case 'called off':
      throw new ToolFailure('It was called off before it was done, and nothing of it was kept.');
    default:
      throw new Error(outcome.ending.failed);
  }
}
