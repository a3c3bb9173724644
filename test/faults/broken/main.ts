/**
 * `npm run broken`: proves that the checkers can fail. Each variant is the product with one guarantee or rule taken out; its scenario is
 * played once on the healthy product, where nothing may be found, and once on the variant, where one of the expected checks must fire. A
 * variant that is not caught makes the command fail. An argument chooses those with it in their name. Needs PostgreSQL.
 */
import { postgresFolder, startPostgres } from '../../kit/daemons.ts';
import type { Variant } from '../evidence.ts';
import { type Lab, openLab } from './lab.ts';
import { caughtBy, type Played, play, type Scenario, type Trial } from './trial.ts';
import { trials } from './variants/index.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Scenarios as they went on the healthy product, once each. */
const controls = new Map<Scenario, Promise<Played | string>>();

const controlOf = (lab: Lab, scenario: Scenario): Promise<Played | string> => {
  const known = controls.get(scenario) ?? play(lab, scenario, null).catch((error: unknown) => String(error));
  controls.set(scenario, known);
  return known;
};

/** False: the healthy product was found wanting, or the variant was not. */
async function tryOut(lab: Lab, { variant, scenario }: Trial): Promise<boolean> {
  const control = await controlOf(lab, scenario);
  const played = await play(lab, scenario, variant).catch((error: unknown) => String(error));
  const title = `${variant.breaks.padEnd(3)} ${variant.name}`;
  if (typeof control === 'string' || control.violations.length > 0) {
    print(`RED   ${title}: the healthy product, too`);
    print(
      `        ${typeof control === 'string' ? control : control.violations.map(({ check, what }) => `${check} ${what}`).join('\n        ')}`,
    );
    return false;
  }
  if (typeof played === 'string') {
    print(`ERROR ${title}: ${played}`);
    return false;
  }
  const caught = caughtBy(variant, played);
  const by = [...new Set(played.violations.map(({ check }) => check))].join(', ');
  print(
    `${caught ? 'caught' : 'MISSED'} ${title} | ${by || 'nothing'} | ${played.iterations} iterations, ${Math.round(played.ms)} ms`,
  );
  print(`        ${(caught ?? played.violations[0])?.what ?? ''}`);
  return caught !== undefined;
}

/** By a part of its name, what it breaks, or `sources` and `sql`. */
const isChosen = ({ name, breaks, source }: Variant, words: string[]): boolean =>
  words.length === 0 ||
  words.some((word) => name.includes(word) || breaks === word || word === (source ? 'sources' : 'sql'));

async function main(): Promise<number> {
  const bin = postgresFolder();
  if (!bin) {
    print('PostgreSQL is not installed here: nothing was tried.');
    return 2;
  }
  const server = await startPostgres(bin);
  try {
    const lab = await openLab(server.url);
    const chosen = trials.filter(({ variant }) => isChosen(variant, process.argv.slice(2)));
    let wrong = 0;
    const began = performance.now();
    for (const trial of chosen) if (!(await tryOut(lab, trial))) wrong += 1;
    print(
      `${chosen.length - wrong} of ${chosen.length} variants are caught, in ${((performance.now() - began) / 1_000).toFixed(1)} s.`,
    );
    return wrong === 0 && chosen.length > 0 ? 0 : 1;
  } finally {
    await server.stop();
  }
}

process.exit(await main());
