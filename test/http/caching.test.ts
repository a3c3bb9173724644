/** What of an answer may be kept, by whom, and when a kept one is not sent again. */
import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

const ORIGIN = 'https://app.example';

async function setUp() {
  const t = api(() => ({ corsOrigins: [ORIGIN] }));
  const key = await t.user('ada');
  const id = await t.start(key);
  await t.asleep(id);
  const get = (path: string, headers: Record<string, string> = {}) => t.call('GET', path, { key, headers });
  return { ...t, key, id, get };
}

describe('an answer that has not changed', () => {
  it.each([
    '/openapi.json',
    '/v1/budget',
    '/v1/sessions',
    '/v1/sessions/ID',
    '/v1/sessions/ID/live',
    '/v1/sessions/ID/files',
    '/v1/sessions/ID/files/notes/a%20b.md',
  ])('is 304 without a body, and one that has is sent: %s', async (path) => {
    const { get, id } = await setUp();
    const first = await get(path.replace('ID', id));
    const tag = first.headers.get('etag')!;
    expect([first.status, tag]).toEqual([200, expect.stringMatching(/^"([0-9a-f]{40}|[0-9a-f]{64})"$/)]);
    const again = await get(path.replace('ID', id), { 'if-none-match': `"other", ${tag}` });
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', tag]);
    expect(again.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
    expect((await get(path.replace('ID', id), { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('is sent again once it has changed', async () => {
    const { get, key, call, id } = await setUp();
    for (const path of ['/v1/budget', `/v1/sessions/${id}`]) {
      const tag = (await get(path)).headers.get('etag')!;
      const body = { amount_microdollars: 1_000_000, spread: 'today' };
      await call('POST', '/v1/budget/top-ups', { key, body });
      const changed = await get(path, { 'if-none-match': tag });
      expect([changed.status, changed.headers.get('etag') === tag], path).toEqual([200, false]);
    }
  });

  it('is not 304 to another user, whose answer is another, nor where there is nothing', async () => {
    const { get, user, call, id } = await setUp();
    const bob = await user('bob', 42_000_000);
    const tag = (await get('/v1/budget')).headers.get('etag')!;
    const headers = { 'if-none-match': tag };
    expect((await call('GET', '/v1/budget', { key: bob, headers })).status).toBe(200);
    expect((await call('GET', `/v1/sessions/${id}`, { key: bob, headers: { 'if-none-match': '*' } })).status).toBe(404);
    expect((await call('GET', '/v1/budget', { headers })).status).toBe(401);
  });

  it('can be read by the page of another origin, with its age and its name', async () => {
    const { get } = await setUp();
    const first = await get('/v1/budget', { origin: ORIGIN });
    const exposed = first.headers.get('access-control-expose-headers');
    for (const name of ['etag', 'as-of', 'ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'])
      expect(exposed?.toLowerCase()).toContain(name);
    const again = await get('/v1/budget', { origin: ORIGIN, 'if-none-match': first.headers.get('etag')! });
    expect(again.status).toBe(304);
    for (const name of ['access-control-allow-origin', 'access-control-expose-headers', 'vary', 'as-of'])
      expect(again.headers.get(name), name).toBe(first.headers.get(name));
    expect(again.headers.get('x-request-id')).toMatch(/^req_/);
    expect(again.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

it('a page of another origin may ask whether its answer still holds', async () => {
  const { hono } = await setUp();
  const headers = {
    origin: ORIGIN,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'if-none-match',
  };
  const answer = await hono.request('/v1/budget', { method: 'OPTIONS', headers });
  expect(answer.headers.get('access-control-allow-headers')).toContain('if-none-match');
});

it("a user's data is kept by the user's client only, secrets and problems by nobody, the contract by everybody", async () => {
  const { get, call, id } = await setUp();
  const kept = async (answer: ReturnType<typeof get>) => (await answer).headers.get('cache-control');
  for (const path of ['/v1/budget', '/v1/sessions', '/v1/me', '/v1/usage', `/v1/sessions/${id}/messages`])
    expect(await kept(get(path)), path).toBe('private, no-cache');
  expect(await kept(get(`/v1/sessions/${id}/export`))).toBe('no-store');
  expect(await kept(call('POST', '/v1/admin/users/ada/api-keys', { key: ADMIN, body: {} }))).toBe('no-store');
  expect(await kept(get('/v1/sessions/x'))).toBe('no-store');
  expect(await kept(call('GET', '/v1/budget'))).toBe('no-store');
  expect(await kept(get('/openapi.json'))).toBe('public, max-age=300');
});

it('a stream has no tag, since it is never read whole before it is sent', async () => {
  const { get, complete, start, key } = await setUp();
  const id = await start(key);
  await complete(id);
  const { headers, status } = await get(`/v1/sessions/${id}/events/stream`, { 'if-none-match': '*' });
  expect([status, headers.get('etag'), headers.get('cache-control')]).toEqual([200, null, 'no-cache, no-transform']);
});
