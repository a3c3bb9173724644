/** The thread that does the job. What the job needs is loaded before it comes: a process may be started ahead of its job. */
import { parentPort, workerData } from 'node:worker_threads';
import { contentOf } from './frame.ts';
import type { JobName, Jobs, Reply } from './jobs.ts';
import { answered, post } from './parent.ts';

type Doers = { [K in JobName]: (ask: Jobs[K]['ask']) => Reply<K> | Promise<Reply<K>> };

async function load(name: JobName): Promise<Partial<Doers>> {
  if (name === 'bash') return await import('./bash.ts');
  if (name === 'git') return { git: (await import('./git/index.ts')).gitJob };
  return name === 'pdf' ? await import('./pdf.ts') : await import('./search.ts');
}

const name = workerData as JobName;
const work = (await load(name))[name] as (ask: unknown) => Reply | Promise<Reply>;

let begun = false;
parentPort?.on('message', async (body: Uint8Array) => {
  if (begun) return answered(body);
  begun = true;
  // An answer that nobody waits for keeps no thread: one that is stuck ends, and says so.
  parentPort?.unref();
  post(await work(contentOf(body)), true);
});
