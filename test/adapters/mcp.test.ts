/** The MCP client against a real server: the contract, and what hostile ones try. */
import { afterAll, describe, expect, it } from 'vitest';
import { guardedHttp } from '../../lib/adapters/http.ts';
import { oneServer } from '../../lib/adapters/mcp/fetch.ts';
import { mcpServers } from '../../lib/adapters/mcp/index.ts';
import { offeredOf } from '../../lib/adapters/mcp/offered.ts';
import { type Http, McpRefused } from '../../lib/ports/index.ts';
import { memoryMcp, memoryServer } from '../../lib/testing/memory/mcp.ts';
import { mcpContract } from '../contract/mcp.ts';
import { clientOf, type HttpMcp, KEY, listening, notesServer, overHttp } from '../kit/mcp-servers.ts';

const { signal } = new AbortController();

mcpContract('memory', async () => {
  const schema = { type: 'object' };
  const server = memoryServer([
    { name: 'write', description: '', inputSchema: schema, effect: 'once' },
    { name: 'put', description: '', inputSchema: schema, effect: 'idempotent' },
    { name: 'read', description: '', inputSchema: schema, effect: 'pure' },
  ]);
  return {
    mcp: memoryMcp({ notes: server }),
    forget: () => server.sessions.clear(),
    refuse(kind) {
      server.refuses = kind;
    },
    written: () => server.calls.map(({ input }) => String(input.text)),
    close: async () => {},
  };
});

mcpContract('streamable HTTP', async () => {
  const notes: string[] = [];
  const server = await overHttp(() => notesServer(notes), { stateful: true });
  return {
    mcp: clientOf(server.url),
    forget: () => server.sessions.clear(),
    refuse(kind) {
      server.before = (_request, response) => {
        if (kind !== null) response.writeHead(kind === 'unauthorized' ? 401 : 503).end('a word of the server');
        return kind !== null;
      };
    },
    written: () => notes,
    close: server.close,
  };
});

const servers: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(servers.map((one) => one.close())));

async function notesOver(stateful: boolean): Promise<HttpMcp & { notes: string[] }> {
  const notes: string[] = [];
  const server = await overHttp(() => notesServer(notes), { stateful });
  servers.push(server);
  return Object.assign(server, { notes });
}

it('asks a server with four requests and no stream, then resumes with two', async () => {
  const server = await notesOver(true);
  const first = await clientOf(server.url).connect('notes', null, signal);
  await first.call('write', { text: 'a' }, signal);
  await first.close();
  const rpcs = () => server.asked.splice(0).map(({ method, rpc }) => `${method} ${rpc}`);
  expect(rpcs()).toEqual([
    ...['POST initialize', 'POST notifications/initialized', 'POST tools/list', 'POST tools/call'],
  ]);
  const again = await clientOf(server.url).connect('notes', first.state, signal);
  await again.call('write', { text: 'b' }, signal);
  await again.close();
  expect(rpcs()).toEqual(['POST tools/list', 'POST tools/call']);
  expect(server.notes).toEqual(['a', 'b']);
});

it('tells images, links and files, and takes its own key out of what it tells', async () => {
  const server = await notesOver(false);
  server.notes.push(`noted ${KEY}`);
  const notes = await clientOf(server.url).connect('notes', null, signal);
  const { content } = await notes.call('read', {}, signal);
  expect(content).toBe(
    'noted [redacted]\n\n[image of the type image/png, 3 bytes: not shown]\n\n[link to one: https://notes.example/1]\n\nnotes://2:\nTwo.',
  );
  expect(await notes.call('nothing', {}, signal)).toMatchObject({ isError: true });
  expect(await notes.call('write', { text: 7 }, signal)).toMatchObject({ isError: true });
  expect(server.notes).toHaveLength(1);
  await notes.close();
});

it('takes its own key out of an error that leaves the outcome unknown', async () => {
  const server = await notesOver(false);
  server.before = (_request, response, rpc, id) => {
    if (rpc !== 'tools/call') return false;
    const error = { code: -32_000, message: `Who is ${KEY}?` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, error }));
    return true;
  };
  const notes = await clientOf(server.url).connect('notes', null, signal);
  const told = await notes.call('write', { text: 'x' }, signal).catch((error: Error) => error.message);
  expect(told).toMatch(/Who is \[redacted\]\?$/);
  await notes.close();
});

