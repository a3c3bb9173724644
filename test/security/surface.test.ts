/**
 * What anybody on the network can reach: the real handler of the api function with the events of a Function URL, and every route of the app.
 * Nothing of localhost is there, every answer has its headers, and no answer tells how we are made.
 */
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startFront } from '../../lib/local/front.ts';
import { installAwsLambda, onPrelude, type Prelude, type StreamingHandler } from '../../lib/local/lambda/streaming.ts';
import { ADMIN, api } from '../http/kit.ts';
import { routesOf } from '../http/routes.ts';

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** A stack, a path of ours, a statement, an address: whatever tells somebody more than the problem does. */
const INSIDES =
  /\bat \S+ \(|\.ts:\d|node_modules|\/lib\/|select |insert |postgres(ql)?:|127\.0\.0\.1|ECONN|ZodError|stack/i;

function expectSafe(headers: Record<string, string>, where: string): void {
  const policy = headers['content-security-policy'] ?? '';
  expect(policy, where).toMatch(/default-src 'none'|default-src 'self'/);
  expect(policy, where).toMatch(/frame-ancestors 'none'/);
  expect(policy, where).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|\*/);
  expect(headers['x-content-type-options'], where).toBe('nosniff');
  expect(headers['x-frame-options'], where).toBe('DENY');
  expect(headers['referrer-policy'], where).toBe('no-referrer');
  expect(headers['strict-transport-security'], where).toMatch(/max-age=\d{7,}/);
  expect(headers['x-powered-by'], where).toBeUndefined();
  expect(
    Object.keys(headers).filter((name) => name.startsWith('access-control-')),
    where,
  ).toEqual([]);
}

const patchOf = (path: string): string => {
  if (path.includes('/sessions/')) return '{"max_iterations":7}';
  return path.includes('/webhooks/') ? '{"events":null}' : '{"name":"x"}';
};

describe('every route of the app', () => {
  it('has its headers, whatever it is asked and however', async () => {
    const { hono, user } = api();
    const keys = [null, 'nonsense', await user('ada'), ADMIN];
    const paths = new Set((await routesOf(hono)).map(({ path }) => path));
    for (const more of ['/', '/docs', '/openapi.json', '/nope', '/v1', '/v1/', '/v1/nope', '/favicon.ico'])
      paths.add(more);
    for (const path of paths) {
      for (const method of METHODS) {
        for (const key of keys) {
          const headers = { origin: 'https://evil.example', ...(key && { authorization: `Bearer ${key}` }) };
          const body = ['POST', 'PUT', 'PATCH'].includes(method) ? '{"goal":' : undefined;
          const answer = await hono.request(path, { method, headers, ...(body && { body }) });
          const said = await answer.text();
          const where = `${method} ${path} with ${key?.slice(0, 3)}`;
          expectSafe(Object.fromEntries(answer.headers), where);
          if (answer.status >= 400) expect(said, where).not.toMatch(INSIDES);
          if (method === 'HEAD') expect(said, where).toBe('');
          // Payments are signed and ask for no key, and are not there without a secret.
          const open = method === 'POST' && path === '/v1/hooks/stripe' ? 404 : 401;
          if (!key && path.startsWith('/v1')) expect(answer.status, where).toBe(open);
        }
      }
    }
  });

  it('says nothing of a fault inside', async () => {
    const broken = () => Promise.reject(new Error('select * from secrets at /lib/x.ts:1'));
    const { hono, user, start } = api();
    const key = await user('ada');
    const id = await start(key);
    const allBroken = (port: object) => Object.fromEntries(Object.keys(port).map((name) => [name, broken])) as never;
    const faulty = api(({ accounts, userSessions, userSchedules, triggers, memories, alerts, transfer, webhooks }) => ({
      ...{ userSchedules: allBroken(userSchedules), triggers: allBroken(triggers), memories: allBroken(memories) },
      ...{ userSessions: allBroken(userSessions), alerts: allBroken(alerts), transfer: allBroken(transfer) },
      webhooks: allBroken(webhooks),
      accounts: {
        ...accounts,
        whoIs: async () => ({ id: 'ada' }) as never,
        budget: broken,
        usage: broken,
        topUp: broken,
        topUps: broken,
        days: broken,
      },
    }));
    const starts = { name: 'x', template: { goal: 'Count the moons.' }, max_cost_microdollars: 1_000_000 };
    const bodies: Record<string, object> = {
      '/v1/sessions': { goal: 'Count the moons.' },
      '/v1/schedules': { ...starts, cron: '@daily', time_zone: 'UTC' },
      '/v1/triggers': starts,
      '/v1/budget/top-ups': { amount_microdollars: 1 },
      '/v1/webhooks': { url: 'https://hooks.example/' },
      [`/v1/sessions/${id}/messages`]: { content: 'Hello.' },
      [`/v1/sessions/${id}/approvals/x1`]: { decision: 'approve' },
    };
    const unharmed: string[] = [];
    for (const { method, path } of await routesOf(hono, { id, trigger: `trg_${'0'.repeat(26)}` })) {
      if (path.startsWith('/v1/admin') || !path.startsWith('/v1')) continue;
      const headers = { authorization: `Bearer ${key}` };
      const answer = await faulty.hono.request(path, {
        ...{ method, headers },
        ...(method === 'POST' && { body: JSON.stringify(bodies[path] ?? {}) }),
        ...(method === 'PATCH' && { body: patchOf(path) }),
      });
      const where = `${method} ${path}`;
      expectSafe(Object.fromEntries(answer.headers), where);
      expect(await answer.text(), where).not.toMatch(/secrets|lib/);
      if (answer.status !== 500) unharmed.push(where);
    }
    // A route that answers before it reaches the fault proves nothing: four ask no port, two want a signature and a whole file.
    expect(unharmed.sort()).toEqual([
      ...['GET /v1/agents', 'GET /v1/me', 'GET /v1/models', 'GET /v1/tools'],
      ...['POST /v1/hooks/stripe', 'POST /v1/sessions/import'],
    ]);
  });
});

