/** What answers say of the limit on requests: the fields of the IETF's draft, where there is something to say. */
import { expect, it } from 'vitest';
import type { Limiter, RateVerdict } from '../../lib/ports/rate-limiter.ts';
import { api } from './kit.ts';

async function limited(request: Limiter['request']) {
  const done = async () => {};
  const free = async (): Promise<RateVerdict> => ({ allowed: true });
  const known = { remember: done, knows: async () => true, forget: done };
  const t = api(() => ({ limiter: { ...known, request, failure: free, enter: free, leave: done } }));
  const key = await t.user('ada');
  const get = (path: string, headers: Record<string, string> = {}) => t.call('GET', path, { key, headers });
  return { ...t, get };
}

it('each answer says how many requests are left, and a refused one when there are more', async () => {
  const window = (remaining: number) => ({ quota: 3, windowMs: 60_000, remaining, resetMs: 1_500 });
  let left = 3;
  const { get } = await limited(async () => {
    left -= 1;
    return left >= 0
      ? { allowed: true, window: window(left) }
      : { allowed: false, retryAfterMs: 1_500, window: window(0) };
  });
  const first = await get('/v1/budget');
  const answers = [
    first,
    await get('/v1/budget', { 'if-none-match': first.headers.get('etag')! }),
    await get('/v1/sessions/none'),
    await get('/v1/budget'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 304, 404, 429]);
  const field = (name: string) => answers.map(({ headers }) => headers.get(name));
  expect(field('ratelimit')).toEqual([2, 1, 0, 0].map((r) => `"requests";r=${r};t=2`));
  expect(field('ratelimit-policy')).toEqual(Array(4).fill('"requests";q=3;w=60'));
  expect(field('retry-after')).toEqual([null, null, null, '2']);
});

it('without a count there is nothing to say, and nobody is refused', async () => {
  for (const request of [
    () => Promise.reject(new Error('away')),
    async (): Promise<RateVerdict> => ({ allowed: true }),
  ]) {
    const { status, headers } = await (await limited(request)).get('/v1/budget');
    expect([status, headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([200, null, null]);
  }
});
