/** A server on 127.0.0.1 for whatever answers web requests. A client that hangs up ends the body that it was being sent; a handler may end the connection. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

export type Loopback = { url: string; [Symbol.asyncDispose](): Promise<void> };
type Handler = (request: Request, socket: Socket) => Response | Promise<Response>;

export async function loopback(handler: Handler): Promise<Loopback> {
  const server = createServer((request, response) => {
    serve(handler, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await handler(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method!,
      headers: request.headers as Record<string, string>,
      signal: gone.signal,
      ...(body.length > 0 && { body }),
    }),
    request.socket,
  );
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) return void response.end();
  const out = Readable.fromWeb(answer.body as never);
  out.on('error', () => response.destroy());
  response.once('close', () => out.destroy());
  out.pipe(response);
}
