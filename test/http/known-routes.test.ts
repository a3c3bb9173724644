/** What no route takes is refused before anything is done: another method, an unknown query parameter, a cursor of no page. */
import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

const setUp = async () => {
  const t = api();
  const key = await t.user('ada');
  const id = await t.start(key);
  return { ...t, key, id };
};

describe('a query parameter that the route does not take', () => {
  it.each([
    [
      '/v1/sessions?limit=1&foo=bar',
      'foo',
      /takes limit, cursor, status, agent, created_after, created_before, metadata\[…\]$/,
    ],
    ['/v1/sessions?agent[a]=b', 'agent[a]', /takes limit, cursor, status, /],
    ['/v1/sessions/ID?fields=id', 'fields', /takes none$/],
    ['/v1/sessions/ID/events?types=agent.text', 'types', /takes after, cursor, limit$/],
    ['/v1/sessions/ID/events/stream?limit=1', 'limit', /takes after$/],
    ['/v1/sessions/ID/messages?order=desc', 'order', /takes limit, cursor$/],
    ['/v1/sessions/ID/files?path=a', 'path', /takes limit, cursor$/],
    ['/v1/sessions/ID/files/plan.md?download=1', 'download', /takes none$/],
    ['/v1/usage?format=csv', 'format', /takes from, to, group_by, limit, cursor, session_id$/],
    ['/v1/budget?at=now', 'at', /takes none$/],
  ])('is refused by name: %s', async (path, name, takes) => {
    const { call, key, id } = await setUp();
    const { status, json } = await call('GET', path.replace('ID', id), { key });
    expect([status, json.code, json.errors]).toEqual([
      422,
      'invalid_request',
      [{ path: name, message: expect.stringMatching(takes) }],
    ]);
  });

  it('is refused of commands and of the operator, too, and changes nothing', async () => {
    const { call, key, id } = await setUp();
    expect((await call('POST', `/v1/sessions/${id}/pause?now=1`, { key })).status).toBe(422);
    expect((await call('GET', `/v1/sessions/${id}`, { key })).json.status).toBe('working');
    expect((await call('GET', '/v1/admin/users/ada?verbose=1', { key: ADMIN })).status).toBe(422);
  });

  it('is nothing to somebody without a key, and nothing at the door of the service', async () => {
    const { call } = await setUp();
    expect((await call('GET', '/v1/sessions?status=sleeping')).status).toBe(401);
    expect((await call('GET', '/healthz?probe=1')).status).toBe(200);
  });
});

it('a path that no route has is not found, whatever the method and the body', async () => {
  const { call, key } = await setUp();
  for (const [method, raw] of [
    ['PUT', 'no json'],
    ['POST', '{"a":'],
    ['PATCH', 'x'.repeat(1_100_000)],
    ['DELETE', undefined],
  ] as const) {
    const answer = await call(method, '/v1/nothing/here', { key, ...(raw !== undefined && { raw }) });
    expect([answer.status, answer.json.code], method).toEqual([404, 'not_found']);
  }
});

describe('a method that the path does not take', () => {
  it.each([
    ['PATCH', '/v1/sessions/ID/files/x.md', 'GET, PUT, DELETE'],
    ['PATCH', '/v1/budget', 'GET'],
    ['POST', '/v1/usage', 'GET'],
  ])('is refused before its body is read: %s %s', async (method, path, allow) => {
    const { call, key, id } = await setUp();
    const answer = await call(method, path.replace('ID', id), { key, raw: 'x' });
    expect([answer.status, answer.json.code, answer.headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
  });
});

describe('a cursor', () => {
  it('of events is the number of the last one, and says the same as `after`', async () => {
    const { call, key, id, complete } = await setUp();
    await complete(id);
    const list = async (query: string) => (await call('GET', `/v1/sessions/${id}/events${query}`, { key })).json;
    const first = await list('?limit=1');
    const second = await list(`?limit=1&cursor=${first.next_cursor}`);
    expect(second.data[0].seq).toBe(first.data[0].seq + 1);
    expect(await list(`?limit=1&after=${first.next_cursor}`)).toEqual(second);
    expect(await list('?after=1&cursor=1')).toMatchObject({ status: 422, errors: [{ path: 'cursor' }] });
  });

  it.each(['/v1/sessions', '/v1/sessions/ID/messages', '/v1/sessions/ID/files', '/v1/budget/alerts', '/v1/usage'])(
    'that no page of %s gave is refused, and not taken for the end of the list',
    async (path) => {
      const { call, key, id } = await setUp();
      const { status, json } = await call('GET', `${path.replace('ID', id)}?cursor=zzz`, { key });
      expect([status, json.errors]).toEqual([
        422,
        [{ path: 'cursor', message: 'Must be a `next_cursor` of this list' }],
      ]);
    },
  );
});

it('a file has the names that the list, the shell of the agent and a user give it', async () => {
  const { call, key, id, complete } = await setUp();
  await complete(id);
  for (const path of ['notes/a%20b.md', '/notes/a%20b.md', 'workspace/notes/a%20b.md', '/workspace/notes/a%20b.md']) {
    expect((await call('GET', `/v1/sessions/${id}/files/${path}`, { key })).text, path).toBe('# Moons');
  }
});

it.each([
  [{}, 'goal: Is required'],
  [{ goal: 7 }, 'goal: Must be a string'],
  [{ goal: 'Go.', max_iterations: 0 }, 'max_iterations: Must be at least 1'],
  [{ goal: 'Go.', daily_share_percent: 101 }, 'daily_share_percent: Must be at most 100'],
  [{ goal: 'Go.', on_end_turn: 'stop' }, 'on_end_turn: Must be one of complete, wait'],
  [{ goal: 'Go.', model_ladder: 'x' }, 'model_ladder: Must be a list'],
])('a field that is wrong is told in plain words: %j', async (body, says) => {
  const { call, key } = await setUp();
  const { status, json } = await call('POST', '/v1/sessions', { key, body });
  expect([status, json.detail]).toEqual([422, expect.stringContaining(`Not valid: ${says}.`)]);
});
