/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * What goes along with the iterations beside their bundle: the tools' sandbox, which is a program of its own, and the packages it runs on,
 * as they are installed. So a deployment has the lockfile's versions and asks no registry.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import lock from '../../package-lock.json';
import { withMemoryOf } from './wasm-memory.ts';

/** Made anew by every deployment; `sst dev` links to it. */
const FOLDER = '.sst/sandbox';

/** Packages that just-bash has bundled into itself, or that only its Python, JavaScript and network commands need, which are off. */
const NOT_NEEDED = [
  ...['fast-xml-parser', 'file-type', 'ini', 'modern-tar', 'papaparse', 're2js', 'smol-toml', 'yaml'],
  ...['quickjs-emscripten', 'undici'],
];
/** Of these only some files are ever loaded; the rest would be fifty megabytes. */
const PARTS: Record<string, string[]> = {
  'just-bash': ['package.json', 'dist/bundle/index.js', 'dist/bundle/chunks'],
  'sql.js': ['package.json', 'dist/sql-wasm.js', 'dist/sql-wasm.wasm'],
  '@mixmark-io/domino': ['package.json', 'lib'],
};

/** SQLite may take 2 GB as it is published. */
const SQLITE = { file: 'node_modules/sql.js/dist/sql-wasm.wasm', mb: 192 };

type Locked = Record<string, { dependencies?: Record<string, string> }>;

/** `name` and all that it needs, by the lockfile. */
function closure(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name) || NOT_NEEDED.includes(name)) return found;
  found.add(name);
  const { dependencies = {} } = (lock.packages as Locked)[`node_modules/${name}`] ?? {};
  for (const dependency of Object.keys(dependencies)) closure(dependency, found);
  return found;
}

/** Types, maps and texts are not run. */
const isRun = (path: string): boolean => !/\.(d\.[cm]?ts|map|md)$/.test(path);

/** Puts the program, as JavaScript, and its packages into one folder; returns how it is to be copied. */
export async function sandboxFiles(): Promise<{ from: string; to: string }[]> {
  const { root } = $cli.paths;
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: ['./lib/tools/sandbox/main.ts', './lib/tools/sandbox/worker.ts'],
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, splitting: true, packages: 'external', format: 'esm', platform: 'node', target: 'node24' },
    logLevel: 'error',
  });
  for (const name of closure('just-bash')) {
    for (const part of PARTS[name] ?? ['']) {
      const path = join('node_modules', name, part);
      cpSync(join(root, path), join(root, FOLDER, path), { recursive: true, filter: isRun });
    }
  }
  const sqlite = join(root, FOLDER, SQLITE.file);
  writeFileSync(sqlite, withMemoryOf(readFileSync(sqlite), SQLITE.mb));
  return [{ from: FOLDER, to: 'sandbox' }];
}
