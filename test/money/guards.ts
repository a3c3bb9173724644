/**
 * `npm run guards`: takes one guard of the money after another out of a copy of the SQL files, and shows which named test goes red. A
 * guard whose loss nobody notices is an error, and so is a named test that is red on the untouched copy. Needs PostgreSQL.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patched } from '../faults/broken/apply.ts';
import { postgresFolder } from '../kit/daemons.ts';
import { GUARDS, type Guard } from './guard-list.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A copy of the SQL files without the guard. Throws if its text is not there exactly once: then this list is out of date. */
function without(guard: Pick<Guard, 'removed'>, folder: string): void {
  for (const name of ['migrations', 'schema']) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sql'));
  for (const [from, to] of guard.removed) {
    const hits = files.filter((name) => readFileSync(join(folder, name), 'utf8').includes(from));
    if (hits.length !== 1) throw new Error(`found in ${hits.length} files: ${from}`);
    const path = join(folder, hits[0]!);
    writeFileSync(path, patched(readFileSync(path, 'utf8'), { from, to }, hits[0]!));
  }
}

type Result = { testResults: { assertionResults: { fullName: string; status: string }[] }[] };

/** The names of the tests that were run and of those that failed. */
async function run(folder: string, noticedBy: Guard['noticedBy'][]): Promise<{ ran: string[]; red: string[] }> {
  const output = join(folder, 'result.json');
  const names = noticedBy.map(([, name]) => name).join('|');
  const args = [
    'run',
    ...new Set(noticedBy.map(([file]) => file)),
    '-t',
    names,
    '--reporter=json',
    `--outputFile=${output}`,
  ];
  const env = { ...process.env, SQL_ROOT: folder };
  await new Promise<void>((resolve) =>
    execFile(join(ROOT, 'node_modules/.bin/vitest'), args, { cwd: ROOT, env }, () => resolve()),
  );
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as Result;
  const tests = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => /passed|failed/.test(status));
  const named = (list: typeof tests) => list.map(({ fullName }) => fullName.trim());
  return { ran: named(tests), red: named(tests.filter(({ status }) => status === 'failed')) };
}

async function tried<T>(guard: Pick<Guard, 'removed'>, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-guards-'));
  try {
    without(guard, folder);
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  if (!postgresFolder()) {
    print('PostgreSQL is not installed here: nothing was tried.');
    return 2;
  }
  const only = process.argv[2];
  const guards = GUARDS.filter(({ name }) => !only || name.includes(only));
  let wrong = 0;
  const control = await tried({ removed: [] }, (folder) =>
    run(
      folder,
      guards.map(({ noticedBy }) => noticedBy),
    ),
  );
  print(`${control.red.length === 0 ? 'green' : 'RED  '} with every guard: ${control.ran.length} tests`);
  for (const name of control.red) print(`        ${name}`);
  if (control.red.length > 0 || control.ran.length < new Set(guards.map(({ noticedBy }) => noticedBy[1])).size)
    wrong += 1;
  for (const guard of guards) {
    const { red } = await tried(guard, (folder) => run(folder, [guard.noticedBy]));
    if (red.length === 0) wrong += 1;
    print(`${red.length > 0 ? 'red  ' : 'GREEN'} without ${guard.name}`);
    for (const name of red) print(`        ${name}`);
  }
  print(
    wrong === 0
      ? `All ${guards.length} guards are noticed.`
      : `${wrong} of ${guards.length + 1} are not as they should be.`,
  );
  return wrong === 0 ? 0 : 1;
}

process.exitCode = await main();
