/** The step hook of a worker: tells every step, and makes the planned fault at its own. */
import { writeSync } from 'node:fs';
import type { Failpoint, FailpointName } from '../../kit/failpoints.ts';
import type { Job, Plan, Told } from './job.ts';

/** Written whole and at once: what was told before a SIGKILL is not lost. */
export function tell(told: Told): void {
  const line = Buffer.from(`${JSON.stringify(told)}\n`);
  for (let sent = 0; sent < line.length; ) {
    try {
      sent += writeSync(1, line, sent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

/** `control`: the harness, which makes the faults that lie outside of this process. Answers when they are in force. */
export function hook(job: () => Job | null, control: (plan: Plan) => Promise<void>): Failpoint {
  let planned: Plan | null = null;
  let seen = 0;
  return async (name: FailpointName) => {
    tell({ told: 'step', step: name });
    const plan = job()?.plan ?? null;
    if (plan !== planned) [planned, seen] = [plan, 0];
    if (!plan || name !== plan.step) return;
    seen += 1;
    if (seen !== plan.nth) return;
    tell({ told: 'fault', step: name, mode: plan.mode });
    switch (plan.mode) {
      case 'kill':
        process.kill(process.pid, 'SIGKILL');
        return new Promise(() => {});
      case 'zombie':
        process.kill(process.pid, 'SIGSTOP');
        return;
      case 'throw':
        throw new Error(`made to fail at ${name}`);
      default:
        return control(plan);
    }
  };
}
