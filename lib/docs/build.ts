/**
 * `npm run docs`, after the documents that are made from the code: the pages of /docs as one generated module, which the API serves
 * (lib/http/routes/docs.ts). It is committed like that of the dashboard; test/docs/site.test.ts holds it to docs/ and to the contract.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type BuiltAsset, moduleOf } from '../app/build.ts';
import { missingPage, pageOf } from './html.ts';
import { type PageGroup, pageGroups } from './pages.ts';

const STYLES = fileURLToPath(new URL('../app/style/', import.meta.url));
const MODULE = fileURLToPath(new URL('../http/docs-assets.ts', import.meta.url));

/** Path → file: each page, its Markdown below the same path with `.md`, the style, `/llms.txt`, and at `404` what is no page. */
export async function buildDocs(): Promise<Map<string, BuiltAsset>> {
  const list = await pageGroups();
  const [style, css] = await styleOf();
  const first = list[0]!.pages[0]!;
  first.markdown += `\n## All pages\n\n${indexOf(list, 3)}\n`;
  const frame = { groups: list, style };
  const files = new Map<string, BuiltAsset>([[style, css]]);
  for (const page of list.flatMap(({ pages }) => pages)) {
    files.set(page.path, asset('text/html', pageOf(frame, page)));
    files.set(`${page.path}.md`, asset('text/markdown', page.markdown));
  }
  files.set('/llms.txt', asset('text/plain', llms(list)));
  files.set('404', asset('text/html', missingPage(frame)));
  return files;
}

const asset = (type: string, text: string): BuiltAsset => ({
  type: `${type}; charset=utf-8`,
  bytes: Buffer.from(text),
});

async function styleOf(): Promise<[string, BuiltAsset]> {
  const { outputFiles } = await build({
    absWorkingDir: STYLES,
    entryPoints: ['docs.css'],
    entryNames: 'style-[hash]',
    outdir: 'out',
    bundle: true,
    minify: true,
    write: false,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    legalComments: 'none',
  });
  const { path, text } = outputFiles[0]!;
  return [`/docs/${basename(path)}`, asset('text/css', text)];
}

const indexOf = (list: PageGroup[], depth: number): string =>
  list
    .map(({ title, pages }) =>
      [`${'#'.repeat(depth)} ${title}\n`, ...pages.map((one) => `- [${one.title}](${one.path}.md): ${one.about}`)].join(
        '\n',
      ),
    )
    .join('\n\n');

/** For agents: what there is to read, in the form of llmstxt.org. */
const llms = (list: PageGroup[]): string => `# Circadian

> Autonomous Claude agents that work for days on one budget, and sleep when the day's share is spent. This deployment serves the API that is described here.

Each page is Markdown here, and HTML without \`.md\`. The contract is OpenAPI 3.1 at [/openapi.json](/openapi.json), and \`/mcp\` is an MCP server.

${indexOf(list, 2)}
`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(MODULE, moduleOf('DOCS_ASSETS', '`npm run docs` from docs and the contract', await buildDocs()));
