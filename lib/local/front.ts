/**
 * The HTTP server on PORT: what a Lambda Function URL with response streaming is in the cloud. Each request becomes an event for the api
 * handler, which runs in this process; `/local/*` is answered here and never reaches it.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Problem } from '../problem.ts';
import { requestEvent } from './front-event.ts';
import { LocalProblem, SAFE, sendProblem } from './front-problem.ts';
import { responseStream } from './front-response.ts';
import type { Context, StreamingHandler } from './lambda/streaming.ts';

/** Most bytes of a request's body, as of a Lambda event. */
const BODY_LIMIT = 6 * 1024 * 1024;
/** A caller who sends more than this is cut off. */
const DRAIN_LIMIT = 16 * BODY_LIMIT;
/** Methods that the Fetch standard forbids, so that no handler can even be asked. */
const FORBIDDEN = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** The answer of a `/local/*` route: JSON, or a page as a string. Throws `Problem` for the caller's mistakes. */
export type LocalRoute = (method: string, path: string, body: Buffer) => Promise<object | string>;

export type FrontOptions = {
  /** 0: any free one. Listens on the loopback interface only. */
  port: number;
  /** A handler wrapped in `awslambda.streamifyResponse`. */
  handler: StreamingHandler;
  local: LocalRoute;
  /** What went wrong on our side; the caller got a 500 or a broken stream. */
  onError?: (error: unknown) => void;
  timeoutMs?: number;
};

export type Front = {
  port: number;
  url: string;
  /** Stops listening and ends every open request, streams included. */
  close(): Promise<void>;
};

/** Throws the listen error (EADDRINUSE among them). */
export async function startFront(options: FrontOptions): Promise<Front> {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      const expected = error instanceof Problem || error instanceof LocalProblem || response.destroyed;
      if (!expected) options.onError?.(error);
      sendProblem(response, error);
    });
  });
  server.requestTimeout = 60_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const method = request.method ?? 'GET';
  if (FORBIDDEN.has(method))
    throw new Problem('method_not_allowed', `${method} is not for any path here. Nothing was done.`);
  const body = await readBody(request);
  const event = requestEvent(request, body);
  if (/^\/local(\/|$)/.test(event.rawPath)) {
    refuseForeign(request);
    return send(response, await options.local(method, event.rawPath, body));
  }
  const stream = responseStream(request, response);
  await options.handler(event, stream, contextOf(event.requestContext.requestId, options.timeoutMs ?? 15 * 60_000));
  stream.end();
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** `/local/*` asks for no key. So a page of another site, open in a browser on this machine, must not reach it by any host name. */
function refuseForeign({ headers }: IncomingMessage): void {
  const { host = '', origin } = headers;
  const own = LOOPBACK.test(host) && (origin === undefined || origin === `http://${host}`);
  if (!own) throw new Problem('forbidden', 'This is for programs and pages of this machine only. Nothing was done.');
}

function send(response: ServerResponse, body: object | string): void {
  const isPage = typeof body === 'string';
  response.writeHead(200, { ...SAFE, 'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json' });
  response.end(isPage ? body : JSON.stringify(body));
}

const tooLarge = () =>
  new Problem(
    'payload_too_large',
    `The body is larger than ${BODY_LIMIT} bytes. Nothing was done and nothing was spent; send less.`,
  );

/** What is too much is read and dropped, so that the caller is done sending and reads the answer; but not without end. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else chunks.length = 0;
    if (size > DRAIN_LIMIT) break;
  }
  if (size > BODY_LIMIT) throw tooLarge();
  return Buffer.concat(chunks);
}

function contextOf(requestId: string, timeoutMs: number): Context {
  const deadline = Date.now() + timeoutMs;
  return {
    awsRequestId: requestId,
    functionName: 'api',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:api',
    memoryLimitInMB: '1024',
    logGroupName: '/aws/lambda/api',
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}
