/**
 * `npm run mutants`: breaks one rule after another in the protocol's SQL, in the memory world, in the core or in the drive, and shows that the
 * model runs notice, or the test that the mutant names. A fault that nothing notices is an error, and so are model runs that are red without a
 * fault. Those in SQL need PostgreSQL. One word of a name plays those alone; MODEL_RUNS searches longer.
 */
import { postgresFolder } from '../kit/daemons.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutations.ts';
import { type Named, type Planting, planting } from './planting.ts';

const RUNS = { memory: 6_000, postgres: 60 };
type Where = keyof typeof RUNS;
const MODEL: Record<Where, Named> = {
  memory: ['test/model/model.test.ts', 'keeps every guarantee in memory'],
  postgres: ['test/model/model.test.ts', 'keeps every guarantee, request by request'],
};
const { MODEL_RUNS } = process.env;
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const whereOf = ({ file }: Pick<Mutant, 'file'>): Where => (file.endsWith('.sql') ? 'postgres' : 'memory');
const mostRuns = (where: Where): number => Number(MODEL_RUNS ?? RUNS[where]);

/** Prints what became of each; answers how many were not noticed. */
async function tryAll(stage: Planting, mutants: Mutant[]): Promise<number> {
  let wrong = 0;
  /** The longest that model runs were needed for, each: so many must be green without a fault. */
  const longest = new Map<Where, number>();
  for (const mutant of mutants) {
    const where = whereOf(mutant);
    const began = performance.now();
    try {
      const { noticed, runs } = await stage.play(mutant, mutant.noticedBy ?? MODEL[where], mostRuns(where));
      if (!noticed) wrong += 1;
      if (!mutant.noticedBy) longest.set(where, Math.max(longest.get(where) ?? 1, runs ?? 1));
      const seconds = ((performance.now() - began) / 1_000).toFixed(0);
      const how = noticed ? `\n        ${noticed.trim()}` : '';
      print(`${noticed ? 'red  ' : 'GREEN'} ${mutant.name} (${runs ? `${runs} runs, ` : ''}${seconds} s)${how}`);
    } catch (error) {
      wrong += 1;
      print(`WRONG ${mutant.name}: ${(error as Error).message}`);
    }
  }
  for (const [where, runs] of longest) {
    const { noticed } = await stage.play(null, MODEL[where], runs);
    if (noticed) wrong += 1;
    print(`${noticed ? 'RED  ' : 'green'} ${where}, ${runs} runs without a fault${noticed ? `: ${noticed}` : ''}`);
  }
  return wrong;
}

const hasPostgres = postgresFolder() !== null;
const wanted = MUTANTS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
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
