/**
 * `npm run guards`: takes one guard of the money after another out of a copy of the SQL files, and shows that its named test goes red. A
 * guard whose loss nobody notices is an error, and so is a named test that is red on the untouched files. Needs PostgreSQL.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresFolder } from '../kit/daemons.ts';
import { type Fault, type Named, type Planting, patternOf, planting } from '../kit/planting.ts';
import { GUARDS, type Guard } from './guard-list.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const FILES = ['migrations', 'schema']
  .flatMap((name) =>
    readdirSync(join(ROOT, name), { recursive: true, encoding: 'utf8' }).map((file) => join(name, file)),
  )
  .filter((file) => file.endsWith('.sql'))
  .map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

/** Throws if a text is not in exactly one file: then the list is out of date. */
const faultsOf = ({ removed }: Guard): Fault[] =>
  removed.map(([from, to]) => {
    const hits = FILES.filter(({ text }) => text.includes(from));
    if (hits.length !== 1) throw new Error(`found in ${hits.length} files: ${from}`);
    return { file: hits[0]!.file, from, to };
  });

/** What the test says of these faults, or that it could not be played. */
const said = async (stage: Planting, faults: Fault[], test: Named) => {
  try {
    return { noticed: (await stage.play(faults, test)).noticed, failed: null };
  } catch (error) {
    return { noticed: null, failed: (error as Error).message };
  }
};

/** Every named test of a file, together. */
const controls = (guards: Guard[]): Named[] =>
  Object.entries(Object.groupBy(guards, ({ noticedBy: [file] }) => file)).map(([file, those]) => [
    file,
    new RegExp(those!.map(({ noticedBy: [, name] }) => patternOf(name).source).join('|')),
  ]);

async function tryAll(stage: Planting, guards: Guard[]): Promise<number> {
  let wrong = 0;
  for (const test of controls(guards)) {
    const { noticed, failed } = await said(stage, [], test);
    if (noticed ?? failed) wrong += 1;
    print(`${(noticed ?? failed) ? `RED  ` : 'green'} with every guard: ${test[0]}${noticed ?? failed ?? ''}`);
  }
  for (const guard of guards) {
    const { noticed, failed } = await said(stage, faultsOf(guard), guard.noticedBy);
    if (!noticed) wrong += 1;
    print(
      `${noticed ? 'red  ' : failed ? 'WRONG' : 'GREEN'} without ${guard.name}\n        ${noticed ?? failed ?? ''}`,
    );
  }
  return wrong;
}

async function main(): Promise<number> {
  if (!postgresFolder()) {
    print('PostgreSQL is not installed here: nothing was tried.');
    return 2;
  }
  const guards = GUARDS.filter(({ name }) => name.includes(process.argv[2] ?? ''));
  if (guards.length === 0) throw new Error(`No guard has a name with: ${process.argv[2]}`);
  const stage = await planting();
  try {
    const wrong = await tryAll(stage, guards);
    print(wrong === 0 ? `All ${guards.length} guards are noticed.` : `${wrong} are not as they should be.`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await stage.close();
  }
}

process.exitCode = await main();
