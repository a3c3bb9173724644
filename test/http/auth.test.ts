import { describe, expect, it } from 'vitest';
import { mintKey, sha256 } from '../../lib/http/auth/api-keys.ts';
import { ADMIN, api } from './kit.ts';
import { routesOf } from './routes.ts';

describe('keys', () => {
  it('are asked for on every route below /v1 that is not signed, before anything else is looked at', async () => {
    const { call, hono } = api();
    const routes = (await routesOf(hono)).filter(({ keyed }) => keyed);
    expect(routes.length).toBeGreaterThan(18);
    for (const { method, path } of routes) {
      for (const key of [null, 'nonsense', mintKey().key, `${mintKey().key.slice(0, -1)}!`]) {
        const answer = await call(method, path, { key, ...(method === 'GET' ? {} : { raw: '{broken' }) });
        expect([answer.status, answer.json.code], `${method} ${path}`).toEqual([401, 'unauthorized']);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      }
    }
  });

  it('of a user open no admin route, and the operator has no sessions', async () => {
    const { call, hono, user } = api();
    const key = await user('ada');
    for (const { method, path, admin, keyed } of await routesOf(hono)) {
      if (!keyed) continue;
      const answer = await call(method, path, { key: admin ? key : ADMIN });
      expect([answer.status, answer.json.code], `${method} ${path}`).toEqual([403, 'forbidden']);
    }
  });

  it('work in any case of the scheme, and not in the query', async () => {
    const { call, user } = api();
    const key = await user('ada');
    expect((await call('GET', '/v1/budget', { headers: { authorization: `bearer  ${key}` } })).status).toBe(200);
    expect((await call('GET', `/v1/budget?key=${key}`)).status).toBe(401);
    expect((await call('GET', '/v1/budget', { headers: { authorization: `Basic ${key}` } })).status).toBe(401);
  });

  it('are not looked up when their checksum is wrong', async () => {
    let lookups = 0;
    const { call } = api(({ accounts }) => ({
      accounts: {
        ...accounts,
        whoIs: (hash) => {
          lookups += 1;
          return accounts.whoIs(hash);
        },
      },
    }));
    const { key } = mintKey();
    await call('GET', '/v1/budget', { key: `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}` });
    expect(lookups).toBe(0);
    await call('GET', '/v1/budget', { key });
    expect(lookups).toBe(1);
  });

  it('are listed for the operator without their secrets', async () => {
    const { call, user } = api();
    const key = await user('ada');
    await call('GET', '/v1/budget', { key });
    const path = '/v1/admin/users/ada/api-keys';
    const { json, text } = await call('GET', path, { key: ADMIN });
    const [id] = key.split('_').slice(1, 2);
    expect(json).toEqual({
      data: [
        {
          ...{ id: `key_${id}`, prefix: `ck_${id}`, name: null, revoked_at: null },
          ...{ created_at: '2026-11-10T08:00:00.000Z', last_used_at: '2026-11-10T08:00:00.000Z' },
        },
      ],
      next_cursor: null,
    });
    expect(text).not.toContain(key.split('_')[2]);
    expect(text).not.toContain(sha256(key));
    expect((await call('GET', '/v1/admin/users/eve/api-keys', { key: ADMIN })).json.code).toBe('not_found');
  });

  it('end when they are revoked', async () => {
    const { call, user } = api();
    await user('ada');
    const { json } = await call('POST', '/v1/admin/users/ada/api-keys', { key: ADMIN, body: { name: 'laptop' } });
    expect((await call('GET', '/v1/budget', { key: json.key })).status).toBe(200);
    const path = `/v1/admin/users/ada/api-keys/${json.id}`;
    expect((await call('DELETE', path, { key: ADMIN })).status).toBe(204);
    expect((await call('GET', '/v1/budget', { key: json.key })).status).toBe(401);
    expect((await call('DELETE', path, { key: ADMIN })).status).toBe(204);
    const others = `/v1/admin/users/bob/api-keys/${json.id}`;
    await user('bob');
    expect((await call('DELETE', others, { key: ADMIN })).json.code).toBe('not_found');
  });
});

describe('what goes wrong inside', () => {
  it('answers 500 without a word of the cause, which the log has', async () => {
    const { call, user, lines } = api(({ accounts }) => ({
      accounts: { ...accounts, budget: () => Promise.reject(new Error('password=hunter2')) },
    }));
    const answer = await call('GET', '/v1/budget', { key: await user('ada') });
    expect([answer.status, answer.json.code]).toEqual([500, 'internal_error']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.text).not.toContain('hunter2');
    const line = lines.find(({ level }) => level === 'error');
    expect(line?.error).toContain('hunter2');
    expect(answer.json.instance).toBe(`urn:circadian:request:${line?.request}`);
  });

  it('never logs a key or an address', async () => {
    const { call, user, lines } = api();
    const key = await user('ada');
    await call('GET', '/v1/sessions/ses_secret?cursor=secret', { key });
    expect(JSON.stringify(lines)).not.toMatch(/secret|ck_/);
    expect(lines.at(-1)).toMatchObject({ message: 'request', method: 'GET', status: 422 });
  });
});
