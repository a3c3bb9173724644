/**
 * Proves that the checkers can fail. Each variant is the product with one guarantee or rule taken out; its scenario is played once on the
 * healthy product, where nothing may be found, and once on the variant, where one of the expected checks must fire. A variant that is not
 * caught makes the command fail. Arguments choose: a part of a name, a guarantee or rule, `sql` or `sources`. Prints a Markdown table, and
 * with `--says` also the first sentence that caught each. Needs PostgreSQL.
 */
import { postgresFolder, startPostgres } from '../../kit/daemons.ts';
import type { Variant, Violation } from '../evidence.ts';
import { type Lab, openLab } from './lab.ts';
import { caughtBy, type Played, play, type Scenario, type Trial } from './trial.ts';
import { trials } from './variants/index.ts';

const words = process.argv.slice(2).filter((word) => word !== '--says');
const says = process.argv.includes('--says');
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Scenarios as they went on the healthy product, once each. */
const controls = new Map<Scenario, Promise<Played | string>>();

const controlOf = (lab: Lab, scenario: Scenario): Promise<Played | string> => {
  const known = controls.get(scenario) ?? play(lab, scenario, null).catch(String);
  controls.set(scenario, known);
  return known;
};

const sentences = (violations: Violation[]): string =>
  violations.map(({ check, what }) => `\n    ${check}: ${what}`).join('');

/** Null: caught. Else what is wrong. */
async function tryOut(lab: Lab, { variant, scenario }: Trial): Promise<string | null> {
  const control = await controlOf(lab, scenario);
  const played = await play(lab, scenario, variant).catch(String);
  if (typeof control === 'string') return `the healthy product failed: ${control}`;
  if (control.violations.length > 0) return `found in the healthy product:${sentences(control.violations)}`;
  if (typeof played === 'string') return `it could not be played: ${played}`;
  const caught = caughtBy(variant, played);
  if (!caught) return `not caught by ${variant.expects.join(' or ')}${sentences(played.violations)}`;
  const by = [...new Set(played.violations.map(({ check }) => check))].join(', ');
  print(`| ${variant.breaks} | ${variant.name} | ${by} | ${played.iterations} | ${(played.ms / 1_000).toFixed(1)} |`);
  if (says) print(`\n${caught.what}\n`);
  return null;
}

const isChosen = ({ name, breaks, source }: Variant): boolean =>
  words.length === 0 ||
  words.some((word) => name.includes(word) || breaks === word || word === (source ? 'sources' : 'sql'));

async function tryAll(lab: Lab): Promise<number> {
  const chosen = trials.filter(({ variant }) => isChosen(variant));
  const began = performance.now();
  const wrong: string[] = [];
  print('| breaks | variant | caught by | iterations | seconds |\n| --- | --- | --- | --- | --- |');
  for (const trial of chosen) {
    const fault = await tryOut(lab, trial);
    if (fault) wrong.push(`${trial.variant.breaks} ${trial.variant.name}: ${fault}`);
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  for (const fault of wrong) print(`\nWRONG ${fault}`);
  print(`\n${chosen.length - wrong.length} of ${chosen.length} broken variants are caught, in ${seconds} s.`);
  return wrong.length === 0 && chosen.length > 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const bin = postgresFolder();
  if (!bin) {
    print('PostgreSQL is not installed here: nothing was tried.');
    return 2;
  }
  const server = await startPostgres(bin);
  try {
    return await tryAll(await openLab(server.url));
  } finally {
    await server.stop();
  }
}

// What died on a stage hangs for ever, and would keep the process alive.
process.exit(await main());
