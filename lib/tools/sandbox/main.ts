/**
 * The sandbox's process: starts the thread that will do the one job, hands it the job from standard input, and writes its answer to
 * standard output. In between its questions go the same way, and the host's answers to them come by standard input. This thread does nothing else, so it notices when the host is gone, however busy the job is. Arguments: the job's name,
 * and the megabytes of heap that its thread may use.
 */
import { Worker } from 'node:worker_threads';
import { bodyOf, framed, readBodies } from './frame.ts';
import type { JobName, Sent } from './jobs.ts';
import type { Posted } from './parent.ts';

/** More than any workspace with its names. */
const MOST_JOB_BYTES = 256_000_000;

const [name, heapMb] = process.argv.slice(2) as [JobName, string];

/** Also ends a thread that never returns from native code, and nobody waits for what it has open. */
const end = () => process.kill(process.pid, 'SIGKILL');
process.stdin.on('error', end);
process.stdin.on('close', end);

const beside = (program: string) =>
  new URL(`./${program}.${import.meta.url.endsWith('.ts') ? 'ts' : 'mjs'}`, import.meta.url);

/** No environment, no arguments, and streams that go nowhere. The threads that it starts take its options. */
const worker = new Worker(beside('worker'), {
  ...{ workerData: name, env: {}, argv: [], execArgv: ['--import', beside('wait').href] },
  ...{ stdin: false, stdout: true, stderr: true },
  resourceLimits: { maxOldGenerationSizeMb: Number(heapMb), maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
});
worker.stdout.resume();
worker.stderr.resume();

let answered = false;
function post({ body, isLast }: Posted) {
  if (answered) return;
  answered = isLast;
  for (const piece of framed(body)) process.stdout.write(piece);
}
const tell = (sent: Sent) => post({ body: bodyOf(sent), isLast: true });

worker.on('message', post);
worker.on('error', (error: Error & { code?: string }) =>
  tell(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? { full: true } : { failed: error.message }),
);
worker.on('exit', () => tell({ failed: 'it ended without an answer' }));

// Read to the end: only a stream that is read notices its end.
readBodies(process.stdin, MOST_JOB_BYTES, (body) => worker.postMessage(body, [body.buffer as ArrayBuffer]), end);
