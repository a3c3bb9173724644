import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  circles,
  type Files,
  importFaults,
  importsOf,
  textFaults,
  topLevelFaults,
  typeFaults,
} from './kit/architecture.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What a working copy has beside the project: installed, generated or kept by the local system, and ignored by git. */
const IGNORED = /^(node_modules|coverage|dist|sst-env\.d\.ts|.*\.log)$/;
const GENERATED = /^migrations\/|^(client\/contract|lib\/http\/(app|docs)-assets)\.ts$/;

function sources(): Files {
  const folders = ['cli', 'client', 'functions', 'lib', 'schema', 'migrations', 'package', 'test'];
  const inFolders = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(m?[jt]sx?|css|html|sql)$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => !path.includes('node_modules')),
  );
  const atTop = readdirSync(root).filter((name) => name.endsWith('.ts') && !IGNORED.test(name));
  const paths = [...inFolders, ...atTop].filter((path) => !GENERATED.test(path));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const production = Object.keys(dependencies);

describe('this repository', () => {
  it('is read whole', () => {
    expect(Object.keys(sources())).toEqual(
      expect.arrayContaining(['lib/ports/index.ts', 'lib/core/session.ts', 'vitest.config.ts']),
    );
  });

  it('imports only in the direction of the core', () => {
    expect(importFaults(sources(), production)).toEqual([]);
  });

  it('has no circle of imports', () => {
    expect(circles(sources())).toEqual([]);
  });

  it('gives each exported type a name of its own', () => {
    expect(typeFaults(sources())).toEqual([]);
  });

  it('has short files, no class but errors, and nothing left behind', () => {
    expect(textFaults(sources())).toEqual([]);
  });

  it('keeps its top level as designed', () => {
    expect(topLevelFaults(readdirSync(root).filter((entry) => !IGNORED.test(entry)))).toEqual([]);
  });
});

