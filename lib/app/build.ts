/**
 * `npm run build:app`: the dashboard's sources as one generated module, which the API serves (lib/http/routes/dashboard.ts). It is committed,
 * so that neither `npm start` nor a deployment builds anything; test/app/build.test.ts holds it to the sources.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { type OutputChunk, rolldown } from 'rolldown';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODULE = fileURLToPath(new URL('../http/app-assets.ts', import.meta.url));
const TARGET = ['chrome123', 'firefox120', 'safari17.5'];
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.txt': 'text/plain',
};

/** `style`: of a page, the hash of its inline style, as a content security policy names it. */
export type BuiltAsset = { type: string; bytes: Uint8Array; style?: string };

/**
 * Path → file. `/app` is the page, with the style of every screen in it, so that it is painted before its scripts have come. The names of all others
 * have a hash of their content, so that they never change.
 */
export async function buildApp(): Promise<Map<string, BuiltAsset>> {
  const [scripts, { style, preview }] = await Promise.all([builtScripts(), builtStyles()]);
  const [main] = scripts;
  const licenses = licensesOf(scripts);
  const page = readFileSync(`${HERE}page.html`, 'utf8').replace(
    /\{\{(\w+)\}\}/g,
    (whole, name) =>
      ({
        style: `<style>${style}</style>`,
        licenses: licenses.path,
        preview: preview.path,
        main: `/app/${main.fileName}`,
        // What the first script imports at once: asked for beside it and not after it.
        parts: main.imports.map((part) => `<link rel="modulepreload" href="/app/${part}">`).join('\n'),
      })[name as string] ?? whole,
  );
  const files = new Map(scripts.map(({ fileName, code }) => [`/app/${fileName}`, assetOf(fileName, code)]));
  files.set(preview.path, assetOf(preview.path, preview.text));
  files.set(licenses.path, assetOf(licenses.path, licenses.text));
  const hash = createHash('sha256').update(style).digest('base64');
  files.set('/app', { ...assetOf('page.html', page), style: `'sha256-${hash}'` });
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * The first is that of the page. Rolldown keeps in it what the page needs at once, also where a later part shares some of that. Each file is a request,
 * and on AWS each request of a first visit may start a function.
 */
async function builtScripts() {
  await using bundle = await rolldown({
    input: { main: `${HERE}main.ts` },
    platform: 'browser',
    transform: { target: TARGET },
    // Also what Rolldown would let pass, as an import of what is not there.
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  const {
    output: [main, ...others],
  } = await bundle.generate({
    ...{ format: 'esm', minify: true, comments: false },
    ...{ entryFileNames: '[name]-[hash].js', chunkFileNames: 'part-[hash].js' },
  });
  return [main, ...others.filter((part) => part.type === 'chunk')] as const;
}

async function builtStyles() {
  const { outputFiles } = await build({
    ...{ absWorkingDir: HERE, entryPoints: ['style/style.css', 'style/preview.css'], outdir: 'out', write: false },
    ...{ entryNames: '[name]-[hash]', bundle: true, minify: true, target: TARGET },
  });
  const of = (name: string) => {
    const { path, text } = outputFiles.find((file) => basename(file.path).startsWith(`${name}-`))!;
    return { path: `/app/${basename(path)}`, text };
  };
  return { style: of('style').text.trim(), preview: of('preview') };
}

/** The licenses of the packages in these scripts. They ask to be passed on with each copy. */
function licensesOf(scripts: readonly OutputChunk[]) {
  const inPackage = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const folders = new Map<string, string>();
  for (const id of scripts.flatMap(({ moduleIds }) => moduleIds)) {
    const [folder, name] = inPackage.exec(id) ?? [];
    if (folder) folders.set(name!, folder);
  }
  const texts = [...folders]
    .sort()
    .map(([name, folder]) => `${name}\n\n${readFileSync(`${folder}LICENSE`, 'utf8').trim()}\n`);
  const text = texts.join(`\n${'-'.repeat(80)}\n\n`);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { path: `/app/licenses-${hash}.txt`, text };
}

const assetOf = (path: string, text: string): BuiltAsset => ({
  type: `${TYPES[extname(path)]}; charset=utf-8`,
  bytes: Buffer.from(text),
});

/** The text of a module with these files. `maker`: what generates it, and from what. */
export function moduleOf(name: string, maker: string, files: Map<string, BuiltAsset>): string {
  const entries = [...files].map(([path, { type, bytes, style }]) => {
    const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    return `  '${path}': { type: '${type}', etag: '"${etag}"', br: '${packed.toString('base64')}'${style ? `, style: "${style}"` : ''} },\n`;
  });
  return `/** Generated by ${maker}. Bodies are brotli, in base64. */
import type { PackedAsset } from './assets.ts';

export const ${name}: Record<string, PackedAsset> = {
${entries.join('')}};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(MODULE, moduleOf('APP_ASSETS', '`npm run build:app` from lib/app', await buildApp()));
