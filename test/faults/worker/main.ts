/**
 * A worker: the real path of one iteration, in a process of its own. It waits for its job on standard input, so that its start is over when
 * the job comes, and makes the faults that the job plans. All it reaches of the world it reaches over HTTP, through the environment.
 */
import { createInterface } from 'node:readline';
import { readEnv } from '../../../lib/config/env.ts';
import { processBatch } from '../../../lib/engine/sqs-batch.ts';
import { wakeDue } from '../../../lib/engine/wake.ts';
import type { World } from '../../../lib/ports/index.ts';
import { worldFrom } from '../../../lib/world.ts';
import { driveWithFailpoints, fetchWithFailpoints } from '../../kit/failpoints.ts';
import { NO_SCHEDULES } from '../../kit/schedules.ts';
import { AGENT, prober } from './agent.ts';
import { hook, tell } from './hook.ts';
import type { Job, Plan } from './job.ts';
import { liveInRun, sweepsInRun } from './marker.ts';

const { CONTROL_URL, SINK_URL, WORKER } = process.env as Record<string, string>;
let job: Job | null = null;
let skewMs = 0;

const TrueDate = Date;
globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args: []) => (args.length > 0 ? new target(...args) : new target(target.now() + skewMs)),
  get: (target, key) => (key === 'now' ? () => target.now() + skewMs : Reflect.get(target, key, target)),
});

const control = async (plan: Plan): Promise<void> => {
  const body = JSON.stringify({ worker: WORKER, session: job?.session, plan });
  const { ok } = await fetch(`${CONTROL_URL}/fault`, { method: 'POST', body });
  if (!ok) throw new Error('the harness did not make the fault');
};

const failpoint = hook(() => job, control);
// The client of the Messages API takes it when it is made, with the first call.
globalThis.fetch = fetchWithFailpoints(fetch, failpoint);
const deployed = worldFrom(readEnv(process.env));
const agent = prober(`${SINK_URL}/${WORKER}`, () => job?.session ?? '');

/** The world of this job: the deployment's, with the runs' agent in it, and claims and sweeps told to the harness. */
const worldOf = (asked: Job): World => ({
  ...deployed,
  ...sweepsInRun(deployed, TrueDate.now, tell),
  live: liveInRun(deployed.live, asked, tell),
  tools: agent.tools,
  agent: (name) => (name === AGENT ? agent.spec : null),
  policy: { ...deployed.policy, ...(asked.count && { countTokens: 'always' }) },
  log: (line) => {
    if (line.message === 'claimed')
      tell({ told: 'claimed', session: asked.session, fence: Number(line.fence), at: TrueDate.now() });
    deployed.log(line);
  },
});

async function work(asked: Job): Promise<boolean> {
  job = asked;
  skewMs = asked.skewMs;
  const { session: sessionId, user: userId, limitMs, cron } = asked;
  const started = performance.now();
  const remaining = () => limitMs - (performance.now() - started);
  const world = worldOf(asked);
  if (asked.kind === 'wake') {
    await wakeDue({ ...world, ...NO_SCHEDULES }, { cron, remainingMs: () => remaining() + 10_000 });
    return false;
  }
  const event = { Records: [{ messageId: '1', body: JSON.stringify({ sessionId, userId }) }] };
  const { batchItemFailures } = await processBatch(world.log, event, (hint) =>
    driveWithFailpoints(world, hint, { remaining }, failpoint),
  );
  return batchItemFailures.length > 0;
}

tell({ told: 'ready' });
for await (const line of createInterface({ input: process.stdin })) {
  const failed = await work(JSON.parse(line) as Job).catch((error: unknown) => {
    deployed.log({ level: 'error', message: 'job failed', error });
    return true;
  });
  tell({ told: 'over', failed });
}
