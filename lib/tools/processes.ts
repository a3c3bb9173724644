/** The sandbox as a process of this machine for each job (contained.ts). */
import type { Sandbox } from '../ports/index.ts';
import { contained, prepare } from './contained.ts';
import type { JobName } from './sandbox/jobs.ts';

export const processes: Sandbox = {
  async run({ name, ask }, bounds, signal, web) {
    if (signal.aborted) return { ending: 'called off', peakMb: 0 };
    const outcome = await contained(name as JobName, ask, bounds, signal, web);
    // Of all jobs, the shell is the one that loads much and is asked for again and again.
    if (name === 'bash') prepare(name, bounds.heapMb);
    return outcome;
  },
};
