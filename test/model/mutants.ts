/**
 * `npm run mutants`: breaks one rule after another in a copy of the sources, in the protocol's SQL, in the memory world, in the core or in
 * the drive, and shows that the model runs notice, or the test that the mutant names. A fault that nothing notices is an error, and so is a red run
 * of the untouched copy. Those in SQL need PostgreSQL. One word of a name plays those alone; MODEL_RUNS searches longer.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresFolder } from '../kit/daemons.ts';
import type { Mutant } from './mutant.ts';
import { MUTANTS } from './mutations.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = [
  'cli',
  'client',
  'lib',
  'schema',
  'migrations',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const RUNS = { memory: 6_000, postgres: 60 };
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const isSql = ({ file }: Pick<Mutant, 'file'>): boolean => file.endsWith('.sql');

/** A copy of the sources with the fault in it. Throws if its text is not there once: then the list is out of date. */
function planted(mutant: Mutant | null): string {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-mutant-'));
  for (const name of COPIED) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  if (!mutant) return folder;
  const path = join(folder, mutant.file);
  const text = readFileSync(path, 'utf8');
  if (text.split(mutant.from).length !== 2)
    throw new Error(`${mutant.name}: not once in ${mutant.file}: ${mutant.from}`);
  writeFileSync(
    path,
    text.replace(mutant.from, () => mutant.to),
  );
  return folder;
}

type Where = 'memory' | 'postgres';
const MODEL = 'test/model/model.test.ts';
const testOf = ({ noticedBy }: Pick<Mutant, 'noticedBy'>, where: Where): [file: string, test: string] =>
  noticedBy ?? [MODEL, where === 'memory' ? 'in memory' : 'request by request'];

/** What the runs said against it; null: nothing. Throws if there is no such test. */
async function noticed(folder: string, [file, names]: [string, string], where: Where): Promise<string | null> {
  const env = { ...process.env, MODEL_SHRINK: '0', MODEL_RUNS: process.env.MODEL_RUNS ?? String(RUNS[where]) };
  const args = ['run', file, '-t', names, '--reporter=json', '--outputFile=result.json'];
  await new Promise<void>((resolve) =>
    execFile(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: folder, env }, () => resolve()),
  );
  const { testResults } = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  type Assertion = { status: string; failureMessages: string[] };
  const played = (testResults[0].assertionResults as Assertion[]).filter(({ status }) => /passed|failed/.test(status));
  if (played.length === 0) throw new Error(`${file} has no test with: ${names}`);
  const [failure] = played.flatMap(({ failureMessages }) => failureMessages);
  return failure ? said(failure) : null;
}

/** What the checks said, out of the whole message of fast-check. */
const said = (failure: string): string => /^Got (?:error: )?(.*)$/m.exec(failure)?.[1] ?? failure.split('\n')[0]!;

async function tried(mutant: Mutant | null, test: [string, string], where: Where): Promise<string | null> {
  const folder = planted(mutant);
  try {
    return await noticed(folder, test, where);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const hasPostgres = postgresFolder() !== null;
const wanted = MUTANTS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
const played = wanted.filter((mutant) => hasPostgres || !isSql(mutant));
let wrong = 0;
for (const where of ['memory', 'postgres'] as const) {
  const here = played.filter((mutant) => isSql(mutant) === (where === 'postgres'));
  if (here.length === 0) continue;
  for (const [file, test] of new Map(
    here.map((mutant) => [testOf(mutant, where).join(), testOf(mutant, where)]),
  ).values()) {
    const control = await tried(null, [file, test], where);
    if (control) wrong += 1;
    print(
      `${control ? 'RED  ' : 'green'} ${file === MODEL ? where : `${file}, ${test}`}, as it is${control ? `: ${control}` : ''}`,
    );
  }
  for (const mutant of here) {
    const found = await tried(mutant, testOf(mutant, where), where);
    if (!found) wrong += 1;
    print(`${found ? 'red  ' : 'GREEN'} ${mutant.name}${found ? `\n        ${found.trim()}` : ''}`);
  }
}
if (played.length < wanted.length)
  print(`PostgreSQL is not installed: ${wanted.length - played.length} were not tried.`);
print(wrong === 0 ? `All ${played.length} are noticed.` : `${wrong} are not as they should be.`);
process.exitCode = wrong === 0 ? 0 : 1;
