/** The worker's entry: does the one job it was made for and says what came of it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Job, Reply } from './jobs.ts';

const work = async (job: Job): Promise<Reply> => {
  switch (job.name) {
    case 'bash':
      return (await import('./bash.ts')).bash(job.ask);
    case 'grep':
      return (await import('./search.ts')).grep(job.ask);
    case 'glob':
      return (await import('./search.ts')).glob(job.ask);
  }
};

parentPort?.postMessage(await work(workerData as Job));
