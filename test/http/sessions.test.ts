import { describe, expect, it } from 'vitest';
import { SessionJson } from '../../lib/http/schemas.ts';
import { ADMIN, api } from './kit.ts';

const goal = 'Count the moons.';
const FIELDS = [
  ...[
    'id',
    'user_id',
    'goal',
    'system',
    'agent',
    'tier',
    'model',
    'model_retires_at',
    'model_ladder',
    'daily_share_percent',
  ],
  ...['effort', 'max_output_tokens', 'tools', 'web', 'mcp', 'memory', 'searches_left_today'],
  ...['approvals', 'result_schema', 'offer_choices'],
  ...['on_end_turn', 'max_iterations', 'max_cost_microdollars'],
  ...['status', 'step', 'activity', 'iteration_number', 'current_phase'],
  ...[
    'cost_microdollars',
    'daily_budget_microdollars',
    'winding_down',
    'wake_at',
    'sleep_reason',
    'sleep',
    'question',
    'waiting',
    'result',
    'result_json',
  ],
  ...['error', 'outcome', 'created_at', 'updated_at', 'last_checkpoint_at', 'completed_at', 'metadata'],
];

describe('POST /v1/sessions', () => {
  it('starts a session as the contract names its fields', async () => {
    const { call, user } = api();
    const metadata = { ticket: 7, nested: { a: [null, true] } };
    const answer = await call('POST', '/v1/sessions', { key: await user('ada'), body: { goal, metadata } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v1/sessions/${answer.json.id}`);
    expect(Object.keys(answer.json)).toEqual(FIELDS);
    expect(answer.json).toMatchObject({
      user_id: 'ada',
      goal,
      agent: 'assistant',
      tier: 'standard',
      model: 'claude-sonnet-5-5',
      status: 'working',
      step: null,
      iteration_number: 0,
      cost_microdollars: 0,
      daily_budget_microdollars: 1_000_000,
      winding_down: false,
      created_at: '2026-11-10T08:00:00.000Z',
      completed_at: null,
      metadata,
    });
    expect(SessionJson.strict().parse(answer.json)).toEqual(answer.json);
  });

  it('takes a share of the day and a ladder of models, and knows every model on it', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const create = (body: object) => call('POST', '/v1/sessions', { key, body: { goal, ...body } });
    const wanted = { daily_share_percent: 25, model_ladder: ['claude-haiku-5-5'] };
    expect((await create(wanted)).json).toMatchObject(wanted);
    expect((await create({})).json).toMatchObject({ daily_share_percent: null, model_ladder: [] });
    expect((await create({ model_ladder: ['gpt-4o'] })).json).toMatchObject({ code: 'unknown_model', status: 422 });
    const upwards = { model: 'claude-haiku-5-5', model_ladder: ['claude-sonnet-5-5'] };
    expect((await create(upwards)).json).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringContaining('claude-sonnet-5-5 costs more'),
    });
    for (const daily_share_percent of [0, 101, 1.5, '30'])
      expect((await create({ daily_share_percent })).json).toMatchObject({ code: 'invalid_request' });
  });

  it('starts no more sessions at a time than the tier allows', async () => {
    const { call, user, start } = api();
    const key = await user('ada');
    await call('PUT', '/v1/admin/users/ada', { key: ADMIN, body: { tier: 'economy' } });
    const ids = [await start(key), await start(key)];
    const full = await call('POST', '/v1/sessions', { key, body: { goal } });
    expect(full.json).toMatchObject({
      status: 409,
      code: 'too_many_sessions',
      detail: expect.stringContaining('2 sessions'),
    });
    await call('DELETE', `/v1/sessions/${ids[0]}`, { key });
    expect((await call('POST', '/v1/sessions', { key, body: { goal } })).status).toBe(201);
  });

  it('hands on what was asked for, and the defaults', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const plain = world.store.sessions.get(await start(key));
    expect(plain).toMatchObject({
      onEndTurn: 'complete',
      maxIterations: 150,
      maxCost: null,
      system: null,
      metadata: {},
    });
    const body = {
      ...{ goal, agent: 'builder', model: 'claude-haiku-5-5', system: 'Be brief.', on_end_turn: 'wait' },
      ...{ max_iterations: 100_000, max_cost_microdollars: Number.MAX_SAFE_INTEGER },
    };
    const { json } = await call('POST', '/v1/sessions', { key, body });
    expect(world.store.sessions.get(json.id)).toMatchObject({
      ...{ agent: 'builder', model: 'claude-haiku-5-5', system: 'Be brief.', onEndTurn: 'wait' },
      ...{ maxIterations: 100_000, maxCost: 9_007_199_254_740_991n },
    });
  });

  it('answers a repeated Idempotency-Key as the first time, whatever the order of fields', async () => {
    const { call, user, world } = api();
    const key = await user('ada');
    const headers = { 'idempotency-key': 'once' };
    const first = await call('POST', '/v1/sessions', { key, headers, body: { goal, metadata: { a: 1, b: 2 } } });
    const again = await call('POST', '/v1/sessions', { key, headers, body: { metadata: { b: 2, a: 1 }, goal } });
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect([first, again].map((answer) => answer.headers.get('idempotent-replayed'))).toEqual([null, 'true']);
    const other = await call('POST', '/v1/sessions', { key, headers, body: { goal: 'Another.' } });
    expect([other.status, other.json.code]).toEqual([409, 'idempotency_conflict']);
    expect(world.store.sessions.size).toBe(1);
    const bob = await call('POST', '/v1/sessions', { key: await user('bob'), headers, body: { goal: 'Mine.' } });
    expect([bob.status, bob.json.goal]).toEqual([201, 'Mine.']);
  });

  it('without one, makes one session per request', async () => {
    const { user, start } = api();
    const key = await user('ada');
    expect(await start(key)).not.toBe(await start(key));
  });
});

describe('hints (R10)', () => {
  const spied = (broken: { live?: boolean; later?: boolean; now?: boolean } = {}) => {
    const order: string[] = [];
    const made = api(({ live, queue, userSessions }) => ({
      live: {
        ...live,
        open: async (id, until, userId) => {
          order.push(`open ${until > Date.parse('2026-11-10T08:15:45Z') - 1}`);
          if (broken.live) throw new Error('upstash is away');
          return live.open(id, until, userId);
        },
      },
      queue: {
        ...queue,
        send: async (hint, delayMs) => {
          order.push(delayMs === 0 ? 'hint' : 'later');
          if (delayMs === 0 ? broken.now : broken.later) throw new Error('queue is away');
          return queue.send(hint, delayMs);
        },
      },
      userSessions: {
        ...userSessions,
        create: (...args) => {
          order.push('commit');
          return userSessions.create(...args);
        },
        command: (...args) => {
          order.push('commit');
          return userSessions.command(...args);
        },
        remove: (...args) => {
          order.push('commit');
          return userSessions.remove(...args);
        },
      },
    }));
    return { ...made, order };
  };

  it('are prepared before the commit and sent after it', async () => {
    const { call, user, start, order, world } = spied();
    const key = await user('ada');
    order.length = 0;
    const id = await start(key);
    await call('POST', `/v1/sessions/${id}/wake`, { key });
    await call('POST', `/v1/sessions/${id}/messages`, { key, body: { content: 'Hello' } });
    await call('DELETE', `/v1/sessions/${id}`, { key });
    const each = ['open true', 'commit', 'hint'];
    expect(order).toEqual([...each, ...each, ...each, ...each]);
    expect(world.queue.sent).toEqual(Array(4).fill({ sessionId: id, userId: 'ada', delayMs: 0 }));
  });

  it('go first and late where the live view is away', async () => {
    const { user, start, order, world } = spied({ live: true });
    const key = await user('ada');
    order.length = 0;
    const id = await start(key);
    expect(order).toEqual(['open true', 'later', 'commit', 'hint']);
    expect(world.queue.sent[0]).toEqual({ sessionId: id, userId: 'ada', delayMs: 60_000 });
  });

  it('that cannot be given in either way refuse the request before anything is done', async () => {
    const { call, user, world } = spied({ live: true, later: true });
    const answer = await call('POST', '/v1/sessions', { key: await user('ada'), body: { goal } });
    expect([answer.status, answer.json.code]).toEqual([503, 'unavailable']);
    expect(world.store.sessions.size).toBe(0);
  });

  it('that are lost after the commit harm nothing', async () => {
    const { call, user, world } = spied({ now: true });
    expect((await call('POST', '/v1/sessions', { key: await user('ada'), body: { goal } })).status).toBe(201);
    expect(world.store.sessions.size).toBe(1);
  });
});

describe('GET /v1/sessions', () => {
  it('pages from the newest to the oldest', async () => {
    const { call, user, start } = api();
    const key = await user('ada');
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift(await start(key));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await call('GET', `/v1/sessions?limit=2${cursor ? `&cursor=${cursor}` : ''}`, { key });
      seen.push(...json.data.map(({ id }: { id: string }) => id));
      cursor = json.next_cursor;
    } while (cursor);
    expect(seen).toEqual(ids);
  });

  it('shows one as it is', async () => {
    const { call, user, start, asleep } = api();
    const key = await user('ada');
    const id = await start(key);
    await asleep(id);
    const { json } = await call('GET', `/v1/sessions/${id}`, { key });
    expect(json).toMatchObject({
      status: 'sleeping',
      sleep_reason: 'allowance',
      wake_at: '2026-11-11T00:00:00.000Z',
      last_checkpoint_at: '2026-11-10T08:00:00.000Z',
    });
    expect(SessionJson.strict().parse(json)).toEqual(json);
  });
});

describe('GET /v1/sessions/{id}/messages', () => {
  it('is the history in Messages API form, adjacent rows of one role joined', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const id = await start(key);
    const say = (role: 'user' | 'assistant', text: string) => ({ role, content: [{ type: 'text' as const, text }] });
    const rows = [say('user', 'And Saturn?'), say('assistant', '146.'), say('user', 'Thanks.')];
    world.store.sessions.get(id)!.rows.push(...rows.map((row, i) => ({ n: i + 2, ...row })));
    const { json } = await call('GET', `/v1/sessions/${id}/messages`, { key });
    const texts = json.data.map(({ role, content }: { role: string; content: { text: string }[] }) => [
      role,
      ...content.map(({ text }) => text),
    ]);
    expect(texts).toEqual([
      ['user', goal, 'And Saturn?'],
      ['assistant', '146.'],
      ['user', 'Thanks.'],
    ]);
    expect(json.next_cursor).toBeNull();
    expect(world.store.sessions.get(id)!.rows).toHaveLength(4);
  });

  it('comes in pages, which together are the whole of it', async () => {
    const { call, user, start, world } = api();
    const key = await user('ada');
    const id = await start(key);
    const roles = ['assistant', 'user', 'assistant'] as const;
    const rows = roles.map((role, i) => ({ n: i + 2, role, content: [{ type: 'text' as const, text: `${i}` }] }));
    world.store.sessions.get(id)!.rows.push(...rows);
    const path = `/v1/sessions/${id}/messages`;
    const whole = (await call('GET', path, { key })).json.data;
    const first = (await call('GET', `${path}?limit=3`, { key })).json;
    expect(first.data).toEqual(whole.slice(0, 3));
    const second = (await call('GET', `${path}?limit=3&cursor=${first.next_cursor}`, { key })).json;
    expect(second).toEqual({ data: whole.slice(3), next_cursor: null });
    for (const wrong of ['cursor=c3Vuc2hpbmU', 'limit=0', 'limit=1001', 'limit=x', 'cursor=%2F'])
      expect((await call('GET', `${path}?${wrong}`, { key })).status, wrong).toBe(422);
  });
});

describe('DELETE /v1/sessions/{id}', () => {
  it('is gone at once, and twice is not found', async () => {
    const { call, user, start } = api();
    const key = await user('ada');
    const id = await start(key);
    const answer = await call('DELETE', `/v1/sessions/${id}`, { key });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await call('GET', `/v1/sessions/${id}`, { key })).status).toBe(404);
    expect((await call('DELETE', `/v1/sessions/${id}`, { key })).status).toBe(404);
    expect((await call('GET', '/v1/sessions', { key })).json.data).toEqual([]);
  });
});
