/**
 * Worker processes: some wait loaded, each does one job (or a few, as a warm Lambda does) and is gone. A stopped one comes back when
 * another owner has come, or after its lease.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FailpointName } from '../kit/failpoints.ts';
import type { Injected } from './evidence.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import { type Record, SLEPT } from './record.ts';
import { LEASE_MS } from './scale.ts';
import type { Job, Mode, Plan, Told } from './worker/job.ts';

/** `took`: the planned fault had its effect. `steps`: those it came through. */
export type Outcome = {
  worker: string;
  end: 'over' | 'failed' | 'killed' | 'timeout' | 'crashed';
  took: boolean;
  steps: Set<FailpointName>;
};

export type Workers = {
  /** Resolves when the process has done the job or is gone. `started`: it has one, by this name. */
  run(job: Job, started?: (worker: string) => void): Promise<Outcome>;
  /** Does what a worker asked for (network.ts). */
  make(worker: string, plan: Plan): Promise<void>;
  /** Stopped ones do not work and do not count. */
  working(): number;
  /** Stopped ones included. */
  alive(): number;
  close(): Promise<void>;
};

type Options = {
  file: string;
  logDir: string;
  environmentOf: (name: string) => { [name: string]: string };
  network: Network;
  record: Record;
  random: Random;
  toMidnight: () => Promise<void>;
  /** Processes that wait loaded. */
  spare: number;
  /** The part of the workers that goes on to another job when it has done one. */
  warm: number;
};

type Running = {
  job: Job;
  fault: Injected | null;
  took: boolean;
  steps: Set<FailpointName>;
  timer: NodeJS.Timeout;
  done: (end: Outcome['end']) => void;
};
type Worker = {
  name: string;
  child: ChildProcess;
  running: Running | null;
  zombie: NodeJS.Timeout | null;
  loading: boolean;
};

export function startWorkers(options: Options): Workers {
  const { file, logDir, environmentOf, network, record, random, toMidnight, spare, warm } = options;
  const all = new Map<string, Worker>();
  const ready: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  let born = 0;
  let loading = 0;
  let closing = false;

  const offer = (worker: Worker) => {
    const next = waiting.shift();
    if (next) next(worker);
    else ready.push(worker);
  };

  const breed = () => {
    born += 1;
    const name = `w${born}`;
    const log = openSync(join(logDir, `${name}.log`), 'a');
    const env = { PATH: process.env.PATH, ...environmentOf(name) };
    const child = spawn(process.execPath, [file], { env, stdio: ['pipe', 'pipe', log] });
    closeSync(log);
    const worker: Worker = { name, child, running: null, zombie: null, loading: true };
    loading += 1;
    all.set(name, worker);
    child.stdin!.on('error', () => {});
    createInterface({ input: child.stdout! }).on('line', (line) => hear(worker, JSON.parse(line) as Told));
    // Only when all that it told has been read.
    child.on('close', (_code, signal) => gone(worker, signal));
  };

  const refill = () => {
    while (!closing && ready.length + loading < spare + waiting.length) breed();
  };

  const next = (): Promise<Worker> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      refill();
    });

  const gone = (worker: Worker, signal: NodeJS.Signals | null) => {
    all.delete(worker.name);
    const at = ready.indexOf(worker);
    if (at >= 0) ready.splice(at, 1);
    clearTimeout(worker.zombie ?? undefined);
    network.release(worker.name);
    const { running } = worker;
    worker.running = null;
    if (running && signal === 'SIGKILL') {
      const meant = running.fault?.mode === 'kill';
      if (meant) took(running);
      running.done(meant ? 'killed' : 'timeout');
    } else if (running) running.done('crashed');
    if (worker.loading) loading -= 1;
    refill();
  };

  const took = (running: Running) => {
    running.took = true;
    if (running.fault) running.fault.took = true;
  };

  const hear = (worker: Worker, told: Told) => {
    const { running } = worker;
    if (told.told === 'ready') {
      worker.loading = false;
      loading -= 1;
      return offer(worker);
    }
    if (!running) return;
    const { session } = running.job;
    if (told.told === 'slept') record.count(SLEPT);
    else if (told.told === 'swept') record.swept(told);
    else if (told.told === 'claimed') {
      record.claimed({ at: told.at, worker: worker.name, session, fence: told.fence });
      for (const other of all.values())
        if (other !== worker && other.zombie && other.running?.job.session === session) revive(other);
    } else if (told.told === 'step') {
      if (told.step !== 'beating' && told.step !== 'beaten') network.disarm(worker.name);
      record.hit(told.step);
      running.steps.add(told.step);
    } else if (told.told === 'fault') {
      running.fault = record.fault({ mode: told.mode, step: told.step, session, worker: worker.name, took: false });
      fault(worker, running, told.mode, told.step);
    } else {
      over(worker, running, told.failed);
    }
  };

  const fault = (worker: Worker, running: Running, mode: Mode, step: FailpointName) => {
    if (mode === 'kill') record.killed(running.job.session, step);
    if (mode === 'throw') took(running);
    // Where nobody takes the session up meanwhile, since it was not owned or rests, it comes back by itself.
    if (mode === 'zombie')
      worker.zombie = setTimeout(() => revive(worker, 0), ownedAt(step) ? 6 * LEASE_MS : 1.2 * LEASE_MS);
  };

  /** Soon after another owner has come, while that one is at work. */
  const revive = (worker: Worker, afterMs = random() * 400) => {
    clearTimeout(worker.zombie ?? undefined);
    worker.zombie = setTimeout(() => {
      worker.zombie = null;
      if (worker.running) took(worker.running);
      worker.child.kill('SIGCONT');
    }, afterMs);
  };

  const over = (worker: Worker, running: Running, failed: boolean) => {
    worker.running = null;
    network.release(worker.name);
    running.done(failed ? 'failed' : 'over');
    if (!closing && running.fault === null && random() < warm) offer(worker);
    else worker.child.stdin!.end();
  };

  const working = () => [...all.values()].filter(({ running, zombie }) => running && !zombie).length;
  refill();

  return {
    working,
    alive: () => [...all.values()].filter(({ running }) => running).length,
    async run(job, started) {
      const worker = ready.shift() ?? (await next());
      refill();
      started?.(worker.name);
      return new Promise((resolve) => {
        const done = (end: Outcome['end']) => {
          clearTimeout(running.timer);
          resolve({ worker: worker.name, end, took: running.took, steps: running.steps });
        };
        const timer = setTimeout(() => worker.child.kill('SIGKILL'), job.limitMs);
        const running: Running = { job, fault: null, took: false, steps: new Set(), timer, done };
        worker.running = running;
        worker.child.stdin!.write(`${JSON.stringify(job)}\n`);
      });
    },
    async make(name, plan) {
      const running = all.get(name)?.running;
      if (!running) throw new Error(`${name} has no job`);
      if (plan.mode === 'midnight') {
        await toMidnight();
        took(running);
      } else network.arm(name, plan, () => took(running));
    },
    async close() {
      closing = true;
      const gone = [...all.values()].map(({ child }) => new Promise((resolve) => child.once('close', resolve)));
      for (const { child } of all.values()) child.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}

const ownedAt = (step: FailpointName): boolean =>
  ![
    'received',
    'opening',
    'opened',
    'standing_in',
    'stood_in',
    'claiming',
    'hinting_again',
    'hinted_again',
    'saved',
  ].includes(step) &&
  !['chaining', 'chained', 'scheduling', 'scheduled', 'mirroring', 'mirrored', 'finished'].includes(step);
