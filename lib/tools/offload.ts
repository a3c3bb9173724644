/**
 * Runs a job in a worker thread of its own, made for it and gone after it: what a model's script or pattern does to its thread, in time or in
 * memory, ends in an observation and not in a dead process, and nothing is left there for the next session to find.
 */
import { Worker } from 'node:worker_threads';
import { ToolFailure } from './failure.ts';
import type { Job, JobName, Jobs, Reply } from './sandbox/jobs.ts';
import { grouped } from './text.ts';

/** Milliseconds of real time and megabytes of heap, after which the thread is ended from outside; and what the model should do then. */
export type Bounds = { wallMs: number; heapMb: number; advice: string };

/** Throws a `ToolFailure` when the job was refused, took too long, used too much memory or was called off. */
export const offload = async <K extends JobName>(
  name: K,
  ask: Jobs[K]['ask'],
  bounds: Bounds,
  signal: AbortSignal,
): Promise<Jobs[K]['answer']> => {
  if (signal.aborted) throw calledOff();
  const worker = start({ name, ask } as Job, bounds);
  try {
    const reply = await replyOf(worker, bounds, signal);
    if ('refused' in reply) throw new ToolFailure(reply.refused);
    return reply.answer as Jobs[K]['answer'];
  } finally {
    await worker.terminate();
  }
};

/** No environment, no arguments, and streams that go nowhere: the thread shares no secret and no console with the host. */
export const SEALED = { env: {}, argv: [], execArgv: [], stdin: false, stdout: true, stderr: true };

/** Beside a bundle lies what lib/infra/sandbox.ts has made of the sources: nobody promises that a Lambda function can run TypeScript. */
const ENTRY = new URL(`./sandbox/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'mjs'}`, import.meta.url);

const start = (job: Job, { heapMb }: Bounds): Worker => {
  const worker = new Worker(ENTRY, {
    ...SEALED,
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
};

const replyOf = (worker: Worker, bounds: Bounds, signal: AbortSignal): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { wallMs, heapMb, advice } = bounds;
    const late = () => reject(new ToolFailure(`It was ended after ${grouped(wallMs / 1000)} s. ${advice}`));
    const stop = () => reject(calledOff());
    const timer = setTimeout(late, wallMs);
    signal.addEventListener('abort', stop, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    worker.once('message', (reply: Reply) => resolve(reply));
    worker.on('error', (error: Error & { code?: string }) =>
      reject(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new ToolFailure(`It ran out of memory (${heapMb} MB). ${advice}`)
          : error,
      ),
    );
    worker.once('exit', () => {
      settle();
      reject(new ToolFailure(`It ended without an answer. ${advice}`));
    });
  });

const calledOff = () => new ToolFailure('It was called off before it was done, and nothing of it was kept.');
