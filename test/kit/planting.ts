/** One vitest for many faults: a source gets its fault on the way to a worker, the protocol's SQL in a copy, and the sources stay as they are. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest, type TestCase, type Vitest } from 'vitest/node';
import config from '../../vitest.config.ts';
import { patched } from '../faults/broken/apply.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SQL = ['schema', 'migrations'];
/** The machine's fault, or the list's: no check has said anything against what was played. */
const NO_CHECK = new RegExp(
  [
    /Error connecting to database|TimeoutError|timed out in|ECONN|Connection terminated/,
    /\bsyntax error\b|SyntaxError|ReferenceError|is not a function/,
    // SQLSTATE 42: what the SQL names is not there, or stands where it may not.
    /(?:column|function|relation|type|operator)\b.* does not exist|(?:missing|invalid reference to) FROM-clause entry/,
    /column reference \S+ is ambiguous|must appear in the GROUP BY clause/,
  ]
    .map(({ source }) => source)
    .join('|'),
);

/** Whether a test failed without a check having said anything. */
export const isNoCheck = (message: string): boolean => NO_CHECK.test(message);

/** `from` stands once in `file`; `to` takes its place. */
export type Fault = { file: string; from: string; to: string };
/** A named test of a file, by a part of its name or by a pattern. */
export type Named = [file: string, test: string | RegExp];
/** Model runs to be played: so many at most, from this one on. */
export type Runs = { most: number; from: number };
/** `noticed`: what the first check said. `runs`: the model runs that it took. Both null: all is green. */
export type Outcome = { noticed: string | null; runs: number | null };

export type Planting = {
  /**
   * Plays the test over the sources with these faults. Throws if there is no such test, if the text of a fault is not once in its file, and if
   * the test failed twice without a check.
   */
  play(faults: Fault[], test: Named, runs?: Runs): Promise<Outcome>;
  close(): Promise<void>;
};

export async function planting(): Promise<Planting> {
  const planted = new Map<string, string>();
  const plugin = {
    name: 'planted-fault',
    enforce: 'pre' as const,
    load: (id: string) => planted.get(id),
  };
  const { projects: _, ...house } = config.test!;
  // Nothing of one fault may live on: neither in a process nor in what is kept of a file on disk.
  const own = {
    config: false as const,
    isolate: true,
    fsModuleCache: false,
    maxWorkers: 1,
    bail: 1,
    watch: false,
    reporters: [{}],
  };
  const vitest = await createVitest({ ...house, ...own, root: ROOT, passWithNoTests: true }, { plugins: [plugin] });
  await vitest.standalone();

  async function once(faults: Fault[], test: Named, runs: Runs): Promise<Outcome> {
    const folder = mkdtempSync(join(tmpdir(), 'circadian-planted-'));
    process.env.MODEL_RUNS = String(runs.most);
    process.env.MODEL_PATH = runs.from === 0 ? '' : String(runs.from);
    process.env.MODEL_SHRINK = '0';
    try {
      if (faults.some(isSql)) {
        for (const name of SQL) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
        for (const fault of faults.filter(isSql)) plant(fault, join(folder, fault.file));
        process.env.SQL_ROOT = folder;
      }
      for (const fault of faults.filter((fault) => !isSql(fault))) {
        const path = join(ROOT, fault.file);
        planted.set(path, patched(readFileSync(path, 'utf8'), fault, fault.file));
        vitest.invalidateFile(path);
      }
      return outcomeOf(await failures(vitest, test));
    } finally {
      for (const path of planted.keys()) vitest.invalidateFile(path);
      planted.clear();
      delete process.env.SQL_ROOT;
      rmSync(folder, { recursive: true, force: true });
    }
  }

  return {
    async play(faults, test, runs = { most: 200, from: 0 }) {
      const first = await once(faults, test, runs);
      if (first.noticed === null || !isNoCheck(first.noticed)) return first;
      const second = await once(faults, test, runs);
      if (second.noticed === null || !isNoCheck(second.noticed)) return second;
      throw new Error(`no check said anything, twice: ${second.noticed}`);
    },
    close: () => vitest.close(),
  };
}

const isSql = ({ file }: Fault): boolean => file.endsWith('.sql');

const plant = (fault: Fault, path: string): void =>
  writeFileSync(path, patched(readFileSync(path, 'utf8'), fault, fault.file));

/** What finds a test by its name. */
export const patternOf = (name: Named[1]): RegExp =>
  typeof name === 'string' ? new RegExp(name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : name;

async function failures(vitest: Vitest, [file, name]: Named): Promise<string[]> {
  const testNamePattern = patternOf(name);
  const specification = vitest.getRootProject().createSpecification(join(ROOT, file), { testNamePattern });
  const { testModules: all, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  // Those of earlier runs are still among them.
  const testModules = all.filter(({ moduleId }) => moduleId === specification.moduleId);
  const broken = [...testModules.flatMap((module) => module.errors()), ...unhandledErrors];
  if (broken.length > 0) throw new Error(`${file}: ${(broken[0] as Error).message}`);
  const cases = testModules.flatMap((module) => [...module.children.allTests()]);
  const played = cases.filter((test) => /passed|failed/.test(test.result().state));
  if (played.length === 0) throw new Error(`${file} has no test with: ${name}`);
  return played.flatMap(messagesOf);
}

const messagesOf = (test: TestCase): string[] =>
  (test.result().errors ?? []).map(({ name, message }) => `${name}: ${message}`);

function outcomeOf([failure]: string[]): Outcome {
  if (failure === undefined) return { noticed: null, runs: null };
  // What the checks said, out of the whole message of fast-check.
  const noticed = /^Got (?:error: )?(.*)$/m.exec(failure)?.[1] ?? failure.split('\n')[0]!;
  const [, runs] = /Property failed after (\d+) tests/.exec(failure) ?? [];
  return { noticed, runs: runs ? Number(runs) : null };
}
