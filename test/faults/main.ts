/**
 * `npm run faults`: faults at every step of an iteration, on the real code path, PostgreSQL and Redis, and what must hold is looked at after
 * each round. Ends with 1 if something did not hold, or if a fault that was meant never took effect; with `--variant`, if nothing was found.
 * See options.ts.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRedisServer, postgresFolder } from '../kit/daemons.ts';
import { trials } from './broken/variants/index.ts';
import type { Variant, Violation } from './evidence.ts';
import { markdown } from './markdown.ts';
import { type Options, optionsOf, type Part, USAGE } from './options.ts';
import { inAHerd, inFairWeather, inStorm, type Round, recovery, round, steps, underOutages } from './phases/index.ts';
import { reportOf } from './report.ts';

const KILLS_A_ROUND = 150;
const ITERATIONS_A_ROUND = 1_000;

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function rounds(options: Options, folder: string, variant: Variant | null): Promise<Round[]> {
  const done: Round[] = [];
  const play = async (part: Part, playing: Parameters<typeof round>[1]) => {
    const seed = options.seed + done.length;
    say(`${part}: seed ${seed}`);
    const setting = { options, part, seed, folder, variant, tell: (line: string) => say(`  ${line}`) };
    const over = await round(setting, playing);
    done.push(over);
    say(
      `  ${(over.ms / 1_000).toFixed(0)} s, ${over.iterations} iterations, ${over.faults.length} faults, ${over.violations.length} violations`,
    );
    for (const { check, what } of over.violations) say(`  ${check}: ${what}`);
    for (const name of over.missed) say(`  never took effect: ${name}`);
  };
  const kills = () => done.flatMap(({ faults }) => faults).filter(({ mode, took }) => mode === 'kill' && took).length;
  const outlived = () =>
    done.filter(({ part }) => part === 'outages').reduce((sum, { iterations }) => sum + iterations, 0);

  const wanted = (part: Part) => options.only.includes(part);
  if (wanted('steps')) await play('steps', steps(options));
  if (wanted('recovery')) await play('recovery', recovery());
  while (wanted('storm') && kills() < options.kills)
    await play('storm', inStorm(Math.min(KILLS_A_ROUND, options.kills - kills())));
  while (wanted('outages') && outlived() < options.iterations) {
    const long = outlived() === 0 ? (options.quick ? 4_000 : 30_000) : 0;
    const users = options.quick ? 4 : 12;
    await play('outages', underOutages(Math.min(ITERATIONS_A_ROUND, options.iterations - outlived()), long, users));
  }
  if (wanted('fair')) await play('fair', inFairWeather(Math.min(600, options.iterations)));
  if (wanted('herd')) await play('herd', inAHerd(options.quick ? 1_000 : 10_000));
  return done;
}

function variantBy(name: string): Variant {
  const found = trials.find(({ variant }) => variant.name === name);
  if (!found) throw new Error(`--variant ${name}: there are ${trials.map(({ variant }) => variant.name).join('; ')}`);
  return found.variant;
}

/** A broken product must not pass. */
function foundOut({ name, expects }: Variant, violations: Violation[]): number {
  const caught = violations.find(({ check }) => expects.includes(check));
  say(
    caught
      ? `Caught: ${name}. ${caught.check}: ${caught.what}`
      : `NOT caught: ${name}, expected ${expects.join(' or ')}`,
  );
  return caught ? 0 : 1;
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  if (!postgresFolder() || !hasRedisServer()) {
    say('Skipped: PostgreSQL and Redis are not both installed on this machine.');
    return 0;
  }
  const folder = options.report ?? mkdtempSync(join(tmpdir(), 'circadian-report-'));
  mkdirSync(folder, { recursive: true });
  const variant = options.variant === null ? null : variantBy(options.variant);
  const done = await rounds(options, folder, variant);
  const whole = options.only.includes('steps') && options.cases === '';
  const report = reportOf(done, options, whole);
  const text = markdown(report);
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, 'report.md'), text);
  say(`\n${text}\nReport: ${folder}`);
  if (variant) return foundOut(variant, report.violations);
  return report.violations.length + report.unproven.length > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof TypeError ? error : `${(error as Error).stack}\n${USAGE}`);
  process.exitCode = 2;
}
