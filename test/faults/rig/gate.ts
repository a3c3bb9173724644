/**
 * An HTTP proxy in front of one dependency of the workers. It knows which worker asks, and does to a request what its fate says: let it
 * pass, refuse it before it arrives, or let it take effect and lose the reply.
 */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export type Dependency = 'postgres' | 'upstash' | 'sqs' | 'scheduler' | 'model' | 'sink';

/**
 * `refuse`: it never arrives, and the connection breaks. `unavailable`: it never arrives, and the answer is 503. `lose`: it takes effect,
 * and the connection breaks in place of the reply. `twice`: it takes effect again a little later, when nobody waits for it.
 */
export type Fate = 'pass' | 'refuse' | 'unavailable' | 'lose' | 'twice';
export type Asked = { dependency: Dependency; worker: string; body: string };

export type Gate = { url: string; close(): Promise<void> };

type Options = {
  dependency: Dependency;
  target: string;
  fate: (asked: Asked) => Fate;
  /** Changed on the way: the credentials carry the worker's name, which the endpoint does not know. */
  headers?: OutgoingHttpHeaders;
};

export async function startGate({ dependency, target, fate, headers = {} }: Options): Promise<Gate> {
  const { hostname, port } = new URL(target);

  const forward = (
    request: IncomingMessage,
    body: Buffer,
    onReply: (reply: IncomingMessage) => void,
    onError: () => void,
  ) => {
    const outgoing = send({
      // A connection each: one that was kept might be closed just then, and a fault happen that nobody made.
      ...{ hostname, port, method: request.method, path: request.url, agent: false },
      headers: { ...request.headers, ...headers, host: `${hostname}:${port}`, 'content-length': body.length },
    });
    outgoing.on('error', onError);
    outgoing.on('response', onReply);
    outgoing.end(body);
    return outgoing;
  };

  const pass = (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const gone = () => void response.destroy();
    const outgoing = forward(
      request,
      body,
      (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.on('error', gone);
        // An answer that was cut must not look like one that has ended.
        reply.on('close', () => reply.complete || gone());
        reply.pipe(response);
      },
      gone,
    );
    // A worker that hangs up is no longer there: the dependency learns of it, as it would without a proxy.
    response.on('close', () => outgoing.destroy());
  };

  const withoutReply = (request: IncomingMessage, body: Buffer, then: () => void) => {
    forward(request, body, (reply) => reply.on('end', then).on('error', then).resume(), then);
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks);
    response.on('error', () => {});
    switch (fate({ dependency, worker: workerOf(dependency, request), body: body.toString() })) {
      case 'refuse':
        return void response.destroy();
      case 'unavailable':
        return void response.writeHead(503).end();
      case 'lose':
        return withoutReply(request, body, () => response.destroy());
      case 'twice':
        setTimeout(() => withoutReply(request, body, () => {}), Math.random() * 400);
        return pass(request, response, body);
      case 'pass':
        return pass(request, response, body);
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Each client carries its worker's name where its protocol has room for one (see `environmentOf`). Empty: none does. */
function workerOf(dependency: Dependency, { headers, url = '' }: IncomingMessage): string {
  const found = {
    postgres: () => /[?&]application_name=(w\d+)/.exec(String(headers['neon-connection-string'])),
    upstash: () => /^Bearer (w\d+)$/.exec(String(headers.authorization)),
    sqs: () => /Credential=(w\d+)\//.exec(String(headers.authorization)),
    scheduler: () => /Credential=(w\d+)\//.exec(String(headers.authorization)),
    model: () => /^\/(w\d+)\//.exec(url),
    sink: () => /^\/(w\d+)\//.exec(url),
  }[dependency]();
  return found?.[1] ?? '';
}
