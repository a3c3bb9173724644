/**
 * The functions as a deployment has them: bundled, so that a process loads one in a fifth of the time that its sources and packages take. A bundle is
 * kept beside the packages and made anew when one of its sources has changed.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildOptions, build, type OutputFile, type Plugin } from 'esbuild';
import { ENTRIES } from '../tools/sandbox/entries.ts';
import { CACHE as CACHES, DEFINITIONS, IS_SOURCE, PACKAGE, PROJECT } from './project.ts';

const CACHE = join(CACHES, 'functions');
/** As deep as the folder of a bundle, so that the paths of its source maps lead to the sources. */
const DEPTH = join(CACHE, 'bundle');
const DAY_MS = 86_400_000;
const KEEP_MS = 7 * DAY_MS;

/** Decide which packages and which file of a package a bundle has. */
const DECIDING = ['package.json', 'package-lock.json', 'tsconfig.json'];
/** Decides its form. */
const HERE = readFileSync(fileURLToPath(import.meta.url), 'utf8');

/** Packages written for `require` find one. */
const BANNER = `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);`;

/** What a bundle was made from, as the file system tells it. */
type Made = { folder: string; sources: Record<string, string> };

const hash = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

function stamp(path: string): string {
  const { mtimeMs, size } = statSync(join(PROJECT, path), { throwIfNoEntry: false }) ?? {};
  return `${mtimeMs} ${size}`;
}

const stamps = (paths: string[]) => Object.fromEntries(paths.map((path) => [path, stamp(path)]));

/** Other processes may do the same now: a file or folder is there whole or not at all. */
function writeWhole(path: string, write: (draft: string) => void): void {
  const draft = `${path}.${process.pid}.${performance.now()}`;
  write(draft);
  try {
    renameSync(draft, path);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
    rmSync(draft, { recursive: true });
  }
}

function lastMade(path: string): Made | null {
  try {
    const made: Made = JSON.parse(readFileSync(path, 'utf8'));
    const isFresh = Object.entries(made.sources).every(([source, then]) => stamp(source) === then);
    return isFresh && statSync(join(CACHE, made.folder)).isDirectory() ? made : null;
  } catch {
    return null;
  }
}

const COMMON = {
  ...{ absWorkingDir: PROJECT, outbase: PACKAGE, outdir: DEPTH, outExtension: { '.js': '.mjs' } },
  ...{ bundle: true, splitting: true, target: `node${process.versions.node}`, keepNames: true, sourcesContent: false },
  format: 'esm',
  platform: 'node',
  sourcemap: 'linked',
  logLevel: 'silent',
  write: false,
  metafile: true,
} as const;

function save(files: OutputFile[]): string {
  const folder = hash(files.map(({ path, hash: of }) => `${path} ${of}`).join('\n'));
  writeWhole(join(CACHE, folder), (draft) => {
    for (const { path, contents } of files) {
      const to = join(draft, relative(DEPTH, path));
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, contents);
    }
  });
  return folder;
}

/** So that no other system's start takes away what this one runs on. */
function keep(folder: string): string {
  const path = join(CACHE, folder);
  const renew = () => utimesSync(path, new Date(), new Date());
  renew();
  setInterval(renew, DAY_MS).unref();
  return relative(PROJECT, path);
}

/** Nothing that a system runs on is a week old: `keep`. */
function forgetOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > KEEP_MS) rmSync(path, { recursive: true, force: true });
  }
}

type Options = Pick<BuildOptions, 'banner' | 'chunkNames' | 'mainFields' | 'packages' | 'plugins'>;

/** Returns the folder below the project under which the entry points lie bundled. */
async function bundled(entryPoints: string[], options: Options): Promise<string> {
  const terms = [HERE, ...entryPoints, ...(options.plugins ?? []).map(({ name }) => name)];
  const record = join(CACHE, `${hash(terms.join('\n'))}.json`);
  const last = lastMade(record);
  if (last !== null) return keep(last.folder);
  mkdirSync(CACHE, { recursive: true });
  // Before the build: a source that changes meanwhile makes the next start build again.
  const began = Date.now();
  const { outputFiles, metafile } = await build({ ...COMMON, ...options, entryPoints });
  const folder = save(outputFiles);
  const sources = stamps([...Object.keys(metafile.inputs).filter((path) => !path.startsWith('(')), ...DECIDING]);
  const isStill = Object.values(sources).every((text) => Number.parseFloat(text) < began);
  if (isStill) writeWhole(record, (draft) => writeFileSync(draft, JSON.stringify({ folder, sources })));
  forgetOld();
  return keep(folder);
}

/** What starts the sandbox's process, and beside it that process's own modules. */
const SANDBOX = ['contained', ...ENTRIES.map((name) => `sandbox/${name}`)].map((name) => `lib/tools/${name}.ts`);

/** It starts a process from what lies beside it, so no bundle takes it in. `path`: where it is. */
const sandboxFrom = (path: string): Plugin => ({
  name: `the sandbox from ${path}`,
  setup: ({ onResolve }) => onResolve({ filter: /\/contained\.[jt]s$/ }, () => ({ path, external: true })),
});

/** An installed package has no definitions of its own. `path`: of the project's. */
const definitionsFrom = (path: string): Plugin => ({
  name: `the definitions of ${path}`,
  setup: ({ onResolve }) => onResolve({ filter: /^#config$/ }, () => ({ path })),
});

/**
 * Returns the file of `lib/tools/contained.ts`, bundled as in a deployment: its processes load in half of the time. Packages are not part of it. The
 * published package has it ready.
 */
export async function bundleSandbox(): Promise<string> {
  if (!IS_SOURCE) return join(PACKAGE, 'lib/tools/contained.js');
  const folder = await bundled(SANDBOX, { packages: 'external', chunkNames: 'lib/tools/sandbox/[name]-[hash]' });
  return join(PROJECT, folder, 'lib/tools/contained.mjs');
}

/**
 * `handlers`: modules below the package with their exports, `functions/wake.handler`. Returns the folder below the project under which they lie bundled.
 * Throws esbuild's `BuildFailure`, which names file and line.
 */
export async function bundleFunctions(handlers: string[]): Promise<string> {
  const sandbox = pathToFileURL(await bundleSandbox()).href;
  const files = handlers.map((handler) => join(PACKAGE, handler.replace(/\.\w+$/, IS_SOURCE ? '.ts' : '.js')));
  const entryPoints = [...new Set(files)].sort();
  return await bundled(entryPoints, {
    ...{ mainFields: ['module', 'main'], banner: { js: BANNER } },
    plugins: [sandboxFrom(sandbox), ...(IS_SOURCE ? [] : [definitionsFrom(DEFINITIONS)])],
  });
}
