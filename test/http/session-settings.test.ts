import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

const MIDNIGHT = Date.parse('2026-11-11T00:00:00.000Z');

async function some() {
  const t = api();
  const key = await t.user('ada');
  const red = await t.start(key, { model: 'claude-haiku-5-5', metadata: { team: 'red', 'a b]': 'x' } });
  const blue = await t.start(key, { metadata: { team: 'blue' } });
  await t.rest(blue, { state: 'sleeping', until: MIDNIGHT, reason: 'agent' });
  const list = (query: string) => t.call('GET', `/v1/sessions?${query}`, { key });
  const ids = async (query: string) => (await list(query)).json.data.map(({ id }: { id: string }) => id);
  const change = (body: object, more: object = {}) => t.call('PATCH', `/v1/sessions/${red}`, { key, body, ...more });
  return { ...t, key, red, blue, list, ids, change };
}

describe('GET /v1/sessions', () => {
  it('filters by status, agent, time and metadata', async () => {
    const { red, blue, ids } = await some();
    expect(await ids('status=sleeping')).toEqual([blue]);
    expect(await ids('status=working&status=sleeping')).toEqual([blue, red]);
    expect(await ids('agent=assistant')).toEqual([blue, red]);
    expect(await ids('agent=other')).toEqual([]);
    expect(await ids('created_after=2026-11-10T08:00:00Z')).toEqual([]);
    expect(await ids('created_after=2026-11-10T08:59:59%2B01:00&created_before=2026-11-10T08:00:01Z')).toEqual([
      blue,
      red,
    ]);
    expect(await ids('metadata[team]=red')).toEqual([red]);
    expect(await ids('metadata[team]=red&metadata[sprint]=1')).toEqual([]);
  });

  it.each([
    ['status=asleep', 'status'],
    ['statuses=sleeping', 'statuses'],
    ['created_after=yesterday', 'created_after'],
    ['metadata=red', 'metadata'],
    ['metadata[a]=1&metadata[a]=2', 'metadata[a]'],
    [`metadata[a]=${'x'.repeat(1_001)}`, 'metadata'],
    ['agent=%00', 'agent'],
    ['metadata[]=red', 'metadata[]'],
  ])('refuses ?%s', async (query, path) => {
    const { list } = await some();
    const { status, json } = await list(query);
    expect([status, json.code, json.errors[0].path]).toEqual([422, 'invalid_request', path]);
  });

  it('counts every status', async () => {
    const { call, key } = await some();
    const { status, json } = await call('GET', '/v1/sessions/counts', { key });
    expect([status, json]).toMatchObject([200, { working: 1, sleeping: 1, completed: 0, waiting_for_input: 0 }]);
  });
});

it('a session tells what it does', async () => {
  const { call, key, red } = await some();
  const { json } = await call('GET', `/v1/sessions/${red}`, { key });
  expect(json).toMatchObject({ status: 'working', step: null });
  expect(json.activity).toEqual({
    ...{ state: 'queued', since: '2026-11-10T08:00:00.000Z', due_at: '2026-11-10T08:00:00.000Z' },
    ...{ heartbeat_at: null, attempts: 0, held_microdollars: 0 },
  });
});

