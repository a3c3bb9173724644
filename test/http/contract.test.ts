import { describe, expect, it } from 'vitest';
import { FIELDS, FIELDS_OF } from '../../lib/http/contract-words.ts';
import { CODES } from '../../lib/problem.ts';
import { ADMIN, api } from './kit.ts';
import { routesOf } from './routes.ts';

describe('/openapi.json', () => {
  it('describes each route that the app has, and no other', async () => {
    const { hono } = api();
    const served = hono.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/' && path !== '/openapi.json')
      // Of browsers and readers: the dashboard, frames in it, and the documents.
      .filter(({ path }) => !/^\/((app|preview|docs)(\/|\.md$|$)|llms\.txt$)/.test(path))
      .map(({ method, path }) => {
        const plain = path.replace(/:path\{.+\}/, ':path').replace(/:archive\{.+\}/, 'files;archive');
        return `${method} ${plain.replace(/:(\w+)/g, '{$1}').replace(';', ':')}`;
      });
    const described = (await routesOf(hono)).map(({ method, template }) => `${method} ${template}`);
    expect([...described].sort()).toEqual([...new Set(served)].sort());
  });

  it('has every path that the documents name', async () => {
    const { hono } = api();
    const described = (await routesOf(hono)).map(({ method, template }) => `${method} ${template}`);
    const session = '/v1/sessions/{id}';
    expect(described).toEqual(
      expect.arrayContaining([
        'PUT /v1/admin/users/{user_id}',
        'POST /v1/admin/users/{user_id}/api-keys',
        'DELETE /v1/admin/users/{user_id}/api-keys/{key_id}',
        'POST /v1/sessions',
        'GET /v1/sessions',
        ...['GET', 'DELETE'].map((method) => `${method} ${session}`),
        ...['live', 'messages', 'events', 'events/stream', 'files', 'files/{path}'].map(
          (noun) => `GET ${session}/${noun}`,
        ),
        ...['messages', 'wake', 'pause', 'resume', 'cancel'].map((verb) => `POST ${session}/${verb}`),
        'GET /v1/budget',
        'POST /v1/budget/top-ups',
        'GET /v1/usage',
        'GET /healthz',
      ]),
    );
  });

  it('is complete: ids, security, success and problems for each, and every code is known', async () => {
    const { hono, call } = api();
    const { json } = await call('GET', '/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    expect(Object.keys(json.components.securitySchemes).sort()).toEqual([
      ...['AdminKey', 'StripeSignature', 'TriggerSignature', 'UserKey'],
    ]);
    expect(json.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(CODES));
    const ids = new Set<string>();
    for (const { method, template, admin, keyed } of await routesOf(hono)) {
      const operation = json.paths[template][method.toLowerCase()];
      ids.add(operation.operationId);
      const statuses = Object.keys(operation.responses);
      if (!keyed) continue;
      const good = statuses.filter((status) => status.startsWith('2'));
      const puts = ['putFile', 'putMemoryEntry'].includes(operation.operationId);
      expect(good, template).toEqual(puts ? ['200', '201'] : [expect.any(String)]);
      expect(operation.security, template).toEqual([{ [admin ? 'AdminKey' : 'UserKey']: [] }]);
      expect(statuses, template).toEqual(expect.arrayContaining(['401', '403', '429', '500']));
      const names = (operation.parameters ?? [])
        .filter((p: { in: string }) => p.in === 'path')
        .map((p: { name: string }) => p.name);
      expect(names, template).toEqual([...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
    expect(ids.size).toBe((await routesOf(hono)).length);
  });

  it('says of each field and each event what it means, and has no word to spare', async () => {
    type Shape = {
      $ref?: string;
      description?: string;
      properties?: Record<string, Shape>;
      items?: Shape;
      allOf?: Shape[];
    };
    const { call } = api();
    const { json } = await call('GET', '/openapi.json');
    const missing: string[] = [];
    const said = new Set<string>();
    const look = (path: string, shape: Shape): void => {
      for (const part of [...(shape.allOf ?? []), ...(shape.items ? [shape.items] : [])]) look(path, part);
      for (const [name, field] of Object.entries(shape.properties ?? {})) {
        said.add(`${name}: ${field.description}`).add(`${path}.${name}: ${field.description}`);
        if (!field.description && !field.$ref && !field.allOf) missing.push(`${path}.${name}`);
        look(`${path}.${name}`, field);
      }
    };
    const schemas = Object.entries<Shape>(json.components.schemas);
    for (const [name, schema] of schemas) look(name, schema);
    expect(missing).toEqual([]);
    expect(schemas.filter(([name, { description }]) => /Event$/.test(name) && !description)).toEqual([]);
    const words = Object.entries({ ...FIELDS, ...FIELDS_OF }).map(([name, meaning]) => `${name}: ${meaning}`);
    expect(words.filter((word) => !said.has(word))).toEqual([]);
  });
});

describe('what is not there', () => {
  it('is a problem, without a key outside /v1 and with one inside', async () => {
    const { call, user } = api();
    const key = await user('ada');
    for (const path of ['/nope', '/v2/sessions', '/healthz/']) {
      expect((await call('GET', path)).json.code, path).toBe('not_found');
    }
    const answer = await call('GET', '/v1/nope', { key });
    expect([answer.status, answer.json.code]).toEqual([404, 'not_found']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ status: 404, type: '/docs/errors#not_found', title: 'Not found' });
  });

  it('by its method is told what the path takes', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const answer = await call('PUT', '/v1/sessions/x1', { key, body: {} });
    expect([answer.status, answer.json.code]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.get('allow')).toBe('GET, DELETE, PATCH');
    expect((await call('DELETE', '/v1/sessions', { key })).headers.get('allow')).toBe('POST, GET');
    expect((await call('POST', '/v1/sessions/x1/files/a/b.md', { key })).headers.get('allow')).toBe('GET, PUT, DELETE');
    expect((await call('PUT', '/v1/admin/users/ada/api-keys', { key: ADMIN, body: {} })).headers.get('allow')).toBe(
      'POST, GET',
    );
  });
});

