import { describe, expect, it } from 'vitest';
import { ADMIN, api } from './kit.ts';

const sessions = '/v1/sessions';
const goal = 'Count the moons.';

describe('a session is refused', () => {
  const bad: [string, object, number, string, string][] = [
    ['without a goal', {}, 422, 'invalid_request', 'goal'],
    ['with an empty goal', { goal: ' \n' }, 422, 'invalid_request', 'goal'],
    ['with a goal that nobody sees', { goal: '\u200b\u00ad\ufeff\u3164' }, 422, 'invalid_request', 'goal'],
    ['with a system prompt that nobody sees', { goal, system: '\u2060' }, 422, 'invalid_request', 'system'],
    ['with a goal that is no text', { goal: 7 }, 422, 'invalid_request', 'goal'],
    ['with a goal that fits no window', { goal: 'x'.repeat(200_001) }, 422, 'invalid_request', 'goal'],
    ['with an unknown agent', { goal, agent: 'poet' }, 422, 'unknown_agent', 'assistant, builder'],
    ['with an unknown model', { goal, model: 'claude-9' }, 422, 'unknown_model', 'claude-haiku-5-5, claude-sonnet-5-5'],
    ['with no iterations', { goal, max_iterations: 0 }, 422, 'invalid_request', 'max_iterations'],
    ['with too many', { goal, max_iterations: 100_001 }, 422, 'invalid_request', 'max_iterations'],
    ['with half an iteration', { goal, max_iterations: 1.5 }, 422, 'invalid_request', 'max_iterations'],
    ['with a negative cap', { goal, max_cost_microdollars: -1 }, 422, 'invalid_request', 'max_cost_microdollars'],
    ['with a fractional cap', { goal, max_cost_microdollars: 0.5 }, 422, 'invalid_request', 'max_cost_microdollars'],
    ['with a cap of nought', { goal, max_cost_microdollars: 0 }, 422, 'invalid_request', 'max_cost_microdollars'],
    ['with an unsafe cap', { goal, max_cost_microdollars: 2 ** 53 }, 422, 'invalid_request', 'max_cost_microdollars'],
    ['with a cap as text', { goal, max_cost_microdollars: '5' }, 422, 'invalid_request', 'max_cost_microdollars'],
    ['with a misspelt cap', { goal, max_cost_microdollar: 5 }, 422, 'invalid_request', 'max_cost_microdollar'],
    ['with another end', { goal, on_end_turn: 'sleep' }, 422, 'invalid_request', 'on_end_turn'],
    ['with metadata that is a list', { goal, metadata: [1] }, 422, 'invalid_request', 'metadata'],
    ['with too much metadata', { goal, metadata: { a: 'x'.repeat(20_000) } }, 422, 'invalid_request', 'metadata'],
    ['as a list', [1, 2], 422, 'invalid_request', ''],
  ];
  it.each(bad)('%s', async (_, body, status, code, names) => {
    const { call, user, world } = api();
    const answer = await call('POST', sessions, { key: await user('ada'), body });
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(answer.json.detail).toContain(names);
    if (code === 'invalid_request') expect(answer.json.errors[0].path).toBe(names);
    expect(world.store.sessions.size).toBe(0);
    expect(world.queue.sent).toEqual([]);
  });

  it('with all its faults named at once', async () => {
    const { call, user } = api();
    const { json } = await call('POST', sessions, {
      key: await user('ada'),
      body: { goal: '', max_iterations: -1, x: 1 },
    });
    expect(json.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['goal', 'max_iterations', 'x']);
  });

  it('without a budget: none is not an unlimited one', async () => {
    const { call, user, world } = api();
    const key = await user('poor', 0);
    const answer = await call('POST', sessions, { key, body: { goal } });
    expect([answer.status, answer.json.code]).toEqual([403, 'no_budget']);
    await call('PUT', '/v1/admin/users/fresh', { key: ADMIN, body: {} });
    const { json } = await call('POST', '/v1/admin/users/fresh/api-keys', { key: ADMIN });
    expect((await call('POST', sessions, { key: json.key, body: { goal } })).json.code).toBe('no_budget');
    expect(world.store.sessions.size).toBe(0);
  });

  it("when the user's tier has no model any more", async () => {
    const { call, user, world } = api();
    const key = await user('ada');
    world.store.users.get('ada')!.tier = 'platinum';
    const answer = await call('POST', sessions, { key, body: { goal } });
    expect([answer.status, answer.json.code]).toEqual([422, 'unknown_tier']);
    expect(answer.json.detail).toContain('economy, standard');
  });
});

