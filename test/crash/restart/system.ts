/** One data directory and whoever runs on it: started, killed and started again, with what that took. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Moment } from './moments.ts';
import { type Running, run } from './running.ts';

/** Before anything is known of this machine. */
const FIRST_START_MS = 3_000;

export type System = {
  readonly running: Running;
  url(): string;
  adminKey(): string;
  /** Starts it, and kills it at these moments of its start first. */
  start(...moments: { waitFor: () => Promise<unknown>; moment: Moment }[]): Promise<void>;
  /** Ends it as a power cut would. */
  kill(moment: Moment): Promise<void>;
  /** Ends it as Ctrl-C would; resolves with how it ended, when nothing of it is left. */
  stop(): Promise<number | string>;
  figures(): { kills: string[]; startMs: number[]; orphansMs: Promise<number>[]; complaints: string[] };
  sweep(): void;
};

/** What is under way when the log says this last. */
const UNDER_WAY: Record<string, string> = {
  ...{
    count: 'reserve',
    reserve: 'think',
    think: 'settle',
    settle: 'act',
    act: 'save',
    save: 'chain',
    chain: 'mirror or claim',
  },
};

export const systemOn = (env: Record<string, string>): System => {
  const all: Running[] = [];
  const kills: string[] = [];
  const startMs: number[] = [];
  const orphansMs: Promise<number>[] = [];
  let url = '';
  let adminKey = '';
  const current = (): Running => all.at(-1) as Running;

  const kill = async (moment: Moment): Promise<void> => {
    const phases = [...current().last.values()].map((message) => UNDER_WAY[message] ?? message);
    kills.push(`${moment.kind}${phases.length > 0 ? `: ${phases.join(', ')}` : ''}`);
    current().signal('SIGKILL');
    await current().exit;
    // Not waited for: who starts again at once meets what is left of the last start.
    const gone = current().gone();
    gone.catch(() => {});
    orphansMs.push(gone);
  };

  return {
    get running() {
      return current();
    },
    url: () => url,
    adminKey: () => adminKey,
    start: async (...moments) => {
      for (const { waitFor, moment } of moments) {
        all.push(run(env));
        await Promise.race([waitFor(), current().exit, current().ready.catch(() => {})]);
        await kill(moment);
      }
      all.push(run(env));
      const ready = await current().ready;
      startMs.push(ready.startMs);
      url = ready.url;
      if (adminKey && adminKey !== ready.adminKey) throw new Error('the admin key is another after a restart');
      adminKey = ready.adminKey;
    },
    kill,
    stop: async () => {
      current().signal('SIGTERM');
      const how = await current().exit;
      await current().gone();
      return how;
    },
    figures: () => ({ kills, startMs, orphansMs, complaints: all.flatMap((running) => running.complaints) }),
    sweep: () => {
      for (const running of all) running.sweep();
    },
  };
};

/** Somewhere in the span of a usual start. */
export const somewhereInAStart = (system: System, { share }: Moment) => {
  const { startMs } = system.figures();
  return () => sleep(share * (startMs.toSorted((a, b) => a - b)[startMs.length >> 1] ?? FIRST_START_MS));
};
