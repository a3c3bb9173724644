/** The parts of a run. Each round of one has a stage of its own, a seed of its own and a verdict of its own. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { FailpointName } from '../../kit/failpoints.ts';
import { type Case, caseOf, exhaustive, mishapCases } from '../cases.ts';
import type { Injected, Variant, Violation } from '../evidence.ts';
import type { QueueWeather } from '../floor.ts';
import { MISHAPS } from '../mishaps.ts';
import { outage } from '../monkeys.ts';
import type { Options, Part } from '../options.ts';
import { OWNED, SLEPT } from '../record.ts';
import { MOST_RECOVERY_MS } from '../scale.ts';
import { type Stage, startStage } from '../stage.ts';
import { type Money, moneyOf, verdict } from '../verdict.ts';
import { type Compactions, compactionsOf } from './compactions.ts';
import { playCases } from './exhaustive.ts';
import { type Herd, herd } from './herd.ts';
import { type Storm, storm } from './storm.ts';

export type Round = {
  part: Part;
  seed: number;
  ms: number;
  violations: Violation[];
  /** Cases whose fault never took effect. */
  missed: string[];
  hits: [FailpointName, number][];
  counts: [string, number][];
  faults: Injected[];
  /** Which case a session played. */
  played: [session: string, made: string][];
  recoveries: number[];
  founds: number[];
  iterations: number;
  money: Money;
  /** How the provider answered its calls, refusals by their status. */
  answers: string[];
  herd: Herd | null;
  compactions: Compactions;
};

type Played = { missed?: string[]; found?: Violation[]; herd?: Herd };
type Play = (stage: Stage, played: Round['played']) => Promise<Played>;
type Setting = {
  options: Options;
  part: Part;
  seed: number;
  variant?: Variant | null;
  folder: string;
  tell: (line: string) => void;
};