describe('the rules', () => {
  it('find every form of import', () => {
    const text = `import a from './a.ts';
import type {
  B,
} from './b.ts';
import './c.ts';
export * from './d.ts';
export { e } from './e.ts';
const f = () => import('./f.ts');
const text = "import x from './no.ts'";`;
    expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts']);
  });

  it.each([
    ['functions/api.ts', '../lib/local/main.ts', 'functions may not import local'],
    ['functions/api.ts', './wake.ts', 'functions do not know each other'],
    ['functions/api.ts', '../lib/adapters/aws/queue.ts', 'functions may not import adapters'],
    ['lib/http/app.ts', '../adapters/aws/queue.ts', 'http may not import adapters'],
    ['lib/http/app.ts', '../engine/drive.ts', 'http may not import engine'],
    ['lib/http/app.ts', '../tools/index.ts', 'http may not import tools'],
    ['lib/engine/drive.ts', '../world.ts', 'engine may not import world'],
    ['lib/engine/drive.ts', '../config/env.ts', 'engine may not import config'],
    ['lib/tools/bash.ts', '../budget/index.ts', 'tools may not import budget'],
    ['lib/adapters/aws/queue.ts', '../upstash/live.ts', 'adapters do not know each other'],
    ['lib/adapters/upstash/live.ts', '../../../schema/index.ts', 'only the Postgres adapter knows the tables'],
    ['lib/ops/reconcile.ts', '../../schema/index.ts', 'ops may not import schema'],
    ['lib/adapters/aws/queue.ts', '../../world.ts', 'adapters may not import world'],
    ['schema/index.ts', '../lib/ports/index.ts', 'schema may not import ports'],
    ['lib/core/next.ts', '../ports/index.ts', 'core may not import ports'],
    ['lib/core/next.ts', '../ids.ts', 'core may not import ids: the core is pure'],
    ['lib/core/next.ts', '../ssrf/request.ts', 'core may not import ssrf: the core is pure'],
    ['lib/ports/worker.ts', '../config/env.ts', 'ports may not import config'],
    ['lib/tools/bash.ts', '../ssrf/request.ts', 'tools may not import ssrf'],
    ['lib/engine/drive.ts', '../budget/index.ts', 'engine may not import budget'],
    ['lib/core/next.ts', 'node:crypto', 'the core is pure'],
    ['lib/core/next.ts', 'hono', 'the core is pure'],
    ['lib/budget/pricing.ts', '../ports/index.ts', 'budget may not import ports'],
    ['lib/budget/pricing.ts', '../text.ts', 'budget may not import text'],
    ['lib/world.ts', './local/clock.ts', 'world may not import local'],
    ['lib/http/app.ts', '../../test/kit/servers.ts', 'it is no part of the product'],
    ['lib/http/app.ts', 'left-pad', 'it is no dependency of the product'],
    ['lib/adapters/aws/queue.ts', '@electric-sql/pglite', 'it belongs to lib/local, so'],
    ['functions/api.ts', 'esbuild', 'it belongs to lib/app and lib/docs and lib/infra and lib/local, so'],
    ['lib/http/app.ts', 'preact', 'it is no dependency of the product'],
    ['lib/http/app.ts', '../app/main.ts', 'http may not import app: it stands outside the house'],
    ['lib/local/sqs.ts', 'vitest', 'it is no dependency of the product'],
    ['lib/infra/sandbox.ts', '@biomejs/biome', 'it is no dependency of the product'],
    ['lib/world.ts', '#config', 'definitions come through the world'],
    ['client/index.ts', 'node:crypto', 'it also runs in browsers'],
    ['client/index.ts', '../lib/problem.ts', 'it knows the API alone'],
    ['cli/main.ts', '../lib/local/system.ts', 'it knows the API alone'],
    ['cli/main.ts', 'hono', 'it knows the API alone'],
    ['lib/http/app.ts', 'commander', 'it belongs to cli, so'],
    ['lib/novel.ts', './text.ts', 'the part novel stands on no floor yet'],
  ])('refuse that %s imports %s', (path, specifier, why) => {
    const [fault, ...others] = importFaults({ [path]: `import '${specifier}';\n` }, production);
    expect(fault).toContain(`${path} imports ${specifier}: ${why}`);
    expect(others).toEqual([]);
  });

  it.each([
    ['functions/api.ts', '../lib/http/app.ts'],
    ['lib/adapters/postgres/claim.ts', '../../../schema/index.ts'],
    ['lib/adapters/postgres/claim.ts', './run.ts'],
    ['lib/adapters/upstash/live.ts', './live-scripts.ts'],
    ['lib/core/next.ts', '../budget/pricing.ts'],
    ['lib/core/memory.ts', 'zod'],
    ['lib/engine/drive.ts', '../ports/index.ts'],
    ['lib/adapters/aws/queue.ts', '@aws-sdk/client-sqs'],
    ['lib/local/main.ts', '../world.ts'],
    ['lib/app/main.ts', 'preact'],
    ['lib/local/postgres.ts', '@electric-sql/pglite'],
    ['test/http/app.test.ts', '../../lib/local/main.ts'],
    ['functions/iterate.ts', '#config'],
    ['cli/main.ts', '../client/index.ts'],
    ['cli/main.ts', 'commander'],
  ])('let %s import %s', (path, specifier) => {
    expect(importFaults({ [path]: `import '${specifier}';\n` }, production)).toEqual([]);
  });

  it('let types come from packages that are there for checks only, but not what runs', () => {
    const fault = 'lib/local/neon.ts imports vitest: it is no dependency of the product';
    const told = (text: string) => importFaults({ 'lib/local/neon.ts': text }, production);
    expect(told("import type { Test } from 'vitest';\n")).toEqual([]);
    expect(told("import {\n  test,\n} from 'vitest';\n")).toEqual([fault]);
    expect(told("const { test } = await import('vitest');\n")).toEqual([fault]);
  });

  it('find a circle, also one of types alone', () => {
    const circle = { 'lib/core/a.ts': "import './b.ts';", 'lib/core/b.ts': "import type { A } from './a.ts';" };
    expect(circles(circle)).toEqual(['lib/core/a.ts → lib/core/b.ts → lib/core/a.ts is a circle']);
    expect(circles({ ...circle, 'lib/core/b.ts': "import type { A } from './c.ts';", 'lib/core/c.ts': '' })).toEqual(
      [],
    );
  });

  it('find a name that two types share', () => {
    const text = 'export type Hold = { n: number };\nexport type { Day } from "./day.ts";\n';
    expect(typeFaults({ 'lib/core/a.ts': text, 'lib/ports/b.ts': 'export interface Hold {}' })).toEqual([
      'Hold is a type of lib/core/a.ts and of lib/ports/b.ts',
    ]);
    expect(typeFaults({ 'lib/core/a.ts': text, 'lib/local/b.ts': text, 'test/c.ts': text })).toEqual([]);
  });

  it('find long files, classes and leftovers', () => {
    expect(textFaults({ 'a.ts': 'x\n'.repeat(300) })).toEqual([]);
    expect(textFaults({ 'a.ts': 'x\n'.repeat(301) })).toEqual(['a.ts has 301 lines: 300 at most']);
    expect(textFaults({ 'a.ts': 'export class Lost extends Error {}\nclass Worse extends TypeError {}' })).toEqual([]);
    for (const text of ['# Agent {', 'export default # Agent extends Base {', 'const A = # {', 'abstract # B {']) {
      expect(textFaults({ 'a.ts': text.replace('#', 'class') })).toHaveLength(1);
    }
    for (const text of [
      ['TO', 'DO'],
      ['FIX', 'ME: later'],
      ['@ts-', 'ignore'],
      ['it.on', 'ly('],
    ]) {
      expect(textFaults({ 'a.ts': `// ${text.join('')}` })).toHaveLength(1);
    }
    expect(textFaults({ 'a.ts': `grep('${['TO', 'DO'].join('')}')` })).toEqual([]);
  });

  it('find an arrow that should be a function', () => {
    const found = (text: string, path = 'lib/a.ts') => textFaults({ [path]: text }).length;
    expect(found('export const a = (b: string): void => {\n')).toBe(1);
    expect(found('const a = async <T>(b: () => T): Promise<T> => {\n')).toBe(1);
    expect(found('const a = (b: string) => b;\nconst c: Port = (d) => {\n')).toBe(0);
    expect(found('const a = () => {\n', 'test/a.ts')).toBe(0);
  });

  it('keep the top level clean', () => {
    expect(topLevelFaults(['lib', '.ci', 'tsconfig.infra.json', 'README.md'])).toEqual([]);
    expect(topLevelFaults(['src', 'notes.md'])).toHaveLength(2);
  });
});
