/** The pages of /docs: made from what there is now, complete, and leading nowhere wrong. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../lib/docs/api.ts';
import { buildDocs } from '../../lib/docs/build.ts';
import { contractDocument } from '../../lib/docs/contract.ts';
import { curl } from '../../lib/docs/curl.ts';
import { rendered } from '../../lib/docs/html.ts';
import { linked } from '../../lib/docs/links.ts';
import { DOCS_ASSETS } from '../../lib/http/docs-assets.ts';
import { CODES } from '../../lib/problem.ts';
import { ADMIN, api } from '../http/kit.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = new Map(
  [...(await buildDocs())].map(([path, { type, bytes }]) => [path, { type, text: Buffer.from(bytes).toString() }]),
);
const contract = await contractDocument();
const pages = [...files].filter(([path]) => files.has(`${path}.md`));
const anchorsIn = (html: string): string[] => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);

/** For who works on the code, or has not decided yet. */
const NOT_SERVED = ['comparison', 'evidence', 'from-python'];

describe('the pages of /docs', () => {
  it('are those of the sources: `npm run docs` was run', () => {
    const committed = Object.entries(DOCS_ASSETS).map(([path, { type, br }]) => [
      path,
      { type, text: brotliDecompressSync(Buffer.from(br, 'base64')).toString() },
    ]);
    expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(files));
  });

  it('have every document for users, and are listed for agents', () => {
    const documents = readdirSync(`${root}docs`).flatMap((name) => /^(.+)\.md$/.exec(name)?.[1] ?? []);
    const served = ['start', ...pages.map(([path]) => path.replace(/^\/docs\/?/, ''))];
    expect(documents.filter((name) => !served.includes(name))).toEqual(NOT_SERVED);
    const listed = [...files.get('/llms.txt')!.text.matchAll(/^- \[.+\]\((\S+)\): .+\.$/gm)].map(([, path]) => path);
    expect(listed).toEqual(pages.map(([path]) => `${path}.md`));
  });

  it('link to pages and headings that are there, in both forms', () => {
    const anchors = new Map(pages.map(([path, { text }]) => [path, anchorsIn(text)]));
    for (const [path, { type, text }] of files) {
      const isPage = type.startsWith('text/html');
      const links = isPage ? text.matchAll(/href="([^"]+)"/g) : text.matchAll(/\]\((\S+?)\)/g);
      for (const [, link] of type.startsWith('text/css') ? [] : links) {
        if (/^https:|^data:,$|^\/(app|openapi\.json)$/.test(link!)) continue;
        const [to, anchor] = link!.split('#') as [string, string?];
        expect(to === '' || files.has(to), `${path} links to ${link}`).toBe(true);
        const page = (to || path).replace(/\.md$/, '');
        if (anchor && !['main', 'pages'].includes(anchor))
          expect(anchors.get(page), `${path} links to ${link}`).toContain(anchor);
      }
    }
  });

  it('run nothing, style nothing in place and load nothing from elsewhere', () => {
    for (const [path, { text }] of pages)
      expect(text, path).not.toMatch(
        /<script|<[^>]+ (on\w+|style|src)=|<(img|iframe|form)\b|href="(?!https:|\/|#|data:,")/,
      );
    expect(files.get([...files.keys()].find((path) => path.endsWith('.css'))!)!.text).not.toMatch(/url\(|@import/);
  });

  it('name each part that scrolls, once on a page, and keep the link to a heading out of its name', () => {
    for (const [path, { text }] of pages) {
      const scrollers = [...text.matchAll(/<(?:pre|div)[^>]* tabindex="0"[^>]*>/g)].map(([tag]) => tag);
      const names = scrollers.map((tag) => / role="region" aria-label="((?:Example|Table) \d+: .+)"/.exec(tag)?.[1]);
      expect(names, path).not.toContain(undefined);
      expect(new Set(names).size, path).toBe(names.length);
      expect(text, path).not.toMatch(/<h\d[^>]*>(?:(?!<\/h\d>).)*class="here"/);
    }
  });

  it('take markup in a document for text, and keep links of the repository out', () => {
    expect(rendered('<b>x</b> `<i>` & <script>\n').body).not.toMatch(/<(b|i|script)>/);
    expect(
      linked(
        '[a](money.md#b) [c](../lib/x.ts) [d](start.md) [f](other.md#g)\n```\n[e](../f.md)\n```',
        new Set(['money', 'start']),
      ),
    ).toBe('[a](/docs/money.md#b) c [d](/docs.md) f\n```\n[e](../f.md)\n```');
  });
});

