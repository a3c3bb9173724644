import { describe, expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { newId } from '../../lib/ids.ts';
import { aSave, aSettlement } from '../contract/harness.ts';
import { api } from './kit.ts';

const EXPIRES = Date.parse('2026-12-10T08:00:00Z');
const schema = {
  type: 'object',
  properties: { to: { type: 'string' }, amount: { type: 'integer', maximum: 100 } },
  required: ['to', 'amount'],
};
const INPUT = { to: 'a', amount: 5 };
const SHA = 'a'.repeat(64);

/** A session whose call of `pay` waits for its user. */
async function waiting(input: Record<string, unknown> = INPUT) {
  const t = api();
  const key = await t.user('u1');
  const id = await t.start(key);
  const { sessions } = t.world;
  const claim = await sessions.claim(id, newId('inv'));
  if ('claimed' in claim) throw new Error('not claimed');
  const { fence } = claim;
  await sessions.reserve(id, fence, {
    n: 1,
    least: 1n,
    wanted: 1n,
    model: 'claude-sonnet-5-5',
    handOff: false,
    journal: [],
  });
  await sessions.settle(id, fence, aSettlement({ calls: [{ id: 'toolu_1', name: 'pay', input }] }));
  const request = {
    id: 'toolu_1',
    tool: 'pay',
    input,
    edited: false,
    argsSha: SHA,
    toolSha: 'b'.repeat(64),
    schema,
    expiresAt: EXPIRES,
  };
  const memory = { ...freshMemory(), counted: { model: 'claude-sonnet-5-5', tokens: 20_000, n: 2, head: '' } };
  const to = { state: 'waiting', question: 'Decide.', kind: 'approval' } as const;
  await sessions.save(
    id,
    fence,
    aSave({ open: ['toolu_1'], requests: [request], suspension: { to, due: EXPIRES, memory, journal: [] } }),
    [],
  );
  const decide = (body: unknown, headers?: Record<string, string>) =>
    t.call('POST', `/v1/sessions/${id}/approvals/toolu_1`, { key, body, ...(headers && { headers }) });
  return { ...t, key, id, decide };
}

describe('a question about a call', () => {
  it('is shown with the call, its arguments, when it expires and what waking costs with a cold cache', async () => {
    const { call, id, key } = await waiting();
    const { json } = await call('GET', `/v1/sessions/${id}`, { key });
    expect(json).toMatchObject({ status: 'waiting_for_input', question: 'Decide.' });
    expect(json.waiting).toEqual({
      ...{
        kind: 'approval',
        question: 'Decide.',
        choices: null,
        since: '2026-11-10T08:00:00.000Z',
        resume_cost_microdollars: 50_000,
      },
      approvals: [
        {
          ...{ call_id: 'toolu_1', tool: 'pay', input: INPUT, edited: false, args_sha: SHA, tool_sha: 'b'.repeat(64) },
          ...{ asked_at: '2026-11-10T08:00:00.000Z', expires_at: '2026-12-10T08:00:00.000Z' },
        },
      ],
    });
  });

  it('is decided once, and told how it was where another answer comes', async () => {
    const { decide, world } = await waiting();
    const first = await decide({ decision: 'approve', args_sha: SHA }, { 'idempotency-key': 'k' });
    expect([first.status, first.json.status]).toEqual([200, 'working']);
    expect(world.queue.sent.at(-1)).toMatchObject({ delayMs: 0 });
    expect((await decide({ decision: 'approve', args_sha: SHA }, { 'idempotency-key': 'k' })).status).toBe(200);
    expect((await decide({ decision: 'deny' }, { 'idempotency-key': 'k' })).json.code).toBe('idempotency_conflict');
    const other = await decide({ decision: 'deny', reason: 'No.' });
    expect([other.status, other.json.code]).toEqual([409, 'approval_closed']);
    expect(other.json.detail).toMatch(/^It was approved before\./);
  });

  it('takes no answer that was meant for other arguments, nor one that comes too late', async () => {
    const { decide, world } = await waiting();
    const stale = await decide({ decision: 'approve', args_sha: 'c'.repeat(64) });
    expect([stale.status, stale.json.code]).toEqual([409, 'approval_changed']);
    world.setNow(EXPIRES);
    const late = await decide({ decision: 'approve' });
    expect([late.status, late.json.code]).toEqual([409, 'approval_closed']);
    expect(late.json.detail).toContain('expired at 2026-12-10T08:00:00.000Z');
  });

  it('takes other arguments only in the shape that the tool has', async () => {
    const { decide, world, id } = await waiting();
    const wrong = await decide({ decision: 'edit', input: { to: 'a', amount: 500 } });
    expect([wrong.status, wrong.json.errors]).toEqual([
      422,
      [{ path: 'input.amount', message: expect.stringContaining('100') }],
    ]);
    expect((await decide({ decision: 'edit' })).json.errors).toEqual([
      { path: 'input', message: 'Must be sent with `edit`, and with nothing else' },
    ]);
    expect((await decide({ decision: 'approve', input: INPUT })).status).toBe(422);
    expect((await decide({ decision: 'edit', input: { to: 'b', amount: 1 } })).status).toBe(200);
    expect(world.store.sessions.get(id)?.asked.get('toolu_1')).toMatchObject({
      decision: 'edit',
      edited: true,
      input: { to: 'b', amount: 1 },
    });
  });

  it('is found and answered over MCP as well', async () => {
    const { call, key, id, world } = await waiting();
    const headers = { accept: 'application/json, text/event-stream' };
    const tool = async (name: string, args: object) => {
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } };
      return (await call('POST', '/mcp', { key, headers, body })).json.result;
    };
    const { data } = JSON.parse((await tool('list_inbox', { kind: 'approval' })).content[0].text);
    const [asked] = data[0].waiting.approvals;
    const answer = { session_id: id, call_id: asked.call_id, decision: 'edit', args_sha: asked.args_sha };
    expect(await tool('decide_approval', answer)).toMatchObject({ isError: true });
    const input = { to: 'a', amount: 1 };
    expect(await tool('decide_approval', { ...answer, input })).not.toHaveProperty('isError');
    expect(world.store.sessions.get(id)?.asked.get('toolu_1')).toMatchObject({ decision: 'edit', input });
  });

  it("is nobody else's, and none that was never asked", async () => {
    const { call, id, user, key } = await waiting();
    const body = { decision: 'approve' };
    expect((await call('POST', `/v1/sessions/${id}/approvals/toolu_1`, { key: await user('u2'), body })).status).toBe(
      404,
    );
    expect((await call('POST', `/v1/sessions/${id}/approvals/toolu_2`, { key, body })).status).toBe(404);
  });
});