describe('the api function as it is deployed', () => {
  const OPERATOR = 'operator-key-of-the-tests';
  let handler: StreamingHandler;
  const printed: string[] = [];
  const loopback = 'http://127.0.0.1:9';
  const variables = {
    ...{ DATABASE_URL: 'postgresql://u:p@127.0.0.1:9/d?sslmode=disable', UPSTASH_REDIS_REST_URL: loopback },
    ...{ QUEUE_URL: `${loopback}/q`, UPSTASH_REDIS_REST_TOKEN: 'x', ADMIN_API_KEY: OPERATOR },
  };
  beforeAll(async () => {
    installAwsLambda();
    vi.spyOn(process.stderr, 'write').mockImplementation((line) => printed.push(String(line)) > 0);
    ({ handler } = (await import('../../functions/api.ts')) as unknown as { handler: StreamingHandler });
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  const eventOf = (method: string, rawPath: string, headers: Record<string, string> = {}, body?: string) => ({
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'abc.lambda-url.us-east-1.on.aws', 'x-forwarded-proto': 'https', ...headers },
    requestContext: {
      domainName: 'abc.lambda-url.us-east-1.on.aws',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'curl' },
      requestId: 'r',
      timeEpoch: 1794297600000,
    },
    ...(body === undefined ? {} : { body, isBase64Encoded: false }),
  });

  async function invoke(...sent: Parameters<typeof eventOf>) {
    const stream = new PassThrough();
    let prelude: Prelude | undefined;
    onPrelude(stream, (given) => {
      prelude = given;
    });
    const context = { getRemainingTimeInMillis: () => 60_000 } as Parameters<StreamingHandler>[2];
    const [body] = await Promise.all([text(stream), handler(eventOf(...sent), stream, context)]);
    return { status: prelude?.statusCode, headers: prelude?.headers ?? {}, body };
  }

  it('that cannot start says so to the operator, and to nobody else', async () => {
    const { status, headers, body } = await invoke('GET', '/v1/budget');
    expect([status, JSON.parse(body).code]).toEqual([503, 'unavailable']);
    expectSafe(headers, 'a world that is not there');
    expect(body).not.toMatch(/DATABASE_URL|ADMIN_API_KEY|missing/);
    expect(printed.join('')).toContain('DATABASE_URL is missing');
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    expect((await invoke('GET', '/healthz')).status).toBe(200);
  });

  it.each([
    ['GET', '/local/clock'],
    ['POST', '/local/clock'],
    ['POST', '/local/clock/'],
    ['POST', '//local/clock'],
    ['POST', '/%6cocal/clock'],
    ['POST', '/v1/../local/clock'],
    ['POST', '/local%2fclock'],
    ['POST', '/LOCAL/clock'],
    ['GET', '/local'],
    ['GET', '/local/'],
  ])('does not have %s %s', async (method, path) => {
    for (const headers of [{}, { authorization: `Bearer ${OPERATOR}` }] as Record<string, string>[]) {
      const body = method === 'POST' ? '{"advance_ms": 1}' : undefined;
      const answer = await invoke(method, path, headers, body);
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([404, 'not_found']);
      expectSafe(answer.headers, path);
    }
  });

  it.each(['TRACE', 'trace', 'TRACK', 'CONNECT', 'FOO BAR', ''])('takes no %j, and echoes nothing', async (method) => {
    const { status, headers, body } = await invoke(method, '/v1/budget', {
      authorization: 'Bearer secret-of-somebody',
    });
    expect(status === 405 || status === 401, String(status)).toBe(true);
    expectSafe(headers, method);
    expect(body).not.toContain('secret-of-somebody');
    expect(JSON.parse(body).code).toMatch(/method_not_allowed|unauthorized/);
  });

  it.each([
    ['/v1/%61dmin/users/ada', 401],
    ['/v1//admin/users/ada', 401],
    ['/v1/admin%2fusers/ada', 401],
    ['//v1/admin/users/ada', 404],
    ['/v1/admin/../admin/users/ada', 401],
    ['/v1/./admin/users/ada', 401],
    ['/V1/admin/users/ada', 404],
    ['/v1/admin/users/ada;x=1', 401],
  ])('lets nobody past the keys by writing the address as %s', async (path, status) => {
    const answer = await invoke('GET', path);
    expect(answer.status).toBe(status);
    expectSafe(answer.headers, path);
  });

  it('answers a fault of the database without a word of it, and without its own key anywhere', async () => {
    const { status, headers, body } = await invoke('GET', '/v1/admin/users/ada', {
      authorization: `Bearer ${OPERATOR}`,
    });
    expect([status, JSON.parse(body).code]).toEqual([500, 'internal_error']);
    expectSafe(headers, 'a fault');
    expect(body).not.toMatch(INSIDES);
    expect(printed.join('')).toContain('request failed');
    expect(printed.join('')).not.toContain(OPERATOR);
  });
});

describe('the clock of localhost', () => {
  it('is moved by programs of this machine, and by no page of another site', async () => {
    let moved = 0;
    const local = async () => ({ moved: ++moved });
    const front = await startFront({ port: 0, handler: async () => {}, local });
    try {
      const { hostname, port } = new URL(front.url);
      const post = (headers: Record<string, string>) =>
        fetch(`${front.url}/local/clock`, { method: 'POST', body: '{"advance_ms":1}', headers });
      expect((await post({})).status).toBe(200);
      expect((await post({ origin: front.url })).status).toBe(200);
      expect(moved).toBe(2);
      const foreign = [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: `http://${hostname}:1` }];
      for (const headers of foreign) {
        const answer = await post(headers);
        expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, 'forbidden']);
      }
      // A name that leads here for a moment, as in DNS rebinding; fetch sets the host itself, so a socket says it.
      const { connect } = await import('node:net');
      const socket = connect(Number(port), hostname);
      socket.write(
        'POST /local/clock HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
      );
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 403/);
      expect(moved).toBe(2);
    } finally {
      await front.close();
    }
  });
});
