/**
 * `npm run bench:cold`: how large the functions are that SST would upload, and how long a cold start reads and runs them. Bundled as SST does
 * (its options of sst.config.ts and its defaults of 4.17.1, pkg/runtime/node/build.go), loaded by a process of its own each time.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FUNCTIONS = ['iterate', 'sandbox', 'api', 'wake', 'dead-letter', 'migrate', 'reconcile'];
/** What is promised of iterate: bytes of what it imports statically, minified, and milliseconds to import it. */
const TARGET = { bytes: 1_000_000, ms: 150 };
const RUNS = 15;

type Output = { bytes: number; entryPoint?: string; imports: { path: string; kind: string }[] };
type Esbuild = { build(options: object): Promise<{ metafile: { outputs: Record<string, Output> } }> };
type Size = { name: string; file: string; staticBytes: number; totalBytes: number };

const BANNER = `import { createRequire as topLevelCreateRequire } from 'module';
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"
const __filename = topLevelFileUrlToPath(import.meta.url)
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`;

const bundle = async (esbuild: Esbuild, name: string, folder: string): Promise<Size> => {
  const outdir = join(folder, name);
  const { metafile } = await esbuild.build({
    ...{ absWorkingDir: ROOT, entryPoints: [`functions/${name}.ts`], outdir, entryNames: 'bundle' },
    ...{
      bundle: true,
      splitting: true,
      minify: true,
      keepNames: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
    },
    ...{ mainFields: ['module', 'main'], outExtension: { '.js': '.mjs' }, metafile: true, logLevel: 'error' },
    banner: { js: BANNER },
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === `functions/${name}.ts`) ?? '';
  const sum = (paths: string[]) => paths.reduce((bytes, path) => bytes + (outputs[path]?.bytes ?? 0), 0);
  const file = join(outdir, 'bundle.mjs');
  return { name, file, staticBytes: sum([...reached(outputs, entry)]), totalBytes: sum(Object.keys(outputs)) };
};

/** The files that are loaded with `entry`, lazy imports left out. */
const reached = (outputs: Record<string, Output>, entry: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(entry) || !outputs[entry]) return seen;
  seen.add(entry);
  for (const { path, kind } of outputs[entry].imports) if (kind === 'import-statement') reached(outputs, path, seen);
  return seen;
};

/** Milliseconds, the best and the median of several processes: a busy machine only adds. The first fills the disk's cache and does not count. */
const importTimes = async (file: string): Promise<{ best: number; median: number }> => {
  const program = `globalThis.awslambda = { streamifyResponse: (handler) => handler };
    const began = performance.now(); await import(${JSON.stringify(file)});
    process.stdout.write(String(performance.now() - began)); process.exit(0);`;
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    if (run > 0) times.push(Number(stdout));
  }
  times.sort((a, b) => a - b);
  return { best: times[0] ?? Number.NaN, median: times[Math.floor(RUNS / 2)] ?? Number.NaN };
};

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const kb = (bytes: number): string => `${Math.round(bytes / 1_000).toLocaleString('en')} kB`.padStart(12);

const platform = join(ROOT, '.sst/platform/package.json');
if (!existsSync(platform)) {
  print('This needs the bundler that SST brings along: npm run infra:install.');
  process.exit(1);
}
const esbuild = createRequire(platform)('esbuild') as Esbuild;
const folder = mkdtempSync(join(tmpdir(), 'circadian-cold-'));
let missed = false;
try {
  print(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}; import: ${RUNS} processes.`);
  print('function    static imports     everything        best      median');
  for (const name of FUNCTIONS) {
    const { file, staticBytes, totalBytes } = await bundle(esbuild, name, folder);
    const { best, median } = await importTimes(file);
    const times = [best, median].map((ms) => `${ms.toFixed(0)} ms`.padStart(12)).join('');
    print(`${name.padEnd(12)}${kb(staticBytes).padStart(14)}${kb(totalBytes).padStart(15)}${times}`);
    if (name === 'iterate') missed = staticBytes >= TARGET.bytes || best >= TARGET.ms;
  }
  print(`Target for iterate: under ${kb(TARGET.bytes).trim()} and ${TARGET.ms} ms: ${missed ? 'missed' : 'met'}.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(missed ? 1 : 0);