describe('/docs/errors', () => {
  it('says of every code, also those of localhost, its status and what it means', () => {
    const { text } = files.get('/docs/errors.md')!;
    const said = [...text.matchAll(/^### (\w+)\n\n(\d{3}): (.+?)\. \S/gm)].map(([, code, status, title]) => [
      code,
      Number(status),
      title,
    ]);
    const local = readdirSync(`${root}lib/local`)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [
        ...readFileSync(`${root}lib/local/${name}`, 'utf8').matchAll(
          /new LocalProblem\(\s*(\d+),\s*'(\w+)',\s*'([^']+)'/g,
        ),
      ])
      .map(([, status, code, title]) => [code, Number(status), title]);
    expect(local.length).toBeGreaterThan(0);
    const all = [...Object.entries(CODES).map(([code, [status, title]]) => [code, status, title]), ...local];
    expect(said.map(String).sort()).toEqual(all.map(String).sort());
  });

  it('is where the `type` of a problem leads', async () => {
    const { call } = api();
    const { type } = (await call('GET', '/v1/sessions')).json;
    expect(type).toBe('/docs/errors#unauthorized');
    const { pathname, hash } = new URL(type, 'https://circadian.example');
    expect(anchorsIn((await call('GET', pathname)).text)).toContain(hash.slice(1));
  });
});

describe('/docs/api', () => {
  const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

  it('has every operation', () => {
    const { text } = files.get('/docs/api.md')!;
    const headings = [...text.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading!);
    expect(headings.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('is not made of a security scheme that it does not know', () => {
    const [{ operation }] = operations as [(typeof operations)[number]];
    const signed = { ...operation, security: [{ OtherSignature: [] }] };
    expect(() => curl(contract, 'POST', '/x', signed)).toThrow('OtherSignature is a security scheme');
    expect(() => keyOf('OtherSignature')).toThrow('OtherSignature is a security scheme');
  });

  it('shows calls that the API understands', async () => {
    const { call, user } = api();
    const key = await user('ada');
    for (const { method, path, operation } of operations) {
      const command = curl(contract, method, path, operation).replaceAll(/ \\\n\s+/g, ' ');
      const [, address, rest] = /^curl -sN?(?: -X [A-Z]+)? "\$URL(\S+)"(.*)$/.exec(command)!;
      const named = / -X ([A-Z]+) /.exec(command)?.[1];
      const body = / -d '(.*)'$/.exec(rest!)?.[1]?.replaceAll("'\\''", "'");
      const sent = named ?? (/ -d | --data/.test(command) ? 'POST' : 'GET');
      expect(sent, command).toBe(method);
      // Streams go on; signatures and archives are of their own tests.
      if (/-sN|HMAC|--data-binary/.test(command)) continue;
      const bearer = { $KEY: key, $ADMIN_KEY: ADMIN }[/Bearer (\$\w+)/.exec(command)?.[1] ?? ''] ?? null;
      const headers = Object.fromEntries(
        [...rest!.matchAll(/-H "([\w-]+): ([^"$]+)"/g)].map(([, name, value]) => [name!, value!]),
      );
      const answer = await call(method, address!.replaceAll(/\$[A-Z_]+/g, 'x1'), {
        key: bearer,
        headers,
        ...(body && { raw: body }),
      });
      const { code, detail } = answer.status >= 400 ? answer.json : { code: 'ok', detail: '' };
      expect(['ok', 'not_found', 'unknown_model'], `${command}: ${answer.status} ${detail}`).toContain(code);
    }
  });
});
