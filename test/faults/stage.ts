/** A stage: rig, workers and floor put together, and the users and sessions on it. */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../lib/ids.ts';
import type { NewSession, SessionCommand } from '../../lib/ports/index.ts';
import type { Evidence, FaultUser, Settings, Variant } from './evidence.ts';
import { type Floor, type Hint, startFloor } from './floor.ts';
import { type Marked, markedBy } from './marked.ts';
import { type Network, network, startControl } from './network.ts';
import { type Random, randomFrom } from './random.ts';
import { newRecord, type Record } from './record.ts';
import { CANARIES, type Rig, startRig } from './rig/index.ts';
import { HEARTBEAT_MS, HINT_MS, LEASE_MS, longestPauseMs } from './scale.ts';
import { goalOf } from './witness/plot.ts';
import { AGENT } from './worker/agent.ts';
import { startWorkers, type Workers } from './workers.ts';

export type Stage = {
  rig: Rig;
  workers: Workers;
  floor: Floor;
  network: Network;
  record: Record;
  random: Random;
  settings: Settings;
  /** How a user changes anything: past it the recovery cron would not hear of it. */
  marked: Marked;
  user(terms: { budget: bigint; days?: number }): Promise<FaultUser>;
  /** A session of a user, with what its agent will do (witness/plot.ts), hinted. */
  session(
    user: string,
    plot: string[],
    over?: { maxIterations?: number; hinted?: boolean } & Partial<
      Pick<NewSession, 'model' | 'ladder' | 'maxCost' | 'share'>
    >,
  ): Promise<string>;
  wish(session: { id: string; user: string }, wish: SessionCommand): Promise<void>;
  evidence(): Evidence;
  close(): Promise<void>;
};

type Options = {
  seed: number;
  variant?: Variant | null;
  /** Its clock does not leap. */
  steady?: boolean;
  warm?: number;
  spare?: number;
  atOnce?: number;
  limitMs?: number;
};

export async function startStage(options: Options): Promise<Stage> {
  const { seed, variant = null, steady = false, warm = 0.7, spare = 4, atOnce = 6, limitMs = 12_000 } = options;
  await using stack = new AsyncDisposableStack();
  const random = randomFrom(seed);
  let rig: Rig | null = null;
  let floor: Floor | null = null;
  const record = newRecord(() => ({ claims: rig!.claimsPath, hints: hintsPath }));
  const net = network(randomFrom(seed + 1), record.count);
  const onAlarm = () => alarm(record, random, floor);
  rig = await startRig({ seed, variant, steady, fate: (asked) => net.fate(asked), onAlarm });
  const { clock, ports, logDir } = rig;
  stack.defer(() => rig!.close());
  const hintsPath = join(rig.folder, 'hints.jsonl');
  writeFileSync(hintsPath, '');
  let workers: Workers | null = null;
  const control = await startControl((worker, plan) => workers!.make(worker, plan));
  stack.defer(() => control.close());
  workers = startWorkers({
    ...{ file: rig.worker, logDir, network: net, record, random, spare, warm },
    environmentOf: (name) => ({ ...rig!.environmentOf(name), CONTROL_URL: control.url }),
    toMidnight: clock.toMidnight,
  });
  stack.defer(() => workers!.close());
  const deadLetter = ({ sessionId }: Hint) => ports.sweeper.recordDeadLetter(sessionId, 'queue gave up');
  const leapMs = () => clock.now() - Date.now();
  floor = startFloor({ sqs: rig.sqs, workers, record, random, atOnce, limitMs, leapMs, deadLetter });
  stack.defer(() => floor!.close());

  const settings: Required<Pick<Settings, 'cancelled' | 'intrusions'>> & Settings = {
    ...{
      seed,
      leaseMs: LEASE_MS,
      heartbeatMs: HEARTBEAT_MS,
      backoffMs: HINT_MS,
      longestPauseMs: longestPauseMs(steady),
    },
    ...{ sessions: [], users: [], payments: [], said: [], cancelled: [], intrusions: [], secrets: CANARIES },
  };
  const marked = markedBy({
    ...{ upstash: rig.upstash, limitMs },
    standIn: (user) => {
      for (const { id } of settings.sessions.filter((session) => session.user === user))
        floor!.hint({ sessionId: id, userId: user });
    },
  });
  const running = stack.move();
  return {
    ...{ rig, workers, floor, network: net, record, random, settings, marked },
    async user({ budget, days = 30 }) {
      const user = { id: newId('usr'), budget, changed: false };
      const renewalDate = new Date(clock.now() + days * 86_400_000).toISOString().slice(0, 10);
      const terms = { tier: 'standard', budget, renewalDate, wakePolicy: 'auto' } as const;
      await marked(user.id, () => ports.accounts.putUser(user.id, terms));
      settings.users.push(user);
      return user;
    },
    async session(user, plot, over = {}) {
      const { maxIterations = 60, model = 'claude-sonnet-5-5', maxCost = null, share = null, hinted = true } = over;
      const id = newId('ses');
      const made: NewSession = {
        ...{ id, goal: goalOf(plot), agent: AGENT, model, tier: 'standard', system: `This is session ${id}.` },
        ...{ onEndTurn: 'complete', maxIterations, maxCost, metadata: {}, ladder: over.ladder ?? [], share },
        ...{ effort: null, maxOutputTokens: null, tools: null, web: null },
      };
      await marked(user, () => ports.userSessions.create(user, made, null));
      settings.sessions.push({ id, user, maxIterations });
      if (hinted) floor.hint({ sessionId: id, userId: user });
      return id;
    },
    async wish({ id, user }, wish) {
      const answer = await marked(user, () => ports.userSessions.command(user, id, wish, randomUUID()));
      if (!answer || typeof answer === 'string' || !('view' in answer) || answer.ended) return;
      if (wish.type === 'message') settings.said.push({ session: id, text: wish.content });
      if (wish.type === 'cancel') settings.cancelled.push(id);
      const owner = settings.sessions.find((session) => session.id === id)?.user;
      if (owner !== user) settings.intrusions.push({ user, session: id });
    },
    evidence: () => ({
      ...{ databaseUrl: rig.databaseUrl, redisUrl: rig.redisUrl, logDir, claimsPath: rig.claimsPath },
      ...{
        billPath: rig.witnesses.billPath,
        refusalsPath: rig.witnesses.refusalsPath,
        effectsPath: rig.witnesses.effectsPath,
      },
      ...{ hintsPath, faults: record.faults, settings },
    }),
    close: () => running.disposeAsync(),
  };
}

/** A schedule that rings: once as a rule, twice, or never. */
function alarm(record: Record, random: Random, floor: Floor | null): void {
  record.count('alarms');
  const dice = floor?.weather.reordered ? random() : 1;
  if (dice < 0.1) return void record.fault({ mode: 'alarm_lost', step: null, session: null, worker: null, took: true });
  floor?.wake('schedule');
  if (dice < 0.3) {
    record.fault({ mode: 'alarm_doubled', step: null, session: null, worker: null, took: true });
    setTimeout(() => floor?.wake('midnight'), 100);
  }
}
