/** Behind a domain of one's own: who may ask the API directly, and whose address counts. */
import { describe, expect, it } from 'vitest';
import { mintKey } from '../../lib/http/auth/api-keys.ts';
import { FRONT_HEADERS } from '../../lib/http/front-headers.ts';
import { ADMIN, api } from '../http/kit.ts';
import { limiterOf } from './limiter.ts';

const SECRET = 'a-secret-of-cloudfront-and-the-api';
const CLOUDFRONT = '203.0.113.7';

/** `counted`: the addresses at which a failed key was counted. */
const fronted = (frontSecret: string | undefined) => {
  const counted: string[] = [];
  const failure = async (place: string) => {
    counted.push(place);
    return { allowed: true } as const;
  };
  const made = api(() => ({ frontSecret, limiter: limiterOf({ failure }) }));
  const ask = async (path: string, headers: Record<string, string>, init: RequestInit = {}) => {
    const env = { requestContext: { http: { sourceIp: CLOUDFRONT } } };
    const answer = await made.hono.request(path, { ...init, headers }, env);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  /** A user's key, made by the operator through the front. */
  const keyOf = async (user: string) => {
    const headers = {
      authorization: `Bearer ${ADMIN}`,
      'content-type': 'application/json',
      ...through('198.51.100.9'),
    };
    const plan = { tier: 'economy', subscription_budget_microdollars: 30_000_000, subscription_renewal_date: null };
    await ask(`/v1/admin/users/${user}`, headers, { method: 'PUT', body: JSON.stringify(plan) });
    const { text } = await ask(`/v1/admin/users/${user}/api-keys`, headers, { method: 'POST', body: '{}' });
    return { authorization: `Bearer ${JSON.parse(text).key}` };
  };
  return { ask, keyOf, counted };
};
const through = (address: string) => ({ [FRONT_HEADERS.secret]: SECRET, [FRONT_HEADERS.address]: address });
const invented = () => ({ authorization: `Bearer ${mintKey().key}` });

describe('an API behind CloudFront', () => {
  it.each([
    ['GET', '/healthz'],
    ['GET', '/openapi.json'],
    ['GET', '/v1/sessions'],
    ['GET', '/v1/admin/health'],
    ['POST', '/v1/hooks/stripe'],
    ['OPTIONS', '/v1/sessions'],
    ['GET', '/nothing'],
  ])('refuses %s %s around it, with a wrong secret and with a right key', async (method, path) => {
    const { ask, keyOf } = fronted(SECRET);
    const key = await keyOf('ada');
    for (const headers of [{}, key, { ...key, ...through('198.51.100.1'), [FRONT_HEADERS.secret]: `${SECRET}x` }]) {
      const { status, text, headers: given } = await ask(path, headers, { method });
      expect(status).toBe(403);
      expect(JSON.parse(text)).toMatchObject({
        code: 'forbidden',
        detail: expect.stringContaining('Nothing was done'),
      });
      expect(text).not.toContain(SECRET);
      expect(given.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('answers what comes through it', async () => {
    const { ask, keyOf } = fronted(SECRET);
    const key = await keyOf('ada');
    expect((await ask('/v1/sessions', { ...key, ...through('198.51.100.1') })).status).toBe(200);
    expect((await ask('/healthz', through('198.51.100.1'))).status).toBe(200);
  });

  it('counts failed keys by the client’s address, not by CloudFront’s and not by what a client says', async () => {
    const { ask, counted } = fronted(SECRET);
    await ask('/v1/sessions', { ...invented(), ...through('198.51.100.1'), 'x-forwarded-for': '192.0.2.1' });
    await ask('/v1/sessions', { ...invented(), ...through('2001:db8::1') });
    expect(counted).toEqual(['key 198.51.100.1', 'key 2001:db8:0:0::']);
  });
});

it('an API without a front believes no header about addresses', async () => {
  const { ask, counted } = fronted(undefined);
  expect((await ask('/v1/sessions', { ...invented(), ...through('198.51.100.1') })).status).toBe(401);
  expect(counted).toEqual([`key ${CLOUDFRONT}`]);
});