it('counts no tool as laxer than the configuration, and takes only those that it names', async () => {
  const server = await notesOver(false);
  const { tools, close } = await clientOf(server.url, { least: 'idempotent', tools: ['read', 'write'] }).connect(
    ...(['notes', null, signal] as const),
  );
  await close();
  expect(tools.map(({ name, effect }) => [name, effect])).toEqual([
    ['write', 'once'],
    ['read', 'idempotent'],
  ]);
});

it('does not read an answer of 60 MB', async () => {
  const server = await notesOver(false);
  let left = 60;
  server.before = (_request, response, rpc) => {
    if (rpc !== 'tools/call') return false;
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write('x'.repeat(1_000_000))) return;
      }
    };
    response.on('drain', more);
    more();
    return true;
  };
  const notes = await clientOf(server.url).connect('notes', null, signal);
  await expect(notes.call('write', { text: 'x' }, signal)).rejects.toThrow('more than 5,000,000 bytes');
  // What the sockets of both sides hold besides.
  expect(left).toBeGreaterThan(40);
  await notes.close();
});

it('leaves a server that never answers when it is called off, and tells it so; nothing is sent again', async () => {
  const server = await notesOver(true);
  const off = new AbortController();
  server.before = (_request, _response, rpc) => {
    if (rpc === 'tools/call') off.abort(new Error('the person stopped'));
    return rpc === 'tools/call';
  };
  const notes = await clientOf(server.url).connect('notes', null, signal);
  await expect(notes.call('write', { text: 'x' }, off.signal)).rejects.toThrow('the person stopped');
  await notes.close();
  const rpcs = server.asked.map(({ rpc }) => rpc).slice(2);
  expect(rpcs).toEqual(['tools/list', 'tools/call', 'notifications/cancelled']);
});

it('waits for a call as long as the configuration says, and for a list no longer than that or 15 s', async () => {
  const server = await notesOver(true);
  const waits = async (timeoutMs: number) => {
    const asked: unknown[] = [];
    const http = guardedHttp({ loopback: true });
    const noted: Http = (url, request, off) => {
      asked.push(request?.timeoutMs);
      return http(url, request, off);
    };
    const access = { name: 'notes', url: server.url, headers: {}, least: 'once', timeoutMs } as const;
    const client = mcpServers({ http: noted, redact: (text) => text, servers: [access] });
    const notes = await client.connect('notes', null, signal);
    await notes.call('write', { text: 'x' }, signal);
    await notes.close();
    return asked;
  };
  expect(await waits(60_000)).toEqual([15_000, 15_000, 15_000, 60_000]);
  expect(await waits(9_000)).toEqual([9_000, 9_000, 9_000, 9_000]);
});

it.each([
  ['a stream that stays open after the answer', true, 'Wrote it.'],
  ['a stream that ends without one', false, 'ended its answer before the result'],
])('%s', async (_what, answers, told) => {
  const server = await notesOver(false);
  server.before = (_request, response, rpc, id) => {
    if (rpc !== 'tools/call') return false;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const result = { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'Wrote it.' }] } };
    response.write('id: 1\nretry: 1\ndata:\n\n');
    if (answers) response.write(`event: message\ndata: ${JSON.stringify(result)}\n\n`);
    else response.end();
    return true;
  };
  const notes = await clientOf(server.url).connect('notes', null, signal);
  const outcome = await notes
    .call('write', { text: 'x' }, signal)
    .catch((error: Error) => ({ content: error.message }));
  expect(outcome.content).toContain(told);
  await notes.close();
  expect(server.asked.filter(({ rpc, method }) => rpc === 'tools/call' || method === 'GET')).toHaveLength(1);
});

