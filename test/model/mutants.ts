/**
 * `npm run mutants`: breaks one rule after another in the protocol's SQL, in the memory world, in the core or in the drive, and shows that the
 * model runs notice, or the test that the mutant names. A fault that nothing notices is an error, and so are model runs that are red without a
 * fault. Those in SQL need PostgreSQL. One word of a name plays those alone; MODEL_RUNS searches longer.
 */
import { postgresFolder } from '../kit/daemons.ts';
import { type Named, type Planting, planting, type Runs } from '../kit/planting.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutations.ts';

const RUNS = { memory: 6_000, postgres: 60 };
type Where = keyof typeof RUNS;
const MODEL: Record<Where, Named> = {
  memory: ['test/model/model.test.ts', 'keeps every guarantee in memory'],
  postgres: ['test/model/model.test.ts', 'keeps every guarantee, request by request'],
};
const { MODEL_RUNS } = process.env;
const toldOf = ({ most, from }: Runs): string => (from === 0 ? `${most} runs` : `run ${from}`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const whereOf = ({ file }: Pick<Mutant, 'file'>): Where => (file.endsWith('.sql') ? 'postgres' : 'memory');
const mostRuns = (where: Where): number => Number(MODEL_RUNS ?? RUNS[where]);

/** By the run that found it lately, else by all. `runs`: those that it took, which must be green without the fault. */
async function tried(stage: Planting, mutant: Mutant): Promise<{ noticed: string | null; runs: Runs | null }> {
  const { foundBy, noticedBy } = mutant;
  const where = whereOf(mutant);
  if (noticedBy) return { ...(await stage.play([mutant], noticedBy)), runs: null };
  const one = foundBy === undefined ? null : { most: 1, from: foundBy };
  const again = one && (await stage.play([mutant], MODEL[where], one));
  if (again?.noticed) return { noticed: again.noticed, runs: one };
  const { noticed, runs } = await stage.play([mutant], MODEL[where], { most: mostRuns(where), from: 0 });
  return { noticed, runs: { most: runs ?? 1, from: 0 } };
}

/** Prints what became of each; answers how many were not noticed. */
async function tryAll(stage: Planting, mutants: Mutant[]): Promise<number> {
  let wrong = 0;
  const controls = new Map<string, { where: Where; runs: Runs }>();
  for (const mutant of mutants) {
    const where = whereOf(mutant);
    const began = performance.now();
    try {
      const { noticed, runs } = await tried(stage, mutant);
      if (!noticed) wrong += 1;
      const key = `${where} from ${runs?.from}`;
      if (runs && runs.most > (controls.get(key)?.runs.most ?? 0)) controls.set(key, { where, runs });
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      const how = noticed ? `\n        ${noticed.trim()}` : '';
      print(`${noticed ? 'red  ' : 'GREEN'} ${mutant.name} (${runs ? `${toldOf(runs)}, ` : ''}${seconds} s)${how}`);
    } catch (error) {
      wrong += 1;
      print(`WRONG ${mutant.name}: ${(error as Error).message}`);
    }
  }
  for (const { where, runs } of controls.values()) {
    const { noticed } = await stage.play([], MODEL[where], runs);
    if (noticed) wrong += 1;
    print(`${noticed ? 'RED  ' : 'green'} ${where}, ${toldOf(runs)} without a fault${noticed ? `: ${noticed}` : ''}`);
  }
  return wrong;
}

const hasPostgres = postgresFolder() !== null;
const wanted = MUTANTS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
if (wanted.length === 0) throw new Error(`No mutant has a name with: ${process.argv[2]}`);
const played = wanted.filter((mutant) => hasPostgres || whereOf(mutant) === 'memory');
const stage = await planting();
try {
  const wrong = await tryAll(stage, played);
  if (played.length < wanted.length)
    print(`PostgreSQL is not installed: ${wanted.length - played.length} were not tried.`);
  print(wrong === 0 ? `All ${played.length} are noticed.` : `${wrong} are not as they should be.`);
  process.exitCode = wrong === 0 ? 0 : 1;
} finally {
  await stage.close();
}
