/// <reference path="../../.sst/platform/config.d.ts" />
/**
 * The function in which the tools' scripts run, and what lies beside its bundle and that of the iterations: the sandbox, which is a program of its
 * own, and the packages it runs on, as they are installed. So a deployment has the lockfile's versions and asks no registry.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ENTRIES } from '../tools/sandbox/entries.ts';
import { installed, isSource, ownPath } from './package.ts';
import { PAGES_PER_MB, replacedOnce, withMemoryOf } from './wasm-memory.ts';

/** Made anew by every deployment; `sst dev` links to it. */
const FOLDER = '.sst/sandbox';

/** Packages that just-bash has bundled into itself, or that only its own network and the command lines of isomorphic-git and seek-bzip need. */
const NOT_NEEDED = [
  ...['fast-xml-parser', 'file-type', 'ini', 'modern-tar', 'papaparse', 're2js', 'smol-toml', 'yaml'],
  ...['undici', 'simple-get', 'minimisted', 'commander'],
];
/** Builds of QuickJS that are imported by name and never loaded. */
const NAME_ONLY = ['package.json', 'dist/index.mjs'];
/** Of these only some files are ever loaded; the rest would be fifty megabytes. */
const PARTS: Record<string, string[]> = {
  'just-bash': ['package.json', 'dist/bundle/index.js', 'dist/bundle/chunks', 'vendor/cpython-emscripten'],
  'isomorphic-git': ['package.json', 'index.cjs'],
  'sql.js': ['package.json', 'dist/sql-wasm.js', 'dist/sql-wasm.wasm'],
  unpdf: ['package.json', 'dist/index.mjs', 'dist/pdfjs.mjs'],
  '@mixmark-io/domino': ['package.json', 'lib'],
  '@jitl/quickjs-wasmfile-release-sync': [
    ...['package.json', 'dist/index.mjs', 'dist/ffi.mjs'],
    ...['dist/emscripten-module.mjs', 'dist/emscripten-module.wasm'],
  ],
  '@jitl/quickjs-wasmfile-release-asyncify': NAME_ONLY,
  '@jitl/quickjs-wasmfile-debug-sync': NAME_ONLY,
  '@jitl/quickjs-wasmfile-debug-asyncify': NAME_ONLY,
};

const PYTHON_MB = 256;
const QUICKJS_MB = 128;
const CPYTHON = 'node_modules/just-bash/vendor/cpython-emscripten';
const QUICKJS = 'node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.mjs';
/** As they are published, SQLite may take 2 GB, CPython 512 MB and QuickJS 2 GB. The programs around the latter two say so, too. */
const MODULES = [
  { file: 'node_modules/sql.js/dist/sql-wasm.wasm', mb: 192 },
  { file: `${CPYTHON}/python.wasm`, mb: PYTHON_MB },
];
const PROGRAMS = [
  { file: `${CPYTHON}/python.cjs`, from: 'getHeapMax=()=>536870912', to: `getHeapMax=()=>${PYTHON_MB * 2 ** 20}` },
  { file: QUICKJS, from: 'maximum:32768', to: `maximum:${QUICKJS_MB * PAGES_PER_MB}` },
  { file: QUICKJS, from: '2147483648<', to: `${QUICKJS_MB * 2 ** 20}<` },
];

/** Types, maps, texts and builds for browsers are not run. */
const isRun = (path: string): boolean => !/\.(d\.[cm]?ts|map|md|global\.js)$/.test(path);

const edit = (path: string, change: (bytes: Buffer) => Uint8Array | string) =>
  writeFileSync(path, change(readFileSync(path)));

/** Puts the program, as JavaScript, and its packages into one folder; returns how it is to be copied. */
export async function sandboxFiles(): Promise<{ from: string; to: string }[]> {
  const { root } = $cli.paths;
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  if (isSource()) await bundle(root);
  else copyBundle(root);
  for (const [name, folder] of ['just-bash', 'unpdf', 'isomorphic-git'].flatMap((own) => [
    ...installed(own, NOT_NEEDED),
  ])) {
    // What lies below it in a node_modules of its own is visited by itself.
    for (const part of PARTS[name] ?? [''])
      cpSync(join(folder, part), join(root, FOLDER, 'node_modules', name, part), {
        recursive: true,
        filter: (path) => isRun(path) && !/(^|[/\\])node_modules([/\\]|$)/.test(relative(folder, path)),
      });
  }
  for (const { file, mb } of MODULES) edit(join(root, FOLDER, file), (module) => withMemoryOf(module, mb));
  for (const { file, from, to } of PROGRAMS)
    edit(join(root, FOLDER, file), (program) => replacedOnce(program.toString(), from, to));
  return [{ from: FOLDER, to: 'sandbox' }];
}

/** The published package has it ready. */
function copyBundle(root: string): void {
  const isBundled = (path: string) => !/\.\w+$/.test(path) || path.endsWith('.mjs');
  cpSync(ownPath('lib/tools/sandbox'), join(root, FOLDER), { recursive: true, filter: isBundled });
}

async function bundle(root: string): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ownPath('.'),
    entryPoints: ENTRIES.map((name) => `./lib/tools/sandbox/${name}.ts`),
    outdir: join(root, FOLDER),
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, splitting: true, packages: 'external', format: 'esm', platform: 'node', target: 'node24' },
    logLevel: 'error',
  });
}

/** A whole processor. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MEMORY = '1769 MB';

/**
 * What a model wrote runs here. Whatever broke out of it would find a role that may do nothing, not even write a log, and no variable: SST's key for
 * links is taken away, since it opens those of every function. `common`: of all functions, and the handler. `copyFiles`: of `sandboxFiles`.
 */
export function makeSandbox(
  common: Partial<sst.aws.FunctionArgs> & { handler: string },
  copyFiles: { from: string; to: string }[],
): sst.aws.Function {
  // SST would let the account's root take it, too.
  const ofLambda = aws.iam.getPolicyDocumentOutput({
    statements: [
      { actions: ['sts:AssumeRole'], principals: [{ type: 'Service', identifiers: ['lambda.amazonaws.com'] }] },
    ],
  }).json;
  return new sst.aws.Function('Sandbox', {
    ...common,
    memory: MEMORY,
    // Longer than any job with its start: the job's own bounds end it before.
    timeout: '1 minute',
    logging: false,
    copyFiles,
    transform: {
      function: (args) => void delete args.environment,
      role: { assumeRolePolicy: ofLambda },
    },
  });
}