describe('PATCH /v1/sessions/{id}', () => {
  const ALL = {
    ...{ max_iterations: 300, max_cost_microdollars: 5_000_000, daily_share_percent: 40 },
    ...{ model_ladder: ['claude-haiku-5-5'], effort: 'low', max_output_tokens: 4_096, metadata: { ticket: 8 } },
  };

  it('changes what is named, and what is named can be read back', async () => {
    const { call, change, key, red } = await some();
    const { status, json } = await change(ALL);
    expect([status, json]).toMatchObject([200, ALL]);
    expect((await call('GET', `/v1/sessions/${red}`, { key })).json).toMatchObject(ALL);
    const freed = await change({ max_cost_microdollars: null, effort: null });
    expect(freed.json).toMatchObject({ ...ALL, max_cost_microdollars: null, effort: null });
    const { data } = (await call('GET', `/v1/sessions/${red}/events`, { key })).json;
    expect(data.at(-1)).toMatchObject({ type: 'agent.settings_changed', max_cost_microdollars: null, effort: null });
  });

  it.each([
    [{}, 422, /at least one setting/],
    [{ goal: 'Another' }, 422, /goal/],
    [{ max_iterations: null }, 422, /max_iterations/],
    [{ daily_share_percent: 101 }, 422, /daily_share_percent/],
    [{ model_ladder: ['claude-sonnet-5-5'] }, 422, /costs more/],
    [{ model_ladder: ['gpt-9'] }, 422, /not known/],
    [{ max_output_tokens: 10_000_000 }, 422, /at most/],
  ])('refuses %j, and nothing changes', async (body, status, sentence) => {
    const { change, call, key, red } = await some();
    const before = (await call('GET', `/v1/sessions/${red}`, { key })).json;
    const answer = await change(body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(sentence)]);
    expect((await call('GET', `/v1/sessions/${red}`, { key })).json).toEqual(before);
  });

  it('refuses a cap that allows no further step, with the least that does', async () => {
    const { change, world, red } = await some();
    Object.assign(world.store.sessions.get(red)!, { cost: 700_000n, least: 30_000n });
    const { status, json } = await change({ max_cost_microdollars: 729_999 });
    expect([status, json.errors[0].message]).toEqual([
      422,
      'Allows no further step: the session has cost 700000, and its next step needs 30000 or more; 730000 is the least. Cancel it to end it',
    ]);
    expect((await change({ max_cost_microdollars: 730_000 })).status).toBe(200);
  });

  it('with a used key is a repeat, or with another body a conflict', async () => {
    const { change } = await some();
    const headers = { 'idempotency-key': 'k1' };
    await change({ max_iterations: 200 }, { headers });
    await change({ max_iterations: 250 });
    expect((await change({ max_iterations: 200 }, { headers })).json.max_iterations).toBe(250);
    const other = await change({ max_iterations: 201 }, { headers });
    expect([other.status, other.json.code]).toEqual([409, 'idempotency_conflict']);
  });

  it('refuses fewer iterations than it has made, with the least that go on', async () => {
    const { change, world, red } = await some();
    Object.assign(world.store.sessions.get(red)!, { iteration: 40 });
    const { status, json } = await change({ max_iterations: 40 });
    expect([status, json.errors[0].message]).toEqual([422, expect.stringMatching(/has made 40; 41 is the least/)]);
    expect((await change({ max_iterations: 41 })).status).toBe(200);
  });

  it('is repeated also when the session has ended meanwhile', async () => {
    const { change, rest, red } = await some();
    const headers = { 'idempotency-key': 'k1' };
    await change({ max_iterations: 200 }, { headers });
    await rest(red, { state: 'ended', outcome: 'completed', result: 'Done.', error: null });
    expect((await change({ max_iterations: 200 }, { headers })).json).toMatchObject({ max_iterations: 200 });
  });

  it('wakes nobody: a sleeper takes the change up when it wakes', async () => {
    const { call, key, blue, world } = await some();
    const hints = world.queue.take().length;
    await call('PATCH', `/v1/sessions/${blue}`, { key, body: { metadata: { label: 'x' } } });
    expect([hints, world.queue.take()]).toEqual([expect.any(Number), []]);
  });

  it('of an ended session takes metadata alone', async () => {
    const { change, rest, red } = await some();
    await rest(red, { state: 'ended', outcome: 'completed', result: 'Done.', error: null });
    const refused = await change({ max_iterations: 200 });
    expect([refused.status, refused.json.code]).toEqual([409, 'session_ended']);
    expect((await change({ metadata: { kept: true } })).json.metadata).toEqual({ kept: true });
  });
});
