/** Pages of agents as websites: who may look, for how long, and what the answers let a page do. */
import { describe, expect, it } from 'vitest';
import { previewRight, previewToken } from '../../lib/http/preview-token.ts';
import { free, limiterOf } from '../security/limiter.ts';
import { api } from './kit.ts';

async function previewed(change: Parameters<typeof api>[0] = () => ({})) {
  const made = api(change);
  const key = await made.user('ada');
  const id = await made.start(key);
  await made.rest(id, { state: 'waiting', question: 'Which?' });
  const files = { 'site/index.html': '<h1>Owls</h1>', 'site/style.css': 'h1{}', 'a.exe': 'MZ', 'b.SVG': '<svg/>' };
  for (const [path, raw] of Object.entries(files))
    expect((await made.call('PUT', `/v1/sessions/${id}/files/${path}`, { key, raw })).status).toBe(201);
  const { status, json } = await made.call('POST', `/v1/sessions/${id}/preview`, { key });
  expect(status).toBe(200);
  const look = (path: string, headers: Record<string, string> = {}) => made.hono.request(json.url + path, { headers });
  return { ...made, key, id, url: json.url as string, expires: json.expires_at as string, look };
}

describe('a preview', () => {
  it('needs no key but its address, and gives files by what they are', async () => {
    const { look } = await previewed();
    const types = ['site/index.html', 'site/', 'site', 'site/style.css', 'a.exe', 'b.SVG'].map(async (path) => {
      const answer = await look(path);
      return [answer.status, answer.headers.get('content-type')];
    });
    expect(await Promise.all(types)).toEqual([
      ...Array(3).fill([200, 'text/html; charset=utf-8']),
      [200, 'text/css; charset=utf-8'],
      [200, 'application/octet-stream'],
      [200, 'image/svg+xml'],
    ]);
    expect((await look('nothing.html')).status).toBe(404);
    expect((await look('../../../etc/passwd')).status).toBe(404);
  });

  it('runs in an origin of its own, without a network, in a frame of this origin alone', async () => {
    const { look } = await previewed();
    for (const path of ['site/index.html', 'nothing.html']) {
      const { headers } = await look(path);
      const policy = headers.get('content-security-policy')!.split('; ');
      expect(policy).toEqual(
        expect.arrayContaining([
          ...['sandbox allow-scripts', "default-src 'none'", "connect-src 'none'", "form-action 'none'"],
          ...["base-uri 'none'", "frame-ancestors 'self'"],
        ]),
      );
      expect(policy.join()).not.toMatch(/allow-same-origin|allow-top|allow-popups|https?:|\*/);
      const rest = ['referrer-policy', 'x-content-type-options', 'cache-control', 'x-dns-prefetch-control'];
      expect(rest.map((name) => headers.get(name))).toEqual([
        ...['no-referrer', 'nosniff'],
        path === 'nothing.html' ? 'private, no-store' : 'private, max-age=600',
        'off',
      ]);
    }
    expect((await look('site/index.html', { 'sec-fetch-dest': 'document' })).status).toBe(403);
    expect((await look('site/index.html', { 'sec-fetch-dest': 'iframe' })).status).toBe(200);
  });

  it('is counted for its user, whoever has the address', async () => {
    const asked: string[] = [];
    const request = async (name: string) => {
      asked.push(name);
      return asked.filter((one) => one === 'preview ada').length > 2
        ? { allowed: false as const, retryAfterMs: 900 }
        : free();
    };
    const { look } = await previewed(() => ({ limiter: limiterOf({ request }) }));
    const answers = [];
    for (const path of ['site/', 'site/style.css', 'site/']) answers.push((await look(path)).status);
    expect(answers).toEqual([200, 200, 429]);
  });

  it('ends after ten minutes, and cannot be made up or made longer', async () => {
    const { world, look, url, expires, hono, id, user, call } = await previewed();
    expect(Date.parse(expires) - world.store.real).toBe(10 * 60_000);
    const [, , token = ''] = url.split('/');
    const [text = '', signature] = token.split('.');
    const [owner, session, until] = JSON.parse(Buffer.from(text, 'base64url').toString());
    const forged = (claims: unknown) => `${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
    for (const bad of [
      forged(['eve', session, until]),
      forged([owner, session, until + 1]),
      text,
      `${text}.`,
      '.',
      'x.y',
    ])
      expect((await hono.request(`/preview/${bad}/site/`)).status, bad).toBe(404);
    const eve = await user('eve');
    expect((await call('POST', `/v1/sessions/${id}/preview`, { key: eve })).status).toBe(404);
    world.advance(10 * 60_000);
    expect((await look('site/')).status).toBe(404);
  });

  it('is signed with a secret of the deployment', () => {
    const right = { userId: 'ada', sessionId: 'ses_1', until: 2 };
    const token = previewToken('secret', right);
    expect([
      previewRight('secret', token, 1),
      previewRight('other', token, 1),
      previewRight('secret', token, 2),
    ]).toEqual([right, null, null]);
  });
});
