import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { APP_ASSETS } from '../../lib/http/app-assets.ts';
import { api } from './kit.ts';

const files = Object.keys(APP_ASSETS).filter((path) => path !== '/app');
const script = files.find((path) => path.startsWith('/app/main-'))!;

describe('the dashboard', () => {
  it('is one page at all its addresses, without a key, under a policy that lets its own files run and nothing else', async () => {
    const { hono } = api();
    for (const path of ['/app', '/app/', '/app/money', '/app/s/ses_1/files']) {
      const response = await hono.request(path);
      expect([response.status, response.headers.get('content-type')], path).toEqual([200, 'text/html; charset=utf-8']);
      const text = await response.text();
      expect(text).toContain(script);
      const [, style] = /<style>(.*)<\/style>/s.exec(text)!;
      const hash = createHash('sha256').update(style!).digest('base64');
      const policy = response.headers.get('content-security-policy')!.split('; ');
      expect(policy).toEqual(
        expect.arrayContaining([
          ...[
            "default-src 'none'",
            "script-src 'self'",
            `style-src 'self' 'sha256-${hash}'`,
            "connect-src 'self'",
            "base-uri 'none'",
          ],
          ...["form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"],
          'trusted-types preview',
        ]),
      );
      expect(policy.join()).not.toMatch(/unsafe|sandbox/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cache-control')).toBe('no-cache');
    }
  });

  it('has files that are kept for good, and sent as they are kept or unpacked', async () => {
    const { hono } = api();
    for (const path of files) {
      const packed = await hono.request(path, { headers: { 'accept-encoding': 'gzip, br' } });
      expect(packed.headers.get('content-encoding')).toBe('br');
      expect(packed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      const plain = await hono.request(path);
      expect(plain.headers.get('content-encoding')).toBeNull();
      const bytes = Buffer.from(await packed.arrayBuffer());
      expect(brotliDecompressSync(bytes).toString()).toBe(await plain.text());
    }
    expect((await hono.request('/app/main-OF_ANOTHER.js')).status).toBe(404);
    const style = files.find((path) => path.includes('preview'))!;
    const { headers } = await hono.request(style);
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect((await hono.request(script)).headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });

  it('is not sent again where it has not changed', async () => {
    const { hono } = api();
    for (const path of ['/app', script]) {
      const etag = (await hono.request(path)).headers.get('etag')!;
      const again = await hono.request(path, { headers: { 'if-none-match': etag } });
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
      expect((await hono.request(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    }
  });

  it('is where `/` leads a browser; a program is told what there is', async () => {
    const { hono, call } = api();
    const page = await hono.request('/', { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect([page.status, page.headers.get('location')]).toEqual([302, '/app']);
    expect(await call('GET', '/')).toMatchObject({ status: 200, json: { app: '/app', contract: '/openapi.json' } });
  });

  it('leaves every other answer under the policy of data', async () => {
    const { hono } = api();
    for (const path of ['/healthz', '/v1/sessions', '/nowhere', '/apple'])
      expect((await hono.request(path)).headers.get('content-security-policy')).toBe(
        "default-src 'none'; frame-ancestors 'none'; sandbox",
      );
  });
});