describe('health', () => {
  it('says when work is overdue, by what the recovery cron last saw, and asks the live view seldom', async () => {
    let asked = 0;
    const { call, world } = api(({ live }) => {
      const overdue = (now: number) => {
        asked += 1;
        return live.overdue(now);
      };
      return { live: { ...live, overdue } };
    });
    const look = async (overdueMs: number) =>
      world.live.nextDue(null, { at: Date.now() + asked, now: Date.now(), overdueMs });
    await look(400_000);
    const first = (await call('GET', '/healthz')).json;
    expect(first).toEqual({ status: 'degraded', overdue_seconds: expect.any(Number) });
    expect(first.overdue_seconds).toBeGreaterThanOrEqual(399);
    for (let n = 0; n < 5; n++) await call('GET', '/healthz');
    expect(asked).toBe(1);
  });

  it('is well while nothing is overdue for longer than recovery takes', async () => {
    const { call, world } = api();
    await world.live.nextDue(null, { at: Date.now(), now: Date.now(), overdueMs: 60_000 });
    expect((await call('GET', '/healthz')).json).toEqual({ status: 'ok' });
  });

  it('needs no key and asks nobody', async () => {
    const broken = () => Promise.reject(new Error('asked'));
    const { call } = api(({ accounts, live }) => ({
      accounts: { ...accounts, whoIs: broken },
      live: { ...live, watch: broken },
    }));
    expect((await call('GET', '/healthz')).json).toEqual({ status: 'ok' });
    const deep = await call('GET', '/v1/admin/health', { key: ADMIN });
    expect([deep.status, deep.json.code]).toEqual([503, 'unavailable']);
    expect(deep.json.detail).toContain('postgres and live view');
  });

  it('is well, deep down, when Postgres and the live view answer', async () => {
    expect((await api().call('GET', '/v1/admin/health', { key: ADMIN })).json).toEqual({ status: 'ok' });
  });
});

describe('an answer of 503', () => {
  it('says when another try makes sense', async () => {
    const { call, user } = api(({ live, userSchedules }) => ({
      live: { ...live, watch: async () => Promise.reject(new Error('away')) },
      userSchedules: { ...userSchedules, change: async () => 'moved' as const },
    }));
    const key = await user('ada');
    const wanted = {
      name: 'x',
      cron: '@daily',
      time_zone: 'UTC',
      template: { goal: 'x' },
      max_cost_microdollars: 1_000,
    };
    const { json } = await call('POST', '/v1/schedules', { key, body: wanted });
    const answers = [
      await call('GET', '/v1/admin/health', { key: ADMIN }),
      await call('PATCH', `/v1/schedules/${json.id}`, { key, body: { name: 'y' } }),
    ];
    expect(answers.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [503, '60'],
      [503, '1'],
    ]);
  });
});

describe('every answer', () => {
  it('carries security headers, a name for the log, and no CORS', async () => {
    const { call } = api();
    for (const path of ['/healthz', '/nope', '/v1/budget']) {
      const { headers } = await call('GET', path, { headers: { origin: 'https://elsewhere.example' } });
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('strict-transport-security'), path).toBeTruthy();
      expect(headers.get('x-request-id'), path).toMatch(/^req_/);
      expect(headers.get('access-control-allow-origin'), path).toBeNull();
    }
    expect((await call('OPTIONS', '/v1/budget')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets web pages of the origins that the operator names call the API, and no others', async () => {
    const { call, user } = api(() => ({ corsOrigins: ['https://app.example', 'http://localhost:5173'] }));
    const key = await user('ada');
    const asked = (origin: string) =>
      call('OPTIONS', '/v1/sessions', {
        headers: {
          ...{ origin, 'access-control-request-method': 'POST' },
          'access-control-request-headers': 'authorization,idempotency-key',
        },
      });
    const { status, headers } = await asked('http://localhost:5173');
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, 'http://localhost:5173']);
    expect(headers.get('access-control-allow-headers')).toContain('idempotency-key');
    expect(headers.get('access-control-allow-methods')).toContain('PUT');
    expect((await asked('https://other.example')).headers.get('access-control-allow-origin')).toBeNull();
    const read = await call('GET', '/v1/budget', { key, headers: { origin: 'https://app.example' } });
    expect([read.status, read.headers.get('access-control-allow-origin')]).toEqual([200, 'https://app.example']);
    expect(read.headers.get('access-control-expose-headers')).toContain('as-of');
    expect((await call('GET', '/v1/budget', { headers: { origin: 'https://app.example' } })).status).toBe(401);
    const open = api(() => ({ corsOrigins: ['*'] }));
    const anyone = await open.call('GET', '/healthz', { headers: { origin: 'https://x.example' } });
    expect(anyone.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('at / says where to look', async () => {
    expect((await api().call('GET', '/')).json.contract).toBe('/openapi.json');
  });
});