it('a cost cap that lets no step be taken is refused, with the least that does', async () => {
  const { call, user, world } = api(() => ({ firstStepCost: () => ({ possible: 9_000n, enough: 30_000n }) }));
  const key = await user('ada');
  const start = (cap: number) => call('POST', sessions, { key, body: { goal: 'Go.', max_cost_microdollars: cap } });
  const { status, json } = await start(8_999);
  expect([status, json.errors]).toEqual([
    422,
    [
      {
        path: 'max_cost_microdollars',
        message: 'Allows no step: the first one alone needs 9000 or more; 30000 is enough for it',
      },
    ],
  ]);
  expect(world.store.sessions.size).toBe(0);
  expect((await start(9_000)).status).toBe(201);
});

describe('a body', () => {
  it.each(['{"goal":', '', 'goal=x', '{"goal":"x"}}', '\ufeff{', 'undefined'])(
    'that is not JSON (%j) is told so',
    async (raw) => {
      const { call, user } = api();
      const answer = await call('POST', sessions, { key: await user('ada'), raw });
      const expected = raw === '' ? [422, 'invalid_request'] : [400, 'invalid_json'];
      expect([answer.status, answer.json.code]).toEqual(expected);
    },
  );

  it('of 2 MB is too large, with or without a length', async () => {
    const { call, user, hono } = api();
    const key = await user('ada');
    const body = { goal: 'x'.repeat(2_000_000) };
    const answer = await call('POST', sessions, { key, body });
    expect([answer.status, answer.json.code]).toEqual([413, 'payload_too_large']);
    const stream = new Blob([JSON.stringify(body)]).stream();
    const headers = { authorization: `Bearer ${key}` };
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body: stream, duplex: 'half' };
    expect((await hono.request(sessions, init)).status).toBe(413);
    const lied = await call('POST', sessions, { key, body: { goal }, headers: { 'content-length': '2000000' } });
    expect(lied.status).toBe(413);
  });

  it('need not say that it is JSON', async () => {
    const { call, user } = api();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await call('POST', sessions, { key: await user('ada'), body: { goal }, headers })).status).toBe(201);
  });

  it('nested without end is refused, not a crash', async () => {
    const { call, user } = api();
    const raw = `{"goal":"x","metadata":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}`;
    const answer = await call('POST', sessions, { key: await user('ada'), raw });
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid_request']);
  });

  it.each([
    ['9007199254740993', 'metadata.a.1'],
    ['-9007199254740993', 'metadata.a.1'],
    ['9007199254740993.0', 'metadata.a.1'],
    ['1e400', 'metadata.a.1'],
  ])('with a number that JSON has rounded is refused, where any number may stand: %s', async (number, path) => {
    const { call, user, world } = api();
    const raw = `{"goal":"x","metadata":{"a":[0.1,${number}]}}`;
    const answer = await call('POST', sessions, { key: await user('ada'), raw });
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid_request']);
    expect(answer.json.errors).toEqual([{ path, message: expect.stringMatching(/within ±9007199254740991.*as text/) }]);
    expect(world.store.sessions.size).toBe(0);
  });

  it('with NUL, lone surrogates and bytes that are no UTF-8 keeps the rest', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const text = '{"goal":"a\\u0000b\\ud800c","metadata":{"k\\u0000":"\\udc00"}}';
    const { status, json } = await call('POST', sessions, { key, raw: text });
    expect([status, json.goal, json.metadata]).toEqual([201, 'a\ufffdb\ufffdc', { 'k\ufffd': '\ufffd' }]);
    const bytes = Uint8Array.from([...Buffer.from('{"goal":"a'), 0xff, ...Buffer.from('b"}')]);
    expect((await call('POST', sessions, { key, raw: bytes })).json.goal).toBe('a\ufffdb');
  });
});

