/**
 * The server side of the Lambda Runtime API for one execution environment.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { type Answer, FunctionError, type Invocation, type LambdaFunction, PAYLOAD_LIMIT } from './function.ts';
import { decodePrelude, PRELUDE_TYPE } from './streaming.ts';

export type RuntimeEvents = {
  /** The child is ready for an invocation; `hand` gives it one, at any later time, once. */
  onNext: (hand: (invocation: Invocation) => void) => void;
  onAnswer: (answer: Answer) => void;
  /** The handler threw, or could not be loaded. */
  onError: (error: FunctionError) => void;
};

export type RuntimeApi = { port: number; close(): Promise<void> };

/** Listens on a free port of the loopback interface for the child of one environment of `fn`. */
export async function startRuntimeApi(fn: LambdaFunction, events: RuntimeEvents): Promise<RuntimeApi> {
  const server = createServer((request, response) => {
    serve(fn, events, request, response).catch(() => response.destroy());
  });
  // The child keeps its connection open while a handler runs for minutes; closing an idle one could meet its response half-way.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const PATH = /^\/2018-06-01\/runtime\/(?:invocation\/(?:[\w-]+\/)?|init\/)(next|response|error)$/;

async function serve(
  fn: LambdaFunction,
  events: RuntimeEvents,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const action = PATH.exec(request.url ?? '')?.[1];
  if (action === 'next') return events.onNext((invocation) => hand(fn, invocation, response));
  if (!action) return void response.writeHead(404).end();
  if (request.headers['lambda-runtime-function-response-mode'] === 'streaming') {
    return receiveStream(request, response, events);
  }
  const body = await readWithin(request, PAYLOAD_LIMIT);
  response.writeHead(body ? 202 : 413).end();
  if (!body) {
    const message = `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT} bytes).`;
    return events.onError(new FunctionError('Function.ResponseSizeTooLarge', message));
  }
  const value: unknown = JSON.parse(body.toString());
  if (action === 'response') events.onAnswer({ type: 'buffered', payload: value });
  else events.onError(errorOf(value));
}

function hand(fn: LambdaFunction, invocation: Invocation, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': invocation.id,
    'lambda-runtime-deadline-ms': String(Date.now() + fn.timeoutMs),
    'lambda-runtime-invoked-function-arn': `arn:aws:lambda:us-east-1:000000000000:function:${fn.name}`,
  });
  response.end(invocation.payload);
}

/** Reads to the end in any case, so that the sender can read the answer; null if there was more than `limit`. */
async function readWithin(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= limit ? Buffer.concat(chunks) : null;
}

function errorOf(value: unknown): FunctionError {
  const { errorType = 'Error', errorMessage = '' } = (value ?? {}) as { errorType?: string; errorMessage?: string };
  return new FunctionError(errorType, errorMessage);
}

/** Answers as soon as the prelude is complete, then passes chunks on. A body that nobody reads any more is discarded to its end. */
async function receiveStream(request: IncomingMessage, response: ServerResponse, events: RuntimeEvents): Promise<void> {
  const body = new PassThrough();
  body.on('error', () => {});
  let head = request.headers['content-type'] === PRELUDE_TYPE ? Buffer.alloc(0) : null;
  if (!head) events.onAnswer({ type: 'streamed', prelude: null, body });
  try {
    for await (const chunk of request) {
      let bytes: Buffer = chunk;
      if (head) {
        head = Buffer.concat([head, chunk]);
        const split = decodePrelude(head);
        if (!split) continue;
        head = null;
        events.onAnswer({ type: 'streamed', prelude: split.prelude, body });
        bytes = split.rest;
      }
      if (bytes.length > 0 && !body.destroyed && !body.write(bytes)) await drained(body);
    }
    const failed = request.trailers['lambda-runtime-function-error-body'];
    if (failed) body.destroy(errorOf(JSON.parse(Buffer.from(failed, 'base64').toString())));
    else body.end();
    response.writeHead(202).end();
  } catch {
    body.destroy(new FunctionError('Runtime.TruncatedResponse', 'The function stopped in the middle of its response.'));
  }
}

const drained = (stream: PassThrough): Promise<void> =>
  new Promise((resolve) => {
    stream.once('drain', resolve).once('close', resolve);
  });
