/** Tokens: a real JWKS server on the loopback, real keys, and every forgery that is known to have worked somewhere. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnv } from '../../lib/config/env.ts';
import { jwtVerifier } from '../../lib/http/auth/jwt.ts';
import { ADMIN, api } from '../http/kit.ts';

const ISSUER = 'https://login.example.com/';
const AUDIENCE = 'circadian';
const KID = 'key-1';
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

type Header = Record<string, unknown>;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const SIGNERS: Record<string, (data: string, key: KeyObject) => Buffer> = {
  RS256: (data, key) => sign('sha256', Buffer.from(data), key),
  PS256: (data, key) => sign('sha256', Buffer.from(data), { key, padding: 6, saltLength: 32 }),
};
const tokenOf = (header: Header, payload: object, signature: (data: string) => Buffer | string): string => {
  const data = `${encode(header)}.${encode(payload)}`;
  return `${data}.${Buffer.from(signature(data)).toString('base64url')}`;
};
const seconds = () => Math.floor(Date.now() / 1_000);
const claims = (over: object = {}) => ({
  ...{ iss: ISSUER, aud: AUDIENCE, sub: 'ada', iat: seconds(), exp: seconds() + 300 },
  ...over,
});

describe('the configuration of an identity provider', () => {
  const variables = {
    ...{ DATABASE_URL: 'x', UPSTASH_REDIS_REST_URL: 'https://redis.example', UPSTASH_REDIS_REST_TOKEN: 'x' },
    ...{ QUEUE_URL: 'https://sqs.example/q', ADMIN_API_KEY: 'operator-key-of-the-tests' },
  };
  const whole = {
    ...{ JWT_JWKS_URL: 'https://login.example.com/jwks', JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE },
    JWT_ALGORITHMS: 'RS256, ES256',
  };
  const read = (over: object) => readEnv({ ...variables, ...whole, ...over }, 'api');

  it('is whole or not there', () => {
    expect(read({})).toMatchObject({
      JWT_ALGORITHMS: ['RS256', 'ES256'],
      JWT_USER_CLAIM: 'sub',
      JWT_CLOCK_TOLERANCE: 30,
    });
    expect(readEnv(variables, 'api').JWT_ISSUER).toBeUndefined();
    for (const name of Object.keys(whole))
      expect(() => read({ [name]: '' }), name).toThrow(`${name} is not valid (missing`);
  });

  it.each([
    ['a shared secret', { JWT_ALGORITHMS: 'RS256,HS256' }, /JWT_ALGORITHMS/],
    ['no signature', { JWT_ALGORITHMS: 'none' }, /JWT_ALGORITHMS/],
    ['any algorithm', { JWT_ALGORITHMS: '*' }, /JWT_ALGORITHMS/],
    ['keys that anybody on the way could change', { JWT_JWKS_URL: 'http://login.example.com/jwks' }, /JWT_JWKS_URL/],
    [
      'a host that only looks like this machine',
      { JWT_JWKS_URL: 'http://127.0.0.1.evil.example/jwks' },
      /JWT_JWKS_URL/,
    ],
    ['tokens of an hour ago', { JWT_CLOCK_TOLERANCE: '3600' }, /JWT_CLOCK_TOLERANCE/],
  ])('does not take %s', (_, over, fault) => {
    expect(() => read(over)).toThrow(fault);
  });
});

describe('a token', () => {
  const provider = rsa();
  const stranger = rsa();
  let server: Server;
  let url: string;
  let asked: string[] = [];
  /** Null: silence. */
  let answer: (path: string) => { status: number; body: string; location?: string } | null;
  const jwks = (key: KeyObject, kid = KID) => ({ keys: [{ ...key.export({ format: 'jwk' }), kid, use: 'sig' }] });

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const given = answer(request.url ?? '');
      if (!given) return;
      const { status, body, location } = given;
      response.writeHead(status, { 'content-type': 'application/json', ...(location && { location }) }).end(body);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** An API that trusts the provider, with ada and bob in it. */
  async function trusting(over: Partial<Parameters<typeof jwtVerifier>[0]> = {}) {
    asked = [];
    answer = (path) =>
      path === '/jwks'
        ? { status: 200, body: JSON.stringify(jwks(provider.publicKey)) }
        : { status: 200, body: JSON.stringify(jwks(stranger.publicKey)) };
    const options = { jwksUrl: `${url}/jwks`, issuer: ISSUER, audience: AUDIENCE, algorithms: ['RS256'] };
    const jwt = jwtVerifier({ ...options, timeoutMs: 20_000, cooldownMs: 60_000, ...over });
    const made = api(() => ({ jwt }));
    const bob = await made.user('bob');
    await made.user('ada');
    const ask = (token: string, method = 'GET', path = '/v1/sessions') => made.call(method, path, { key: token });
    return { ...made, ask, bob };
  }

  const good = (over: object = {}, header: Header = {}) =>
    tokenOf({ alg: 'RS256', kid: KID, typ: 'JWT', ...header }, claims(over), (data) =>
      SIGNERS.RS256!(data, provider.privateKey),
    );

  it('of the provider stands for the key of its user, with one look at the provider for many requests', async () => {
    const { ask, start, call, bob } = await trusting();
    const theirs = await start(bob);
    expect((await ask(good())).json.data).toEqual([]);
    const mine = await call('POST', '/v1/sessions', { key: good(), body: { goal: 'Count the moons.' } });
    expect(mine.json.user_id).toBe('ada');
    expect((await ask(good())).json.data).toHaveLength(1);
    expect((await ask(good(), 'GET', `/v1/sessions/${theirs}`)).status).toBe(404);
    expect(asked).toEqual(['/jwks']);
  });

  it('may name the user in another claim, and one of several audiences', async () => {
    const { ask } = await trusting({ userClaim: 'email' });
    expect((await ask(good({ sub: 'x', email: 'bob', aud: ['other', AUDIENCE] }))).status).toBe(200);
    expect((await ask(good())).status).toBe(401);
  });

  it('never makes an operator, whatever it says', async () => {
    const { ask, call } = await trusting();
    const boasting = good({ admin: true, role: 'admin', scope: 'admin', sub: 'ada' });
    for (const path of ['/v1/admin/users/bob', '/v1/admin/users/bob/api-keys', '/v1/admin/health']) {
      expect((await ask(boasting, 'GET', path)).json.code, path).toBe('forbidden');
    }
    expect((await call('GET', '/v1/admin/users/bob', { key: ADMIN })).status).toBe(200);
    expect((await ask(boasting, 'PUT', '/v1/admin/users/ada')).json.code).toBe('forbidden');
  });

  const publicPem = () => provider.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const forged = (header: Header, over: object, key: KeyObject = stranger.privateKey) =>
    tokenOf(header, claims(over), (data) => SIGNERS.RS256!(data, key));
  const forgeries: [string, () => string][] = [
    ['alg none', () => tokenOf({ alg: 'none' }, claims(), () => '')],
    ['alg None, with a kid', () => tokenOf({ alg: 'NoNe', kid: KID }, claims(), () => '')],
    ['no algorithm', () => tokenOf({ kid: KID }, claims(), (data) => SIGNERS.RS256!(data, provider.privateKey))],
    [
      'HS256 with the public key as its secret',
      () =>
        tokenOf({ alg: 'HS256', kid: KID }, claims(), (data) =>
          createHmac('sha256', publicPem()).update(data).digest(),
        ),
    ],
    [
      'HS256 with the key of the JWKS as its secret',
      () =>
        tokenOf({ alg: 'HS256', kid: KID }, claims(), (data) =>
          createHmac('sha256', String(provider.publicKey.export({ format: 'jwk' }).n))
            .update(data)
            .digest(),
        ),
    ],
    [
      'an algorithm of the right key that was not pinned',
      () => tokenOf({ alg: 'PS256', kid: KID }, claims(), (data) => SIGNERS.PS256!(data, provider.privateKey)),
    ],
    ["a stranger's signature", () => forged({ alg: 'RS256', kid: KID }, {})],
    ['an unknown kid', () => forged({ alg: 'RS256', kid: 'key-2' }, {})],
    ['a kid that points elsewhere', () => forged({ alg: 'RS256', kid: `${url}/evil` }, {})],
    ['a kid out of a folder', () => forged({ alg: 'RS256', kid: '../../../../dev/null' }, {})],
    ['a jku that points elsewhere', () => forged({ alg: 'RS256', kid: KID, jku: `${url}/evil` }, {})],
    ['an x5u that points elsewhere', () => forged({ alg: 'RS256', kid: KID, x5u: `${url}/evil` }, {})],
    [
      'a key that it brings along',
      () => forged({ alg: 'RS256', jwk: stranger.publicKey.export({ format: 'jwk' }) }, {}),
    ],
    ['a critical header that nobody knows', () => good({}, { crit: ['b64'], b64: false })],
    ['another issuer', () => good({ iss: 'https://evil.example.com/' })],
    ['an issuer that begins like ours', () => good({ iss: `${ISSUER}x` })],
    ['no issuer', () => good({ iss: undefined })],
    ['another audience', () => good({ aud: 'other' })],
    ['no audience', () => good({ aud: undefined })],
    ['an end that has passed', () => good({ exp: seconds() - 31 })],
    ['no end', () => good({ exp: undefined })],
    ['a start to come', () => good({ nbf: seconds() + 120 })],
    ['no user', () => good({ sub: undefined })],
    ['a user that is no text', () => good({ sub: { toString: 'ada' } })],
    ['a user that is a list', () => good({ sub: ['ada'] })],
    ['a user that nobody knows', () => good({ sub: 'mallory' })],
    ['a user with other characters', () => good({ sub: "ada' or '1'='1" })],
    [
      'claims that were changed after it was signed',
      () => {
        const [header, , signature] = good({ sub: 'bob' }).split('.');
        return [header, encode(claims()), signature].join('.');
      },
    ],
    ['nothing but points', () => '..'],
    ['a million characters', () => `${'a'.repeat(500_000)}.${'b'.repeat(500_000)}.c`],
  ];

  it.each(forgeries)('with %s is refused', async (_, forge) => {
    const { ask, lines } = await trusting();
    const token = forge();
    const { status, json, text } = await ask(token);
    expect([status, json.code]).toEqual([401, 'unauthorized']);
    for (const [method, path] of [
      ['GET', '/v1/budget'],
      ['GET', '/v1/admin/health'],
    ] as const) {
      expect((await ask(token, method, path)).status).toBe(401);
    }
    expect(asked.filter((path) => path !== '/jwks')).toEqual([]);
    for (const part of token.split('.').filter((one) => one.length > 8)) expect(text).not.toContain(part);
    expect(JSON.stringify(lines)).not.toContain(token.slice(0, 40));
  });

  it('is forgiven a clock that differs by less than the tolerance, and no more', async () => {
    const { ask } = await trusting({ clockToleranceSeconds: 30 });
    expect((await ask(good({ exp: seconds() - 10 }))).status).toBe(200);
    expect((await ask(good({ nbf: seconds() + 10 }))).status).toBe(200);
  });

  it('with an unknown kid makes us ask the provider once, not each time', async () => {
    const { ask } = await trusting();
    await ask(good());
    for (let i = 0; i < 20; i++) await ask(forged({ alg: 'RS256', kid: `key-${i}` }, {}));
    expect(asked.length).toBeLessThanOrEqual(2);
  });

  it.each([
    ['answers with an error', () => ({ status: 500, body: 'internal secret of the provider' })],
    ['sends no keys', () => ({ status: 200, body: '{"keys": "secret"}' })],
    ['sends no JSON', () => ({ status: 200, body: '<html>secret' })],
    ['sends us elsewhere', () => ({ status: 302, body: 'secret', location: '/evil' })],
  ])(
    'cannot be checked while the provider %s: 503, without its words, and nothing is let through',
    async (_, broken) => {
      const { ask, bob, call } = await trusting();
      answer = broken;
      const { status, json, text, headers } = await ask(good());
      expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '60']);
      expect(text).not.toMatch(/secret|127\.0\.0\.1|jwks/i);
      expect(asked).toEqual(['/jwks']);
      // Who has an API key does not notice.
      expect((await call('GET', '/v1/budget', { key: bob })).status).toBe(200);
    },
  );

  it('cannot be checked while the provider is silent or gone', async () => {
    for (const jwksUrl of ['http://127.0.0.1:9/jwks', `${url}/jwks`]) {
      const { ask } = await trusting({ jwksUrl, timeoutMs: 100 });
      answer = () => null;
      const { status, text } = await ask(good());
      expect(status).toBe(503);
      expect(text).not.toMatch(/127\.0\.0\.1|ECONN|timeout/i);
    }
  });

  it('makes us wait for a silent provider once for all who come, and not again for a while', async () => {
    let now = 0;
    const { ask, bob, call } = await trusting({ timeoutMs: 100, awayMs: 10_000, elapsed: () => now });
    answer = () => null;
    const forge = (i: number) => ask(forged({ alg: 'RS256', kid: `other-${i}` }, {}));
    const together = await Promise.all(Array.from({ length: 20 }, (_, i) => forge(i)));
    expect(together.map(({ status }) => status)).toEqual(Array(20).fill(503));
    for (let i = 0; i < 20; i++) expect((await forge(i)).status).toBe(503);
    expect(asked).toEqual(['/jwks']);
    expect((await call('GET', '/v1/budget', { key: bob })).status).toBe(200);
    // Whoever kept coming has not put it off.
    now = 10_000;
    answer = () => ({ status: 200, body: JSON.stringify(jwks(provider.publicKey)) });
    expect((await ask(good())).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it('of a known key is good while the provider is silent about unknown ones', async () => {
    const { ask } = await trusting({ timeoutMs: 2_000, cooldownMs: 0, elapsed: () => 0 });
    expect((await ask(good())).status).toBe(200);
    answer = () => null;
    for (let i = 0; i < 5; i++) {
      expect((await ask(forged({ alg: 'RS256', kid: `other-${i}` }, {}))).status).toBe(503);
      expect((await ask(good())).status).toBe(200);
    }
    expect(asked).toHaveLength(2);
  });

  it('is nothing where no provider is configured', async () => {
    const { call, user } = api();
    await user('ada');
    expect((await call('GET', '/v1/budget', { key: good() })).json.code).toBe('unauthorized');
  });
});