/** Evidence of a round with violations is kept in `folder`. */
export async function round(setting: Setting, play: Play): Promise<Round> {
  const { options, part, seed, variant = null, folder, tell } = setting;
  const began = performance.now();
  const stage = await startStage({ seed, variant, atOnce: options.atOnce, steady: part === 'recovery' });
  let ending: Promise<void> | null = null;
  // Whatever ends this process, those that it has stopped end too. What fails while everything is taken down is no news.
  const end = (why: unknown) => {
    if (ending) return;
    tell(`ended by ${why instanceof Error ? why.stack : why}`);
    ending = stage.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', end).once('SIGTERM', end).on('uncaughtException', end);
  const played: Round['played'] = [];
  // A quick run waits for it once: after a storm, where Redis was flushed, it would take a minute.
  const lull = !options.quick || part === 'steps';
  const progress = setInterval(() => tell(progressOf(part, stage)), 15_000);
  try {
    const { missed = [], found = [], herd = null } = await play(stage, played);
    const violations = [...found, ...(await verdict(stage, { lull }))];
    if (part === 'recovery') violations.push(...slow(stage.record.founds));
    violations.push(...crashed(stage.record.counts));
    if (violations.length > 0) cpSync(stage.rig.folder, join(folder, `evidence-${part}-${seed}`), { recursive: true });
    const { hits, counts, faults, recoveries, founds, iterations } = stage.record;
    return {
      ...{ part, seed, ms: performance.now() - began, violations, played, herd },
      missed: [
        ...missed,
        ...(!lull || stage.record.counts.has(SLEPT) ? [] : [`a sleep of the recovery cron in ${part}`]),
      ],
      ...{ hits: [...hits], counts: [...counts], faults, recoveries, founds, iterations, ...(await moneyOf(stage)) },
      compactions: await compactionsOf(stage),
    };
  } finally {
    clearInterval(progress);
    process.off('SIGINT', end).off('SIGTERM', end).off('uncaughtException', end);
    await stage.close();
  }
}

/** A process that ended and that nobody killed. */
const crashed = (counts: Map<string, number>): Violation[] =>
  ['iterate', 'wake'].flatMap((kind) => {
    const times = counts.get(`${kind} crashed`) ?? 0;
    return times > 0 ? [{ check: 'G7', what: `${times} workers of ${kind} ended by themselves` }] : [];
  });

const slow = (founds: number[]): Violation[] =>
  founds
    .filter((ms) => ms > MOST_RECOVERY_MS)
    .map((ms) => ({ check: 'G7', what: `a killed iteration was hinted again after ${ms} ms, which is too late` }));

const progressOf = (part: string, { record }: Stage): string => {
  const kills = record.faults.filter(({ mode, took }) => mode === 'kill' && took).length;
  return `${part}: ${record.iterations} iterations, ${kills} kills, ${record.faults.length} faults`;
};

const rich = (stage: Stage) => Promise.all(Array.from({ length: 6 }, () => stage.user({ budget: 300_000_000n })));
/** So that a day's allowance is a dozen calls or so: they sleep, wind down and are refused. */
const poor = (stage: Stage, users = 6) =>
  Promise.all(
    Array.from({ length: users }, (_, i) => stage.user({ budget: BigInt(800_000 + 200_000 * (i % 6)), days: 20 })),
  );

/** Every step × mode × tool class, and every mishap of the model. */
export const steps =
  (options: Options): Play =>
  async (stage, played) => {
    const all = [...exhaustive(!options.quick), ...mishapCases(MISHAPS)].filter(({ name }) =>
      name.includes(options.cases),
    );
    return { missed: await playCases(stage, all, await rich(stage), { played }) };
  };

/** Kills alone, a few sessions at a time, so that a dead one does not wait for a free worker: what recovery itself takes. */
export const recovery = (): Play => async (stage, played) => {
  const cases: Case[] = OWNED.filter((step) => !['beating', 'beaten', 'counting', 'counted'].includes(step)).flatMap(
    (step) => [1, 2, 3, 4, 5].map(() => caseOf(step, 'kill', 'fire', 1)),
  );
  return { missed: await playCases(stage, cases, await rich(stage), { played, atOnce: 3 }) };
};

const STORMY: QueueWeather = { lost: 0.01, doubled: 0.3, delayed: 0.1, reordered: true };
const killsOf = ({ record }: Stage) => record.faults.filter(({ mode, took }) => mode === 'kill' && took).length;

const stormy = (over: Partial<Storm>): Storm => ({
  ...{
    enough: () => true,
    planned: 0.5,
    kills: 0.7,
    weather: { lost: 0.05, refused: 0.02, twice: 0.02 },
    queue: STORMY,
  },
  ...{ mishaps: 0.15, sessions: 16, longest: 6, outages: false, personsEveryMs: 400 },
  ...over,
});

export const inStorm =
  (kills: number): Play =>
  async (stage) => {
    const users = (await poor(stage, 4)).map(({ id }) => id);
    return { found: await storm(stage, users, stormy({ enough: () => killsOf(stage) >= kills, longest: 8 })) };
  };

/** `long`: one outage of PostgreSQL of so many milliseconds, in the midst. Four sessions a user. */
export const underOutages =
  (iterations: number, long: number, many: number): Play =>
  async (stage) => {
    const users = (await poor(stage, many)).map(({ id }) => id);
    const enough = () => stage.record.iterations >= iterations;
    const weather = { lost: 0.05, refused: 0.01, twice: 0.01 };
    const blowing = storm(
      stage,
      users,
      stormy({ enough, planned: 0.05, mishaps: 0.05, weather, longest: 12, sessions: 4 * many, outages: true }),
    );
    if (long > 0) await outage(stage, 'shut', long);
    return { found: await blowing };
  };

/** Faults as rare as they may be in a bad week, for what the safety costs then. */
export const inFairWeather =
  (iterations: number): Play =>
  async (stage) => {
    const users = (await rich(stage)).map(({ id }) => id);
    const enough = () => stage.record.iterations >= iterations;
    const weather = { lost: 0.001, refused: 0.001, twice: 0 };
    const queue = { lost: 0.001, doubled: 0.01, delayed: 0, reordered: false };
    return {
      found: await storm(
        stage,
        users,
        stormy({ enough, planned: 0.01, kills: 1, mishaps: 0.01, weather, queue, longest: 12 }),
      ),
    };
  };

export const inAHerd =
  (sleepers: number): Play =>
  async (stage) => {
    const [user] = await rich(stage);
    return herd(stage, user!.id, sleepers);
  };
