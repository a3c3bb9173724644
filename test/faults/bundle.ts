/**
 * The worker as one file: what a process loads in a seventh of a second instead of a whole one, and a picture of the sources as they were
 * when the run began, with the patches of the scale and of a broken variant in it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patched } from './broken/apply.ts';
import type { SourcePatch } from './evidence.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = 'test/faults/worker/main.ts';
const BANNER = `import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);`;

type Loaded = { contents: string; loader: 'ts' };
type Builder = { onLoad(on: { filter: RegExp }, load: (file: { path: string }) => Loaded | undefined): void };
type Esbuild = { build(options: object): Promise<unknown> };

/** Writes it into `folder`; the file to run. It comes along with vitest, and is not worth a dependency of its own. */
export async function bundleWorker(folder: string, patches: SourcePatch[]): Promise<string> {
  const esbuild = createRequire(import.meta.url)('esbuild') as Esbuild;
  const files = new Map<string, string>();
  for (const { file, from, to } of patches) {
    const path = join(ROOT, file);
    const text = files.get(path) ?? readFileSync(path, 'utf8');
    files.set(path, patched(text, { from, to }, file));
  }
  const patching = {
    name: 'patches',
    setup: (build: Builder) =>
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = files.get(path);
        return contents === undefined ? undefined : { contents, loader: 'ts' };
      }),
  };
  await esbuild.build({
    ...{
      absWorkingDir: ROOT,
      entryPoints: [ENTRY],
      outdir: folder,
      entryNames: 'worker',
      outExtension: { '.js': '.mjs' },
    },
    ...{
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      keepNames: true,
      minify: true,
    },
    ...{ mainFields: ['module', 'main'], logLevel: 'error', banner: { js: BANNER }, plugins: [patching] },
  });
  return join(folder, 'worker.mjs');
}
