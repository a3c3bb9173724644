/** The report of a run: what was done at which step how often, what it found, how long recovery took, what the safety cost. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { postgresFolder } from '../kit/daemons.ts';
import { FAILPOINTS, type FailpointName } from '../kit/failpoints.ts';
import { modesAt } from './cases.ts';
import { ANSWER_OF } from './mishaps.ts';
import type { Options } from './options.ts';
import { summed, unseen } from './phases/compactions.ts';
import type { Round } from './phases/index.ts';
import { percentile } from './record.ts';
import { SCALE } from './scale.ts';
import { MODES, type Mode } from './worker/job.ts';

export type Cell = { step: FailpointName; fault: string; count: number; violations: number };
export type Report = ReturnType<typeof reportOf>;

const OUTAGES = [
  ...['postgres_stopped', 'postgres_silent', 'postgres_crashed', 'redis_stopped', 'redis_flushed', 'redis_stale'],
  ...['message_lost', 'message_doubled', 'message_delayed', 'alarm_lost', 'alarm_doubled'],
];

/** Every step was hit, every mode took effect at every step that it can be made at, and every mishap happened: else a run proves nothing. */
const unprovenBy = (rounds: Round[], cells: Cell[], { whole, quick }: { whole: boolean; quick: boolean }): string[] => {
  const hits = new Set(rounds.flatMap((round) => round.hits.map(([step]) => step)));
  const missed = rounds.flatMap((round) => round.missed.map((name) => `never took effect: ${name}`));
  if (!whole) return missed;
  const answers = new Set(rounds.flatMap((round) => round.answers));
  const modes = new Set(rounds.flatMap((round) => round.faults.filter(({ took }) => took).map(({ mode }) => mode)));
  return [
    ...FAILPOINTS.filter((step) => !hits.has(step)).map((step) => `never hit: ${step}`),
    ...missed,
    ...FAILPOINTS.flatMap((step) =>
      modesAt(step)
        .filter((mode) => !cells.some((cell) => cell.step === step && cell.fault === mode && cell.count > 0))
        .map((mode) => `never took effect: ${mode} at ${step}`),
    ),
    ...Object.values(ANSWER_OF)
      .filter((answer) => !answers.has(answer))
      .map((answer) => `the model never answered by: ${answer}`),
    ...(quick ? [] : OUTAGES.filter((mode) => !modes.has(mode)).map((mode) => `never happened: ${mode}`)),
    ...unseen(summed(rounds.map(({ compactions }) => compactions)), quick),
  ];
};

const cellsOf = (rounds: Round[]): Cell[] => {
  const cells = new Map<string, Cell>();
  for (const round of rounds) {
    const names = new Map(round.played);
    for (const { step, mode, took, session } of round.faults) {
      if (!step || !took) continue;
      const key = `${step} ${mode}`;
      const cell = cells.get(key) ?? { step: step as FailpointName, fault: mode, count: 0, violations: 0 };
      cell.count += 1;
      const blamed =
        session !== null && names.has(session) && round.violations.some(({ what }) => what.includes(session));
      cell.violations += blamed ? 1 : 0;
      cells.set(key, cell);
    }
  }
  return [...cells.values()].sort(
    (a, b) => FAILPOINTS.indexOf(a.step) - FAILPOINTS.indexOf(b.step) || order(a) - order(b),
  );
};

const order = ({ fault }: Cell) => MODES.indexOf(fault as Mode);

const timesOf = (values: number[]) => ({
  n: values.length,
  medianMs: percentile(values, 0.5),
  p99Ms: percentile(values, 0.99),
});

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

const counted = (names: string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const name of names.sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
};

const merged = (rounds: Round[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [what, n] of rounds.flatMap((round) => round.counts).sort()) counts[what] = (counts[what] ?? 0) + n;
  return counts;
};

export function reportOf(rounds: Round[], options: Options, whole: boolean) {
  const cells = cellsOf(rounds);
  // Elsewhere a user may have let a session rest meanwhile.
  const measured = rounds.filter(({ part }) => part === 'recovery');
  const faults = rounds.flatMap((round) => round.faults.filter(({ took }) => took));
  const moneyOf = (of: Round[]) => {
    const total = (name: keyof Round['money']) => sum(of.map(({ money }) => money[name]));
    const [billed, charged, unknown] = [total('billed'), total('charged'), total('unknown')];
    const share = charged === 0 ? 0 : unknown / charged;
    return { billed, charged, unknown, unknownShare: share, calls: total('calls'), unknownCalls: total('unknowns') };
  };
  const fair = rounds.filter(({ part }) => part === 'fair');
  return {
    date: new Date().toISOString().slice(0, 10),
    ...{
      commit: commit(),
      machine: machine(),
      options,
      scale: SCALE,
      seeds: rounds.map(({ part, seed }) => ({ part, seed })),
    },
    minutes: sum(rounds.map(({ ms }) => ms)) / 60_000,
    kills: faults.filter(({ mode }) => mode === 'kill').length,
    iterations: sum(rounds.map(({ iterations }) => iterations)),
    byPart: [...new Set(rounds.map(({ part }) => part))].map((part) => partOf(part, rounds)),
    faults: counted(faults.map(({ mode }) => mode)),
    cells,
    counts: merged(rounds),
    money: moneyOf(rounds),
    moneyInFairWeather: fair.length > 0 ? moneyOf(fair) : null,
    recovery: {
      found: timesOf(measured.flatMap(({ founds }) => founds)),
      claimed: timesOf(measured.flatMap(({ recoveries }) => recoveries)),
    },
    compactions: summed(rounds.map(({ compactions }) => compactions)),
    herd: rounds.find(({ herd }) => herd)?.herd ?? null,
    unproven: unprovenBy(rounds, cells, { whole, quick: options.quick }),
    violations: rounds.flatMap((round) =>
      round.violations.map((violation) => ({ part: round.part, seed: round.seed, ...violation })),
    ),
  };
}

const partOf = (part: string, rounds: Round[]) => {
  const of = rounds.filter((round) => round.part === part);
  const kills = of.flatMap(({ faults }) => faults).filter(({ mode, took }) => mode === 'kill' && took).length;
  return {
    ...{ part, rounds: of.length, kills, iterations: sum(of.map(({ iterations }) => iterations)) },
    faults: sum(of.map(({ faults }) => faults.filter(({ took }) => took).length)),
    violations: sum(of.map(({ violations }) => violations.length)),
    minutes: sum(of.map(({ ms }) => ms)) / 60_000,
  };
};

const run = (file: string, ...args: string[]): string => {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
};

const commit = (): string => run('git', 'rev-parse', '--short', 'HEAD');

const machine = () => ({
  cores: cpus().length,
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  postgres: run(join(postgresFolder() ?? '', 'postgres'), '--version').replace(/^.* (\d+\.\d+).*$/, '$1'),
  redis: run('redis-server', '--version').replace(/^.*v=(\S+).*$/, '$1'),
});
