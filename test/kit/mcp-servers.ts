/** Real MCP servers for tests, over streamable HTTP on a port of their own: the SDK's own, and two of the registry. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { guardedHttp } from '../../lib/adapters/http.ts';
import { type McpServerAccess, mcpServers } from '../../lib/adapters/mcp/index.ts';
import { redactor } from '../../lib/observe/redact.ts';
import type { Mcp } from '../../lib/ports/index.ts';
import { freePort } from './daemons.ts';

export const KEY = 'key_of_the_notes_server';

/** The client as a deployment has it, with this server under the name `notes`. */
export const clientOf = (url: string, more: Partial<McpServerAccess> = {}): Mcp =>
  mcpServers({
    ...{ http: guardedHttp({ loopback: true }), redact: redactor([KEY]) },
    servers: [
      {
        ...{ name: 'notes', url, headers: { authorization: `Bearer ${KEY}` }, least: 'pure', timeoutMs: 20_000 },
        ...more,
      },
    ],
  });

type Made = Pick<McpServer, 'connect' | 'close'>;
type Handler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** `asked`: method, JSON-RPC method and key of each request. `before`: answers instead, where it returns true. */
export type HttpMcp = {
  url: string;
  asked: { method: string; rpc: string; key: string | undefined }[];
  sessions: Map<string, StreamableHTTPServerTransport>;
  before: (request: IncomingMessage, response: ServerResponse, rpc: string, id: unknown) => boolean;
  close(): Promise<void>;
};

export async function listening(handler: Handler): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Stateless: a server for each request. */
export async function overHttp(make: () => Made, { stateful }: { stateful: boolean }): Promise<HttpMcp> {
  const sessions: HttpMcp['sessions'] = new Map();
  const asked: HttpMcp['asked'] = [];

  async function transportFor(request: IncomingMessage, isFirst: boolean) {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known) return known;
    if (stateful && !isFirst) return null;
    const transport = new StreamableHTTPServerTransport(
      stateful
        ? { sessionIdGenerator: randomUUID, onsessioninitialized: (session) => void sessions.set(session, transport) }
        : { sessionIdGenerator: undefined },
    );
    await make().connect(transport as never);
    return transport;
  }

  const own: Omit<HttpMcp, 'url' | 'close'> = { asked, sessions, before: () => false };
  const server = await listening(async (request, response) => {
    const body = await bodyOf(request);
    const { method: rpc = '', id } = (body ?? {}) as { method?: string; id?: unknown };
    asked.push({ method: request.method ?? '', rpc, key: request.headers.authorization });
    if (own.before(request, response, rpc, id)) return;
    const transport = await transportFor(request, rpc === 'initialize');
    if (transport) await transport.handleRequest(request, response, body);
    else response.writeHead(404).end();
  });
  return Object.assign(own, server);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text === '' ? undefined : JSON.parse(text);
}

/** Tools of each effect, on `notes`, which are all that it has written. */
export function notesServer(notes: string[], description = 'Writes a note.'): McpServer {
  const server = new McpServer({ name: 'notes', version: '1' });
  const text = { text: z.string() };
  server.registerTool('write', { description, inputSchema: text }, async ({ text: said }) => {
    notes.push(said);
    return { content: [{ type: 'text', text: `Wrote ${said}.` }] };
  });
  server.registerTool('put', { inputSchema: text, annotations: { idempotentHint: true } }, async () => ({
    content: [],
  }));
  server.registerTool('read', { annotations: { readOnlyHint: true } }, async () => ({
    content: [
      { type: 'text', text: notes.join(', ') },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'resource_link', uri: 'https://notes.example/1', name: 'one' },
      { type: 'resource', resource: { uri: 'notes://2', text: 'Two.' } },
    ],
    structuredContent: { notes },
  }));
  return server;
}

type Running = { url: string; close(): Promise<void> };

/** The registry's server-everything as it is run by people: stateful. It takes no port of the system's choice, so that another may be faster. */
export async function everything(tries = 5): Promise<Running> {
  if (tries === 0) throw new Error('server-everything found its port taken five times');
  return (await everythingOn(await freePort())) ?? everything(tries - 1);
}

/** Null: the port was taken meanwhile. */
async function everythingOn(port: number): Promise<Running | null> {
  const program = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const child = spawn(process.execPath, [program, 'streamableHttp'], {
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = once(child, 'exit');
  let said = '';
  const isListening = await new Promise<boolean>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text;
      if (said.includes('listening on port')) resolve(true);
    });
    child.once('close', () => resolve(false));
  });
  if (!isListening && said.includes('EADDRINUSE')) return null;
  if (!isListening) throw new Error(`server-everything ended: ${said}`);
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async close() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The registry's server-memory, which writes a file in `folder`, behind a bridge from its standard streams to HTTP. */
export async function memoryGraph(folder: string, mode: { stateful: boolean }): Promise<HttpMcp> {
  const program = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-memory/dist/index.js');
  const client = new Client({ name: 'bridge', version: '1' });
  const env = { PATH: process.env.PATH ?? '', MEMORY_FILE_PATH: join(folder, 'memory.jsonl') };
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [program], env, stderr: 'ignore' }) as never,
  );
  const bridge = () => {
    const server = new Server({ name: 'memory', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => client.listTools());
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params) as never);
    return server as never as Made;
  };
  const server = await overHttp(bridge, mode);
  const { close } = server;
  return Object.assign(server, {
    async close() {
      await close();
      await client.close();
    },
  });
}
