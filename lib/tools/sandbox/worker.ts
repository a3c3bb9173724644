/** The thread that does the job. What the job needs is loaded before it comes: a process may be started ahead of its job. */
import { parentPort, workerData } from 'node:worker_threads';
import { bodyOf, contentOf } from './frame.ts';
import type { JobName, Jobs, Reply } from './jobs.ts';

type Doers = { [K in JobName]: (ask: Jobs[K]['ask']) => Reply<K> | Promise<Reply<K>> };

async function load(name: JobName): Promise<Partial<Doers>> {
  if (name === 'bash') return import('./bash.ts');
  return name === 'pdf' ? import('./pdf.ts') : import('./search.ts');
}

const name = workerData as JobName;
const work = (await load(name))[name] as (ask: unknown) => Reply | Promise<Reply>;

parentPort?.once('message', async (job: Uint8Array) => {
  const body = bodyOf(await work(contentOf(job)));
  parentPort?.postMessage(body, [body.buffer as ArrayBuffer]);
});
