/** What a session may ask of its model: one that is still served, an effort and a length of replies that it can have. */
import { describe, expect, it } from 'vitest';
import { isKnownModel, MODEL_COST_WEIGHTS, usePrices, withPrices } from '../../lib/budget/index.ts';
import { api } from './kit.ts';

const goal = 'Count the moons.';

describe('a new session', () => {
  it('takes no model that is retired by the database’s clock, named, by tier or on the ladder, and names its successor', async () => {
    const everyModel = { isKnownModel: isKnownModel, tierModels: { standard: 'claude-sonnet-4-5' } };
    const { call, user, world } = api(() => everyModel);
    const key = await user('ada');
    const create = async (body: object) => (await call('POST', '/v1/sessions', { key, body: { goal, ...body } })).json;
    const asked = [
      {},
      { model: 'claude-sonnet-4-5' },
      { model: 'claude-sonnet-5-5', model_ladder: ['claude-haiku-4-5'] },
    ];
    usePrices(withPrices(MODEL_COST_WEIGHTS, { 'claude-haiku-4-5': { retired_at: '2026-11-30' } }));
    try {
      for (const body of asked) expect(await create(body)).toMatchObject({ status: 'working' });
      expect(await create({})).toMatchObject({ model_retires_at: '2026-11-30T00:00:00.000Z' });
      world.store.now = Date.parse('2026-11-30T00:00:00Z');
      for (const body of asked) expect(await create(body)).toMatchObject({ code: 'retired_model', status: 422 });
      expect((await create({})).detail).toBe(
        'The provider retired claude-sonnet-4-5 on 2026-11-30. Nothing was started and nothing was spent; take claude-sonnet-5-5, its successor.',
      );
    } finally {
      usePrices(MODEL_COST_WEIGHTS);
    }
  });

  it('takes an effort and a length of replies that the model can have', async () => {
    const { call, user } = api(() => ({ isKnownModel }));
    const key = await user('ada');
    const create = async (body: object) => (await call('POST', '/v1/sessions', { key, body: { goal, ...body } })).json;
    const wanted = { effort: 'max', max_output_tokens: 128_000 };
    expect(await create(wanted)).toMatchObject(wanted);
    expect(await create({ max_output_tokens: 1_024 })).toMatchObject({ effort: null, max_output_tokens: 1_024 });
    for (const [body, told] of [
      [{ effort: 'extreme' }, /effort/],
      [{ max_output_tokens: 1_023 }, /max_output_tokens/],
      [{ max_output_tokens: 128_001 }, /a reply of claude-sonnet-5-5 has at most 128000/],
      [{ model: 'claude-sonnet-4-6', effort: 'xhigh' }, /claude-sonnet-4-6 takes low, medium, high, max/],
      [{ model: 'claude-haiku-4-5', effort: 'low' }, /claude-haiku-4-5 takes none; leave it out/],
    ] as const) {
      expect(await create(body)).toMatchObject({ code: 'invalid_request', detail: expect.stringMatching(told) });
    }
  });

  it('names no model and gets its agent’s, else its tier’s', async () => {
    const agents = [
      { name: 'assistant', description: '', tools: [] },
      { name: 'quick', description: '', model: 'claude-haiku-5-5', tools: [] },
    ];
    const { call, user } = api(() => ({ agents }));
    const key = await user('ada');
    const create = async (body: object) =>
      (await call('POST', '/v1/sessions', { key, body: { goal, ...body } })).json.model;
    expect(await create({})).toBe('claude-sonnet-5-5');
    expect(await create({ agent: 'quick' })).toBe('claude-haiku-5-5');
    expect(await create({ agent: 'quick', model: 'claude-sonnet-5-5' })).toBe('claude-sonnet-5-5');
  });

  it('takes tools that its agent has, in whatever order, and no others', async () => {
    const tool = (name: string) => ({ name, description: '', effect: 'pure' as const, price: null });
    const agents = [{ name: 'assistant', description: '', tools: ['dig', 'sow'].map(tool) }];
    const { call, user } = api(() => ({ agents }));
    const key = await user('ada');
    const create = (tools: unknown) => call('POST', '/v1/sessions', { key, body: { goal, tools } });
    for (const tools of [['sow', 'dig'], ['dig'], ['dig', 'mcp__notes__write'], [], null])
      expect((await create(tools)).json).toMatchObject({ tools, status: 'working' });
    const { status, json } = await create(['dig', 'fly', 'finish']);
    const message = 'Is no tool of the agent assistant, which has dig, sow';
    expect([status, json.code, json.errors]).toEqual([
      ...[422, 'invalid_request'],
      ['tools.1', 'tools.2'].map((path) => ({ path, message })),
    ]);
  });

  it('says what it may ask of the web, kept in one form, and may change that later', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const create = (web: unknown) => call('POST', '/v1/sessions', { key, body: { goal, web } });
    const { json } = await create({
      allow: ['Bücher.example', 'a.example/v2'],
      deny: ['a.example/v2/x', 'a.example/v2/x'],
    });
    const unlimited = { searches_per_day: null, shell: [], git: [] };
    expect(json.web).toEqual({
      ...{ allow: ['xn--bcher-kva.example', 'a.example/v2'], deny: ['a.example/v2/x'] },
      ...unlimited,
    });
    const nothing = { allow: null, deny: [], ...unlimited };
    expect([(await create(null)).json.web, (await create({})).json.web]).toEqual([null, nothing]);
    const change = async (web: unknown) =>
      (await call('PATCH', `/v1/sessions/${json.id}`, { key, body: { web } })).json;
    expect((await change({ deny: ['b.example'] })).web).toEqual({ ...nothing, deny: ['b.example'] });
    expect((await change(null)).web).toBeNull();
    for (const rule of ['https://a.example', '*.example', 'example', 'a.example:8443', 'a.example/%2f'])
      expect([rule, (await change({ allow: [rule] })).code]).toEqual([rule, 'invalid_request']);
    expect((await create({ allowed: [] })).status).toBe(422);
  });

  it('says how often it may search a day, may change that, and is told what is left of today', async () => {
    const { call, user, world } = api();
    const key = await user('ada');
    const create = (web: unknown) => call('POST', '/v1/sessions', { key, body: { goal, web } });
    const { json } = await create({ searches_per_day: 3 });
    expect(json).toMatchObject({ web: { allow: null, deny: [], searches_per_day: 3 }, searches_left_today: 3 });
    expect((await create(null)).json.searches_left_today).toBeNull();
    const left = async () => (await call('GET', `/v1/sessions/${json.id}`, { key })).json.searches_left_today;
    const row = world.store.sessions.get(json.id)!;
    row.searched = { date: '2026-11-10', count: 2 };
    expect(await left()).toBe(1);
    const change = async (web: unknown) => call('PATCH', `/v1/sessions/${json.id}`, { key, body: { web } });
    for (const [most, rest] of [
      [0, 0],
      [1, 0],
      [5, 3],
      [null, null],
    ])
      expect((await change({ searches_per_day: most })).json.searches_left_today).toBe(rest);
    expect((await change({ deny: [] })).json.web.searches_per_day).toBeNull();
    for (const most of [-1, 1.5, '3', 100_001]) expect((await change({ searches_per_day: most })).status).toBe(422);
    await change({ searches_per_day: 3 });
    world.setNow(Date.parse('2026-11-11T00:00:00Z'));
    expect(await left()).toBe(3);
  });

  it('says what its shell may ask, with credentials that the deployment has', async () => {
    const { call, user } = api(() => ({ credentials: ['GITHUB_TOKEN'] }));
    const key = await user('ada');
    const web = (shell: object[]) => call('POST', '/v1/sessions', { key, body: { goal, web: { shell } } });
    const rule = { host: 'API.github.com/repos', methods: ['POST'], secret: 'GITHUB_TOKEN' };
    const { json } = await web([rule, { host: 'a.example' }]);
    expect(json.web.shell).toEqual([
      { host: 'api.github.com/repos', methods: ['POST'], secret: 'GITHUB_TOKEN' },
      { host: 'a.example', methods: ['GET', 'HEAD'], secret: null },
    ]);
    const git = [{ host: 'github.com/Me/x', secret: 'GITHUB_TOKEN' }];
    const taken = await call('POST', '/v1/sessions', { key, body: { goal, web: { git } } });
    expect(taken.json.web.git).toEqual([{ host: 'github.com/Me/x', push: false, secret: 'GITHUB_TOKEN' }]);
    const message = 'Is no credential of this deployment, which has GITHUB_TOKEN';
    const wrong = [rule, { ...rule, secret: 'OTHER' }];
    const errors = [{ path: 'web.shell.1.secret', message }];
    expect((await web(wrong)).json).toMatchObject({ code: 'invalid_request', errors });
    const changed = await call('PATCH', `/v1/sessions/${json.id}`, { key, body: { web: { shell: wrong } } });
    expect(changed.json).toMatchObject({ code: 'invalid_request', errors });
    for (const one of [{ host: '*' }, { host: 'a.example', methods: [] }, { host: 'a.example', methods: ['TRACE'] }])
      expect((await web([one])).status).toBe(422);
  });
});
