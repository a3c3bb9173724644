/**
 * Runs a job in a process made for it and gone after it. A model's script or pattern may take too much time or memory. The result is then an
 * observation, and the iteration goes on. Nothing is left in the process for the next session to find.
 */
import { contained, prepare, type Web } from './contained.ts';
import { ToolFailure } from './failure.ts';
import type { JobName, Jobs } from './sandbox/jobs.ts';
import { grouped } from './text.ts';

/**
 * Milliseconds of real time, megabytes of heap and megabytes of the whole process, after which the job is ended from outside; and what the
 * model should do then.
 */
export type OutputBounds = { wallMs: number; heapMb: number; processMb: number; advice: string };

/** `web`: answers what the job asks of the web; left out: nothing is answered. Throws a `ToolFailure` when the job was refused, took too long, used too much memory or was called off. */
export async function offload<K extends JobName>(
  name: K,
  ask: Jobs[K]['ask'],
  bounds: OutputBounds,
  signal: AbortSignal,
  web?: Web,
): Promise<Jobs[K]['answer']> {
  if (signal.aborted) throw calledOff();
  const outcome = await contained(name, ask, bounds, signal, web);
  // Of all tools, the shell is the one that loads much and is called again and again.
  if (name === 'bash') prepare(name, bounds.heapMb);
  const { wallMs, heapMb, processMb, advice } = bounds;
  if ('sent' in outcome) {
    const { sent } = outcome;
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
    case 'called off':
      throw calledOff();
    default:
      throw new Error(outcome.ending.failed);
  }
}

const calledOff = () => new ToolFailure('It was called off before it was done, and nothing of it was kept.');
