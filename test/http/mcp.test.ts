/** Circadian as an MCP server, driven by the official client over HTTP. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { ADMIN, type Api, api } from './kit.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What these tests look into, of whatever a tool answers. */
type Told = { id: string; status: string; data: { type: string }[] };

/** The API on a port, as a client reaches it. */
async function served({ hono }: Api): Promise<URL> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const answer = await hono.request(request.url!, {
      method: request.method!,
      headers: request.headers as Record<string, string>,
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}

async function connected(t: Api, key: string) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(await served(t), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport as never);
  ends.push(() => client.close());
  const call = async (name: string, args: object = {}) => {
    const { content, isError } = await client.callTool({ name, arguments: args as Record<string, unknown> });
    const [{ text }] = content as [{ text: string }];
    return { isError, text, json: (isError ? {} : JSON.parse(text)) as Told };
  };
  return { client, call };
}

it('starts, watches, tells, answers and cancels a session, and shows the budget', async () => {
  const t = api();
  const key = await t.user('ada');
  const { client, call } = await connected(t, key);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual([
    ...['start_session', 'list_sessions', 'get_session', 'watch_session', 'send_message'],
    ...['list_inbox', 'decide_approval', 'pause_session', 'resume_session', 'cancel_session', 'get_budget'],
  ]);
  for (const { inputSchema } of tools)
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  const wish = { goal: 'Count the moons.', max_cost_microdollars: 500_000, idempotency_key: 'k1' };
  const { id } = (await call('start_session', wish)).json;
  expect((await call('start_session', wish)).json.id).toBe(id);
  expect((await call('list_sessions', { limit: 5 })).json.data).toHaveLength(1);
  await t.rest(id, { state: 'waiting', question: 'Which planet?' }, [
    ['agent.waiting_for_input', { question: 'Which planet?' }],
  ]);
  expect((await call('get_session', { session_id: id })).json).toMatchObject({
    ...{ status: 'waiting_for_input', question: 'Which planet?', max_cost_microdollars: 500_000 },
  });
  const { data } = (await call('watch_session', { session_id: id, after: 1 })).json;
  expect(data.map(({ type }) => type)).toEqual(['agent.waiting_for_input']);
  expect((await call('send_message', { session_id: id, content: 'Jupiter.' })).json.status).toBe('working');
  expect((await call('pause_session', { session_id: id })).json.status).toBe('paused');
  expect((await call('resume_session', { session_id: id })).json.status).toBe('working');
  expect((await call('get_budget')).json).toMatchObject({ daily_budget_microdollars: 1_000_000 });
  expect((await call('cancel_session', { session_id: id })).json.status).toBe('cancelled');
  await t.complete(id);
  expect(await call('send_message', { session_id: id, content: 'More.' })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/session_ended\)$/),
  });
});

describe('what is refused', () => {
  it('is an answer with a sentence, amounts and the code of the API', async () => {
    const t = api(() => ({ firstStepCost: () => ({ possible: 40_000n, enough: 60_000n }) }));
    const { call } = await connected(t, await t.user('ada'));
    const told = async (name: string, args: object) => (await call(name, args)).text;
    expect(await told('start_session', { goal: 'Go.', max_cost_microdollars: 7 })).toMatch(
      /Allows no step: the first one alone needs 40000 or more.*Nothing was done and nothing was spent.*\(invalid_request\)$/,
    );
    expect(await told('start_session', { goal: 'Go.', model: 'gpt' })).toMatch(/\(unknown_model\)$/);
    expect(await told('start_session', { goal: 'Go.', extra: 1 })).toMatch(/extra: Unknown field/);
    expect(await told('get_session', {})).toMatch(/session_id: Is required/);
    expect(await told('get_session', { session_id: '../admin/users' })).toMatch(/\(not_found\)$/);
    expect(await told('nothing', {})).toMatch(/^There is no tool "nothing"/);
  });

  it('is a session of somebody else', async () => {
    const t = api();
    const id = await t.start(await t.user('bob'));
    const { call } = await connected(t, await t.user('ada'));
    for (const name of ['get_session', 'watch_session', 'cancel_session'])
      expect(await call(name, { session_id: id })).toMatchObject({ isError: true });
    expect((await call('list_sessions')).json.data).toEqual([]);
  });

  it('is who has no key, another key, or another method', async () => {
    const t = api();
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    const headers = { accept: 'application/json, text/event-stream' };
    const status = async (method: string, key: string | null, more: object = {}) =>
      (await t.call(method, '/mcp', { key, headers, ...(method === 'POST' && { body }), ...more })).status;
    const key = await t.user('ada');
    expect(await status('POST', null)).toBe(401);
    expect(await status('GET', null)).toBe(401);
    expect(await status('POST', 'ck_wrong')).toBe(401);
    expect(await status('POST', ADMIN)).toBe(403);
    expect(await status('GET', key)).toBe(405);
    expect(await status('DELETE', key)).toBe(405);
    expect(await status('POST', key, { headers: {} })).toBe(406);
    expect(await status('POST', key, { body: [body, body] })).toBe(422);
    expect(await status('POST', key, { raw: '{' })).toBe(400);
    expect(await status('POST', key)).toBe(200);
    expect(await status('POST', key, { body: { jsonrpc: '2.0', method: 'notifications/initialized' } })).toBe(202);
  });
});

it('lets a session name the servers of the deployment, and no others', async () => {
  const t = api(() => ({ mcpServers: ['notes'] }));
  const key = await t.user('ada');
  const make = (mcp: unknown) => t.call('POST', '/v1/sessions', { key, body: { goal: 'Count the moons.', mcp } });
  const wrong = await make(['notes', 'other']);
  expect([wrong.status, wrong.json.errors]).toEqual([
    422,
    [{ path: 'mcp.1', message: 'Is no MCP server of this deployment, which has notes' }],
  ]);
  expect((await make(['notes', 'notes'])).json.mcp).toEqual(['notes']);
  expect((await make([])).json.mcp).toEqual([]);
  expect((await make(null)).json.mcp).toBeNull();
});

it('counts one request for one call, as every route does, and looks the key up once', async () => {
  let counted = 0;
  let looked = 0;
  const t = api(({ accounts }) => ({
    accounts: {
      ...accounts,
      whoIs(hash) {
        looked += 1;
        return accounts.whoIs(hash);
      },
    },
    limiter: {
      request: async () => {
        counted += 1;
        return { allowed: true };
      },
      remember: async () => {},
      knows: async () => true,
    } as never,
  }));
  const key = await t.user('ada');
  counted = 0;
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_budget', arguments: {} } };
  const headers = { accept: 'application/json, text/event-stream' };
  const { json } = await t.call('POST', '/mcp', { key, headers, body });
  expect(json.result.isError).toBeUndefined();
  expect([counted, looked]).toEqual([1, 1]);
});