describe('a call that the server does not take', () => {
  it.each([
    [401, /does not accept the key/],
    [307, /redirects the call/],
    [404, /HTTP 404/],
    [500, /HTTP 500/],
  ])('with %d is not sent again', async (status, told) => {
    const server = await notesOver(true);
    server.before = (_request, response, rpc) => {
      if (rpc === 'tools/call') response.writeHead(status, { location: '/mcp' }).end();
      return rpc === 'tools/call';
    };
    const notes = await clientOf(server.url).connect('notes', null, signal);
    const error = await notes.call('write', { text: 'x' }, signal).catch((one: unknown) => one);
    expect(String(error)).toMatch(told);
    expect(error instanceof McpRefused).toBe(status === 401);
    expect(server.asked.filter(({ rpc }) => rpc === 'tools/call')).toHaveLength(1);
    expect(notes.state.session === null).toBe(status === 404);
    await notes.close();
  });
});

it('sends its key to no other host and follows no redirect there; what is private is not asked', async () => {
  const keys: (string | undefined)[] = [];
  const thief = await listening((request, response) => {
    keys.push(request.headers.authorization);
    response.writeHead(200).end();
  });
  for (const location of [thief.url, 'http://169.254.169.254/latest', 'https://10.0.0.1/mcp']) {
    for (const status of [302, 307, 308]) {
      const server = await listening((_request, response) => response.writeHead(status, { location }).end());
      await expect(clientOf(server.url).connect('notes', null, signal)).rejects.toMatchObject({ kind: 'away' });
      await server.close();
    }
  }
  await thief.close();
  expect(keys).toEqual([]);
  const asked: string[] = [];
  const http: Http = async (url, request) => {
    asked.push(JSON.stringify(request?.judge?.(url, 'POST')));
    throw new Error('asked');
  };
  const own = { url: 'https://notes.example/mcp', headers: { authorization: KEY } };
  const ask = oneServer(
    http,
    own,
    () => ({ signal, timeoutMs: 1 }),
    () => {},
  );
  for (const url of ['https://notes.example.evil/mcp', 'http://notes.example/mcp', 'https://notes.example:8443/mcp'])
    await expect(ask(url, { method: 'POST' })).rejects.toThrow('another host');
  await expect(ask(own.url, { method: 'POST' })).rejects.toThrow('asked');
  expect(asked).toEqual([JSON.stringify(own.headers)]);
  const strict = mcpServers({
    ...{ http: guardedHttp(), redact: (text: string) => text },
    servers: [{ name: 'notes', url: 'https://127.0.0.1/mcp', headers: {}, least: 'pure', timeoutMs: 1_000 }],
  });
  await expect(strict.connect('notes', null, signal)).rejects.toThrow(/must name a public host/);
});

it('tells a person nothing that a server wrote', async () => {
  const server = await listening((_request, response) => response.writeHead(401).end('Pay 1 BTC to evil.example'));
  const error = await clientOf(server.url)
    .connect('notes', null, signal)
    .catch((one: Error) => one);
  expect(String(error)).toMatch(/^McpRefused: The MCP server notes \(127\.0\.0\.1:\d+\) does not accept the key/);
  expect(String(error)).not.toContain('BTC');
  await server.close();
});

it('leaves out what cannot be offered, and says why', () => {
  const schema = { type: 'object' };
  const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`);
  const list = [
    { name: 'good', inputSchema: { ...schema, $schema: 'x' } },
    { name: ' ', inputSchema: schema },
    { name: 'x'.repeat(300), inputSchema: schema },
    { name: 'task', inputSchema: schema, execution: { taskSupport: 'required' } },
    { name: 'list', inputSchema: { type: 'array' } },
    { name: 'deep', inputSchema: { ...schema, properties: deep } },
    { name: 'long', inputSchema: { ...schema, description: 'x'.repeat(30_000) } },
    { name: 'choice', inputSchema: { ...schema, anyOf: [] } },
    { name: 'field', inputSchema: { ...schema, properties: { 'a b': {} } } },
    null,
    7,
    { name: 'none' },
  ];
  const { tools, leftOut } = offeredOf(list, { least: 'pure' });
  expect(tools).toEqual([{ name: 'good', description: '', inputSchema: schema, effect: 'once' }]);
  expect(leftOut.map(({ name }) => name.slice(0, 6))).toEqual([
    ...[' ', 'xxxxxx', 'task', 'list', 'deep', 'long', 'choice', 'field', 'none'],
  ]);
  const many = Array.from({ length: 150 }, (_, i) => ({ name: `t${i}`, inputSchema: schema }));
  expect(offeredOf(many, { least: 'pure' }).tools).toHaveLength(100);
});
