/** The documents over HTTP: without a key, kept as long as they may be, and unable to do anything in a browser. */
import { brotliDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { DOCS_ASSETS } from '../../lib/http/docs-assets.ts';
import { api } from './kit.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

it('are read by anybody, as pages and as Markdown, under a policy that runs nothing', async () => {
  const { hono } = api();
  for (const [path, type] of [
    ['/docs', 'text/html; charset=utf-8'],
    ['/docs/errors', 'text/html; charset=utf-8'],
    ['/docs.md', 'text/markdown; charset=utf-8'],
    ['/docs/errors.md', 'text/markdown; charset=utf-8'],
    ['/llms.txt', 'text/plain; charset=utf-8'],
  ] as const) {
    const { status, headers } = await hono.request(path);
    expect([status, headers.get('content-type')], path).toEqual([200, type]);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual([
      type.startsWith('text/html') ? 'no-cache' : 'public, max-age=300',
      'nosniff',
    ]);
  }
  const { status, headers } = await hono.request('/docs/');
  expect([status, headers.get('location')]).toEqual([308, '/docs']);
});

it('are packed for who takes that, and not sent again while they hold', async () => {
  const { hono } = api();
  const style = Object.keys(DOCS_ASSETS).find((path) => path.endsWith('.css'))!;
  for (const path of ['/docs/api', style]) {
    const plain = await hono.request(path);
    const packed = await hono.request(path, { headers: { 'accept-encoding': 'gzip, br' } });
    expect([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')]).toEqual([null, 'br']);
    expect(brotliDecompressSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe(await plain.text());
    expect(plain.headers.get('etag')).toMatch(/^W\//);
    const again = await hono.request(path, { headers: { 'if-none-match': plain.headers.get('etag')! } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  }
  expect((await hono.request(style)).headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

it('say of an unknown page that there is none: a sentence for people, a problem for programs', async () => {
  const { hono, call } = api();
  for (const path of ['/docs/nothing', '/docs/style-OF_ANOTHER.css', '/docs/404', '/docs/constructor']) {
    const page = await hono.request(path, { headers: BROWSER });
    expect([page.status, page.headers.get('content-type')], path).toEqual([404, 'text/html; charset=utf-8']);
    expect([page.headers.get('cache-control'), await page.text()]).toEqual([
      'no-store',
      expect.stringContaining('There is no such page.'),
    ]);
    expect(await call('GET', path)).toMatchObject({ status: 404, json: { code: 'not_found' } });
  }
});
