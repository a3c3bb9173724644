/**
 * `npm run build:package`: the two packages that are published, as folders for `npm pack`: dist/circadian and dist/create-circadian. Each file stays
 * where it is in the repository, so that workers, SQL and templates are found by the same paths.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { packNewDatabase } from '../lib/local/new-database.ts';
import { ENTRIES } from '../lib/tools/sandbox/entries.ts';
import { dropDeclarations, filesIn } from './declarations.ts';
import { creatorOf, type Manifest, manifestOf } from './manifest.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'dist');
const MAIN = join(OUT, 'circadian');
const CREATOR = join(OUT, 'create-circadian');
const ESM = { bundle: true, format: 'esm', platform: 'node', logLevel: 'error' } satisfies BuildOptions;

const own: Manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** tsc rewrites what is imported, and nothing else that names a source file. Throws for a name that would lead nowhere. */
function renameSources(): void {
  for (const path of filesIn(MAIN).filter((one) => one.endsWith('.js'))) {
    const text = readFileSync(path, 'utf8');
    const renamed = text.replace(/(new URL\('[^']+)\.ts(', import\.meta\.url\))/g, '$1.js$2');
    if (/new URL\('[^']+\.ts'/.test(renamed)) throw new Error(`${path} names a source file that is not published.`);
    if (renamed !== text) writeFileSync(path, renamed);
  }
}

/** The sandbox's programs, each loaded by a thread or process of its own: bundled, they start in half of the time. */
const buildSandbox = () =>
  build({
    ...{ ...ESM, absWorkingDir: ROOT, splitting: true, packages: 'external', target: 'node22' },
    entryPoints: ENTRIES.map((name) => `lib/tools/sandbox/${name}.ts`),
    ...{ outdir: join(MAIN, 'lib/tools/sandbox'), outExtension: { '.js': '.mjs' } },
  });

/** SST's globals have types in a project alone, so that this is transpiled, and its declaration is written by hand. */
async function buildInfrastructure(): Promise<void> {
  await build({
    ...{ ...ESM, absWorkingDir: ROOT, packages: 'external', target: 'node22' },
    ...{ entryPoints: ['lib/infra/sst.ts'], outfile: join(MAIN, 'lib/infra/sst.js') },
  });
  cpSync(join(ROOT, 'package/sst.d.ts'), join(MAIN, 'lib/infra/sst.d.ts'));
}

/** Statements and their order; the snapshots beside the migrations are for drizzle-kit. */
function copySql(): void {
  for (const folder of ['migrations', 'schema'])
    for (const path of filesIn(join(ROOT, folder)).filter((one) => one.endsWith('.sql')))
      cpSync(path, join(MAIN, path.slice(ROOT.length)));
}

const write = (folder: string, manifest: object) =>
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

/** Throws if tsc finds a fault, which it has printed. */
function compile(project: string): void {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'package', project)], { stdio: 'inherit' });
}

async function buildMain(): Promise<void> {
  compile('tsconfig.json');
  // Of what people import alone: the rest has types that are too large to be written down.
  compile('tsconfig.types.json');
  dropDeclarations(MAIN);
  renameSources();
  await Promise.all([buildSandbox(), buildInfrastructure()]);
  copySql();
  cpSync(join(ROOT, 'package/template'), join(MAIN, 'package/template'), { recursive: true });
  cpSync(join(ROOT, 'lib/infra/deployer-policy.json'), join(MAIN, 'lib/infra/deployer-policy.json'));
  // The repository's own README leads to files that are not in the package.
  cpSync(join(ROOT, 'package/README.md'), join(MAIN, 'README.md'));
  cpSync(join(ROOT, 'LICENSE'), join(MAIN, 'LICENSE'));
  await packNewDatabase(join(MAIN, 'lib/local/new-database.tar.br'));
  write(MAIN, manifestOf(own));
}

/** The prompts are in it, so that npm fetches one small package before it asks anything. */
async function buildCreator(): Promise<void> {
  mkdirSync(CREATOR, { recursive: true });
  await build({
    ...{ ...ESM, absWorkingDir: ROOT, minify: true, splitting: true, target: 'node18' },
    ...{ entryPoints: ['package/start.ts'], outdir: CREATOR },
  });
  cpSync(join(ROOT, 'package/template'), join(CREATOR, 'template'), { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(CREATOR, 'LICENSE'));
  write(CREATOR, creatorOf(own));
}

rmSync(OUT, { recursive: true, force: true });
await buildMain();
await buildCreator();