describe('addresses and queries', () => {
  it.each([
    ['/v1/sessions/%00', 'not_found'],
    ['/v1/sessions/%ed%a0%80', 'not_found'],
    ['/v1/sessions/%E0%A4%A', 'not_found'],
    ['/v1/sessions/a%20b/messages', 'not_found'],
    ['/v1/sessions/..%2f..%2fetc/files', 'not_found'],
    ['/v1/sessions/x/files/%00', 'not_found'],
    ['/v1/sessions?limit=0', 'invalid_request'],
    ['/v1/sessions?limit=101', 'invalid_request'],
    ['/v1/sessions?limit=ten', 'invalid_request'],
    ['/v1/sessions?limit=1.5', 'invalid_request'],
    ['/v1/sessions?cursor=%00', 'invalid_request'],
    ['/v1/sessions/x/events?after=-1', 'invalid_request'],
    ['/v1/sessions/x/events?after=1e99', 'invalid_request'],
    ['/v1/sessions/x/events?limit=1001', 'invalid_request'],
    ['/v1/usage?from=yesterday', 'invalid_request'],
    ['/v1/usage?from=2026-02-30', 'invalid_request'],
    ['/v1/usage?from=2026-11-02&to=2026-11-01', 'invalid_request'],
    ['/v1/usage?group_by=mood', 'invalid_request'],
  ])('%s → %s', async (path, code) => {
    const { call, user } = api();
    const answer = await call('GET', path, { key: await user('ada') });
    expect(answer.json?.code).toBe(code);
  });

  it('an event id that is no number is refused', async () => {
    const { call, user, start } = api();
    const key = await user('ada');
    const headers = { 'last-event-id': 'x' };
    const answer = await call('GET', `${sessions}/${await start(key)}/events/stream`, { key, headers });
    expect(answer.json.errors[0].path).toBe('Last-Event-ID');
  });

  it('an idempotency key that is too long, or empty, is refused', async () => {
    const { call, user } = api();
    const key = await user('ada');
    for (const value of ['x'.repeat(256), '']) {
      const answer = await call('POST', sessions, { key, body: { goal }, headers: { 'idempotency-key': value } });
      expect(answer.json.errors[0].path).toBe('Idempotency-Key');
    }
  });
});

describe('money and users', () => {
  it.each([-1, 0, 0.5, 2 ** 53, '5', null, Number.MAX_VALUE])(
    'a top-up of %j is refused',
    async (amount_microdollars) => {
      const { call, user, world } = api();
      const answer = await call('POST', '/v1/budget/top-ups', {
        key: await user('ada'),
        body: { amount_microdollars },
      });
      expect([answer.status, answer.json.code]).toEqual([422, 'invalid_request']);
      expect(world.store.topUps.size).toBe(0);
    },
  );

  it.each([
    ['unknown_tier', { tier: 'gold' }],
    ['unknown_tier', { tier: '__proto__' }],
    ['invalid_request', { subscription_budget_microdollars: -5 }],
    ['invalid_request', { subscription_budget_microdollars: 1.25 }],
    ['invalid_request', { subscription_budget_microdollars: 1e300 }],
    ['invalid_request', { subscription_renewal_date: '2026-11-31' }],
    ['invalid_request', { subscription_renewal_date: 'soon' }],
    ['invalid_request', { subscription_renewal_date: '2026-12-01T00:00:00' }],
    ['invalid_request', { subscription_renewal_date: '2026-12-01T25:00:00Z' }],
    ['invalid_request', { subscription_renewal_date: '2026-11-31T00:00:00Z' }],
    ['invalid_request', { subscription_renewal_date: '1970-01-01T00:00:00+01:00' }],
    ['invalid_request', { subscription_renewal_date: '9999-12-31T23:59:59-00:01' }],
    ['invalid_request', { subscription_renewal_date: 1_796_083_200 }],
    ['invalid_request', { wake_policy: 'never' }],
    ['invalid_request', { budget: 5 }],
  ])('a user is refused with %s for %j', async (code, body) => {
    const { call, world } = api();
    const answer = await call('PUT', '/v1/admin/users/ada', { key: ADMIN, body });
    expect([answer.status, answer.json.code]).toEqual([422, code]);
    if (code === 'unknown_tier') expect(answer.json.detail).toContain('economy, standard');
    expect(world.store.users.size).toBe(0);
  });

  it('a user id that cannot be is refused', async () => {
    const { call } = api();
    for (const id of ['%00', 'a%20b', `${'x'.repeat(129)}`]) {
      const answer = await call('PUT', `/v1/admin/users/${id}`, { key: ADMIN, body: {} });
      expect([answer.status, answer.json.errors[0].path]).toEqual([422, 'user_id']);
    }
  });

  it('no key is made for nobody', async () => {
    const { call } = api();
    const answer = await call('POST', '/v1/admin/users/nobody/api-keys', { key: ADMIN, body: {} });
    expect([answer.status, answer.json.code]).toEqual([404, 'not_found']);
    expect((await call('GET', '/v1/admin/users/nobody', { key: ADMIN })).status).toBe(404);
  });
});
