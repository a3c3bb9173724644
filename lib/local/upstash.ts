/**
 * Upstash's REST API in front of any Redis: `POST /` with one command, `/pipeline` and `/multi-exec` with several, answers in JSON,
 * strings in base64 when the client asks for it (Upstash documentation, "REST API"). So the production client talks to a local Redis.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { createDialect, encode, type Reply } from './upstash-dialect.ts';

/** One HTTP request as it came in, for those who count: Upstash bills commands, latency is per request. */
export type UpstashRequest = { path: string; commands: string[] };
export type LocalUpstash = { url: string; token: string; close(): Promise<void> };

type Answer = { status: number; body: unknown };
type Result = { result: unknown } | { error: string };

export async function startUpstash(options: {
  redisUrl: string;
  token?: string;
  /** Free port by default. */
  port?: number;
  onRequest?: (request: UpstashRequest) => void;
}): Promise<LocalUpstash> {
  const { redisUrl, token = 'local', port = 0, onRequest } = options;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  // Every failed command rejects its own request; without a listener the connection's event would end the process.
  redis.on('error', () => {});
  const answer = answerer(redis, onRequest);

  const server = createServer(async (request, response) => {
    const { status, body } =
      request.headers.authorization === `Bearer ${token}`
        ? await answer(request).catch(failed)
        : { status: 401, body: { error: 'WRONGPASS invalid or missing auth token' } };
    response.writeHead(status, { 'content-type': 'application/json', 'upstash-sync-token': '0' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      redis.disconnect();
    },
  };
}

function answerer(redis: Redis, onRequest?: (request: UpstashRequest) => void) {
  const dialect = createDialect();
  return async (request: IncomingMessage): Promise<Answer> => {
    const base64 = request.headers['upstash-encoding'] === 'base64';
    const path = (request.url ?? '/').replace(/\/+$/, '') || '/';
    const body = await readJson(request);
    if (path === '/') {
      const [name, ...args] = dialect(body);
      onRequest?.({ path, commands: [name] });
      const reply = (await redis.callBuffer(name, ...args)) as Reply;
      return { status: 200, body: { result: encode(reply, base64) } };
    }
    if (path === '/pipeline' || path === '/multi-exec') {
      if (!Array.isArray(body)) throw new Error('ERR failed to parse pipeline request');
      const commands = body.map(dialect);
      onRequest?.({ path, commands: commands.map(([name]) => name) });
      return { status: 200, body: await runAll(redis, commands, { atomic: path === '/multi-exec', base64 }) };
    }
    return { status: 404, body: { error: 'ERR no such path' } };
  };
}

async function runAll(
  redis: Redis,
  commands: [string, ...string[]][],
  { atomic, base64 }: { atomic: boolean; base64: boolean },
): Promise<Result[]> {
  const batch = atomic ? redis.multi() : redis.pipeline();
  for (const [name, ...args] of commands) batch.callBuffer(name, ...args);
  const replies = (await batch.exec()) ?? [];
  return replies.map(([error, reply]) =>
    error ? { error: error.message } : { result: encode(reply as Reply, base64) },
  );
}

/** Redis refused the command: 400, as Upstash does. Redis is away: 500. */
function failed(error: Error): Answer {
  const away = /ECONN|closed|max retries/i.test(error.message);
  return { status: away ? 500 : 400, body: { error: error.message } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Error('ERR failed to parse command');
  }
}
