import { describe, expect, it, vi } from 'vitest';
import { CircadianError, createClient, dollars } from '../../client/index.ts';
import { all, served } from './kit.ts';

const busy = (status: number, headers: Record<string, string> = { 'retry-after': '0' }) =>
  Response.json({ code: status === 429 ? 'rate_limited' : 'unavailable', detail: 'Later.' }, { status, headers });

type Operation = { parameters?: { name?: string }[] };

describe('the client', () => {
  it('starts a session, tells it something, and shows the money', async () => {
    const { client } = await served();
    const session = await client.sessions.create({ goal: 'Count the moons.', max_cost_microdollars: 5_000_000 });
    expect(session).toMatchObject({ goal: 'Count the moons.', status: 'working', max_cost_microdollars: 5_000_000 });
    expect((await client.sessions.say(session.id, 'Of Jupiter alone.')).id).toBe(session.id);
    expect((await client.sessions.pause(session.id)).status).toBe('paused');
    expect((await client.sessions.update(session.id, { metadata: { team: 'red' } })).metadata).toEqual({ team: 'red' });
    expect(await client.budget.get()).toMatchObject({ daily_budget_microdollars: 1_000_000 });
    expect(await client.budget.topUp(2_000_000, { spread: 'today' })).toMatchObject({
      remaining_microdollars: 3_000_000,
    });
    expect(await all(client.budget.topUps())).toMatchObject([{ amount_microdollars: 2_000_000, spread: 'today' }]);
    expect(await all(client.usage({ group_by: 'session' }))).toEqual([]);
    expect(await client.me()).toMatchObject({ id: 'ada' });
    await client.sessions.delete(session.id);
    await expect(client.sessions.get(session.id)).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  it('goes through all pages of a list', async () => {
    const { client, sent } = await served();
    const ids = [];
    for (let n = 0; n < 5; n++) ids.unshift((await client.sessions.create({ goal: `Goal ${n}` })).id);
    sent.length = 0;
    expect((await all(client.sessions.list({ limit: 2 }))).map(({ id }) => id)).toEqual(ids);
    expect(sent.map(({ path }) => path.replace(/cursor=.*/, 'cursor=…'))).toEqual([
      '/v1/sessions?limit=2',
      '/v1/sessions?limit=2&cursor=…',
      '/v1/sessions?limit=2&cursor=…',
    ]);
    for await (const { id } of client.sessions.list({ limit: 2 })) if (id === ids[1]) break;
    expect(sent).toHaveLength(4);
    expect(await all(client.sessions.list({ status: ['completed', 'failed'] }))).toEqual([]);
  });

  it('writes and reads files by any of their names', async () => {
    const { client } = await served();
    const { id } = await client.sessions.create({ goal: 'Go.' });
    const bytes = new Uint8Array([0, 255, 10]);
    await client.files.put(id, '/notes/a b.bin', bytes);
    await client.files.put(id, 'notes/ü.md', '# Moons');
    expect((await all(client.files.list(id))).map(({ path }) => path)).toEqual(['/notes/a b.bin', '/notes/ü.md']);
    expect(await client.files.bytes(id, 'notes/a b.bin')).toEqual(bytes);
    expect(await client.files.text(id, '/notes/ü.md')).toBe('# Moons');
    await client.files.put(id, 'empty', '');
    expect(await client.files.text(id, 'empty')).toBe('');
    expect(await client.files.bytes(id, 'empty')).toEqual(new Uint8Array());
    await client.files.delete(id, '/notes/ü.md');
    await expect(client.files.put(id, 'notes/a b.bin', 'x', { ifNoneMatch: '*' })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });

  it('has what it has no name for as the contract has it', async () => {
    const { client } = await served();
    const { data, error } = await client.api.GET('/v1/sessions/{id}', { params: { path: { id: 'ses_none' } } });
    expect([data, error?.code]).toEqual([undefined, 'not_found']);
  });

  it('says what was refused, and by which request', async () => {
    const { client } = await served();
    const refused = await client.sessions.create({ goal: 'Go.', model: 'gpt' }).catch((error) => error);
    expect(refused).toBeInstanceOf(CircadianError);
    expect(refused).toMatchObject({ code: 'unknown_model', status: 422, requestId: expect.stringMatching(/^req_/) });
    expect(refused.message).toBe(refused.detail);
    const invalid = await client.sessions.create({ goal: '' }).catch((error) => error);
    expect(invalid.errors).toEqual([{ path: 'goal', message: expect.any(String) }]);
  });
});

describe('a change is tried again', () => {
  it.each([429, 502, 503, 504])('after %i, with the same key', async (status) => {
    const { client, sent } = await served({}, (_, { length }) => (length < 3 ? busy(status) : null));
    await client.sessions.create({ goal: 'Go.' });
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
    expect(sent[0]!.key).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('after a lost answer, and is made once', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(-0.999);
    const { client, sent } = await served({}, async (request, { length }) => {
      if (length > 1) return null;
      await fetch(request);
      throw new TypeError('fetch failed');
    });
    const { id } = await client.sessions.create({ goal: 'Go.' });
    expect(sent).toHaveLength(2);
    expect((await all(client.sessions.list())).map((session) => session.id)).toEqual([id]);
    vi.restoreAllMocks();
  });

  it('and a deletion whose answer was lost has been made', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(-0.999);
    const { client, sent } = await served({}, async (request, { length }) => {
      if (request.method !== 'DELETE' || length > 2) return null;
      await fetch(request);
      throw new TypeError('fetch failed');
    });
    await client.sessions.delete((await client.sessions.create({ goal: 'Go.' })).id);
    expect(sent).toHaveLength(3);
    await expect(client.sessions.delete('ses_none')).rejects.toMatchObject({ code: 'not_found' });
    vi.restoreAllMocks();
  });

  it('wherever the contract has a key for it', async () => {
    const { client, sent, t } = await served({ retries: 1 }, () => busy(503));
    const { paths } = (await t.call('GET', '/openapi.json')).json as { paths: Record<string, { post?: Operation }> };
    const keyed = Object.entries(paths).filter(([, { post }]) =>
      post?.parameters?.some(({ name }) => name === 'Idempotency-Key'),
    );
    expect(keyed.length).toBeGreaterThan(10);
    for (const [path] of keyed) {
      sent.length = 0;
      await client.api.POST(path as never, {} as never);
      expect([path, sent.length, sent[0]?.key]).toEqual([path, 2, sent[1]?.key ?? 'none']);
    }
  });

  it('with the key of the caller', async () => {
    const { client, sent } = await served();
    const options = { idempotencyKey: 'my-own' };
    const first = await client.sessions.create({ goal: 'Go.' }, options);
    expect((await client.sessions.create({ goal: 'Go.' }, options)).id).toBe(first.id);
    expect(sent.map(({ key }) => key)).toEqual(['my-own', 'my-own']);
  });
});

describe('a request is not tried again', () => {
  it.each([
    ['/v1/admin/users/{user_id}/api-keys', { user_id: 'ada' }],
    ['/v1/webhooks/{webhook_id}/test', { webhook_id: 'w' }],
    ['/v1/webhooks/{webhook_id}/deliveries/{event_id}/redeliver', { webhook_id: 'w', event_id: 'e' }],
  ] as const)('that is done a second time: %s', async (path, params) => {
    const { client, sent } = await served({}, () => busy(503));
    const { error } = await client.api.POST(path, { params: { path: params as never } });
    expect([error?.code, sent.length, sent[0]?.key]).toEqual(['unavailable', 1, null]);
  });

  it('that names the version that it changes', async () => {
    const { client, sent } = await served({}, () => busy(503));
    await expect(client.files.put('ses_1', 'a', 'x', { ifMatch: '"1"' })).rejects.toThrow('Later.');
    expect(sent).toHaveLength(1);
  });

  it('when the server wants longer than anybody waits', async () => {
    const { client, sent } = await served({}, () => busy(429, { 'retry-after': '60' }));
    await expect(client.budget.get()).rejects.toMatchObject({ code: 'rate_limited', retryAfter: 60 });
    expect(sent).toHaveLength(1);
  });

  it('more often than it was told to', async () => {
    const { client, sent } = await served({ retries: 1 }, () => busy(503));
    await expect(client.budget.get()).rejects.toThrow(CircadianError);
    expect(sent).toHaveLength(2);
  });

  it('once its signal is aborted', async () => {
    const stop = new AbortController();
    const { client, sent } = await served({}, () => {
      stop.abort(new Error('enough'));
      return busy(503, { 'retry-after': '19' });
    });
    await expect(client.budget.get({ signal: stop.signal })).rejects.toThrow('enough');
    expect(sent).toHaveLength(1);
  });
});

describe('a server that does not answer', () => {
  it('is named, with the reason', async () => {
    const { client } = await served({ retries: 0 }, () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    });
    await expect(client.budget.get()).rejects.toMatchObject({
      ...{ code: 'unreachable', status: 0 },
      message: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ gave no answer \(ECONNREFUSED\)\. Sessions go on/),
    });
  });

  it('is waited for no longer than the client was told to', async () => {
    const { client } = await served(
      { retries: 0, timeoutMs: 1 },
      (request) =>
        new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(request.signal.reason))),
    );
    await expect(client.budget.get()).rejects.toMatchObject({ code: 'timeout' });
  });

  it('but a machine in between, is told apart', async () => {
    const { client } = await served({ retries: 0 }, () => new Response('<html>', { status: 502 }));
    await expect(client.budget.get()).rejects.toMatchObject({ code: 'unknown', status: 502 });
  });
});

it('asks for the key before each request, where it expires', async () => {
  const { url, key } = await served();
  const keys = [key, 'ck_wrong'];
  const client = createClient({ url, key: () => keys.shift()! });
  expect(await client.me()).toMatchObject({ id: 'ada' });
  await expect(client.me()).rejects.toMatchObject({ code: 'unauthorized' });
});

it('refuses an address that is none', () => {
  expect(() => createClient({ url: 'localhost', key: 'k' })).toThrow('localhost is no URL');
});

it.each([
  [0, '$0.00'],
  [2_449, '$0.0024'],
  [33_400, '$0.033'],
  [288_000, '$0.288'],
  [9_949, '$0.0099'],
  [9_950, '$0.010'],
  [999_499, '$0.999'],
  [999_500, '$1.00'],
  [1_019_999, '$1.02'],
  [1_234_567_800_000, '$1,234,567.80'],
  [1_670_000, '$1.67'],
  [-250_000, '-$0.250'],
  [50, '$0.000050'],
  [-50, '-$0.000050'],
])('shows %i microdollars as %s', (microdollars, shown) => {
  expect(dollars(microdollars)).toBe(shown);
});