describe('/v1/inbox', () => {
  it('lists what waits over all sessions, by since when, with the beginning of long arguments', async () => {
    const { call, key, id, start, rest, world } = await waiting({ to: 'x'.repeat(3_000), amount: 1 });
    world.setNow(world.now() + 1_000);
    const asking = await start(key);
    await rest(asking, { state: 'waiting', question: 'Which?', choices: ['Io', 'Europa'] });
    await start(key);
    const { json } = await call('GET', '/v1/inbox', { key });
    expect(json.data.map((one: { id: string }) => one.id)).toEqual([asking, id]);
    expect(json.data[0].waiting).toMatchObject({ kind: 'question', choices: ['Io', 'Europa'], approvals: [] });
    const [asked] = json.data[1].waiting.approvals;
    expect([asked.input, asked.input_preview.length]).toEqual([undefined, expect.any(Number)]);
    expect(asked.input_preview.length).toBeLessThan(2_100);
    const first = await call('GET', '/v1/inbox?order=oldest&limit=1', { key });
    expect([first.json.data[0].id, first.json.next_cursor]).toEqual([id, expect.any(String)]);
    const second = await call('GET', `/v1/inbox?order=oldest&limit=1&cursor=${first.json.next_cursor}`, { key });
    expect([second.json.data[0].id, second.json.next_cursor]).toEqual([asking, null]);
    expect((await call('GET', '/v1/inbox?kind=approval', { key })).json.data).toHaveLength(1);
    expect((await call('GET', '/v1/inbox?cursor=bm9uZQ', { key })).status).toBe(422);
  });
});

describe('a session with a schema of its result', () => {
  it.each([
    [{ type: 'array' }, 'Must be a JSON Schema whose `type` is `object`'],
    [
      { type: 'object', properties: { a: { type: 'string', pattern: '(a+)+$' } } },
      'has `pattern`, which is not taken here',
    ],
    [{ type: 'object', properties: { a: { $ref: '#' } } }, 'needs a `type`'],
    [{ type: 'object', required: ['a'] }, 'may require only fields'],
    [
      { type: 'object', properties: { a: { type: 'string', description: 'x'.repeat(16_000) } } },
      'at most 16000 characters',
    ],
  ])('is not made where the schema cannot be kept: %o', async (result_schema, why) => {
    const { call, user } = api();
    const key = await user('u1');
    const { status, json } = await call('POST', '/v1/sessions', { key, body: { goal: 'Count.', result_schema } });
    expect([status, json.errors]).toEqual([422, [{ path: 'result_schema', message: expect.stringContaining(why) }]]);
  });

  it('shows the schema, and the names of tools that its agent has', async () => {
    const { call, user } = api();
    const key = await user('u1');
    const made = await call('POST', '/v1/sessions', {
      key,
      body: { goal: 'Count.', result_schema: schema, offer_choices: true },
    });
    expect(made.json).toMatchObject({ result_schema: schema, result_json: null, offer_choices: true, approvals: null });
    const refused = await call('POST', '/v1/sessions', { key, body: { goal: 'Count.', approvals: ['no_tool'] } });
    expect(refused.json.errors).toEqual([
      { path: 'approvals.0', message: expect.stringContaining('Is no tool of the agent') },
    ]);
  });
});
