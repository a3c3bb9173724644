/** A new project: what is written, what is left alone, and that its own test and types are right. */
import { execFileSync, execSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { inTheWay, makeProject, nameOf } from '../../cli/project.ts';
import { refusal } from '../../cli/surroundings.ts';
import { dropDeclarations } from '../../package/declarations.ts';
import { manifestOf, OLDEST_NODE } from '../../package/manifest.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const template = join(ROOT, 'package/template');
const home = mkdtempSync(join(tmpdir(), 'circadian-project-'));
afterAll(() => rmSync(home, { recursive: true }));

const tsc = (...args: string[]) =>
  execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...args], { encoding: 'utf8' });

const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const textsIn = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );

/** The package as far as tsc reads it. */
function declared(): string {
  const folder = join(home, 'declared');
  tsc('-p', join(ROOT, 'package/tsconfig.types.json'), '--outDir', folder);
  dropDeclarations(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifestOf(own)));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

it('passes its own tests, and its type check with the types that are published', () => {
  const folder = join(home, 'My Agents');
  const { made, kept } = makeProject({ folder, template, name: nameOf(folder) });
  expect(kept).toEqual([]);
  expect(made).toEqual(expect.arrayContaining(['.gitignore', 'circadian.config.ts', 'tools/word-count.test.ts']));
  expect(Object.values(textsIn(folder)).join()).not.toContain('{{');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['zod', '@types'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  const installed = join(folder, 'node_modules/circadian');
  symlinkSync(ROOT, installed);
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const options = { cwd: folder, encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '0' } } as const;
  expect(execSync(scripts.test.replace(/^node/, `"${process.execPath}"`), options)).toMatch(/(#|ℹ) pass 3\n/);

  rmSync(installed);
  symlinkSync(declared(), installed);
  // A declaration that is missing would be `any`, and nobody told.
  tsc('-p', folder, '--skipLibCheck', 'false');
});

it('changes nothing that is there, and says what that is', () => {
  const folder = join(home, 'there');
  mkdirSync(folder);
  expect(inTheWay(folder)).toEqual([]);
  writeFileSync(join(folder, 'package.json'), '{}');
  expect(inTheWay(folder)).toEqual(['package.json']);
  const { made, kept } = makeProject({ folder, template, name: 'there' });
  expect([kept, readFileSync(join(folder, 'package.json'), 'utf8')]).toEqual([['package.json'], '{}']);
  expect(existsSync(join(folder, made[0]!))).toBe(true);
});

it.each([
  ['/home/me/My Agents!', 'my-agents'],
  ['/home/me/2024', 'my-agents'],
  ['/home/me/an-agent-with-quite-a-long-name', 'an-agent-with-quite'],
])('%s is a project called %s', (folder, name) => expect(nameOf(folder)).toBe(name));

it('has the versions with which all was tried', () => {
  const { dependencies, devDependencies, engines } = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8'));
  const tried: Record<string, string> = { ...own.dependencies, ...own.devDependencies, circadian: `^${own.version}` };
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect(version, name).toBe(tried[name]);
  expect(engines.node).toBe(OLDEST_NODE);
});

it('is refused by a sentence on Windows and on an old Node', () => {
  const oldest = OLDEST_NODE.slice(2);
  expect([refusal(`${oldest}.0`, 'linux'), refusal('24.0.0', 'darwin')]).toEqual([null, null]);
  expect(refusal('22.17.1', 'linux')).toMatch(/^Circadian needs Node 22\.18 or newer, and this is Node 22\.17\.1\./);
  expect(refusal('24.0.0', 'win32')).toMatch(/^Circadian does not run on Windows itself.* Install WSL/);
});

it('gets a package without what only deployments and this repository need', () => {
  const { dependencies, exports, peerDependencies } = manifestOf(own);
  expect(Object.keys(dependencies).filter((name) => /^(sst|zod|node-|typescript)/.test(name))).toEqual([]);
  expect(Object.keys(peerDependencies)).toEqual(['zod']);
  const entries = Object.values(exports).flatMap((entry) => (typeof entry === 'object' ? [entry.default] : []));
  for (const path of entries) expect(existsSync(join(ROOT, path.replace(/\.js$/, '.ts'))), path).toBe(true);
});

it('has a README whose links lead to what is in the package, and which names all that people import', () => {
  const text = readFileSync(join(ROOT, 'package/README.md'), 'utf8');
  expect([...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link)).toEqual(['LICENSE']);
  const { exports } = manifestOf(own);
  for (const [name, entry] of Object.entries(exports))
    if (typeof entry === 'object') expect(text).toContain(`| \`${join('circadian', name)}\` |`);
});
