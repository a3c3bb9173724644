/**
 * `globalThis.awslambda`, which Lambda's Node runtime gives to handlers that stream their response. The child's bootstrap and the
 * in-process front install the same one, so that a handler cannot tell them apart.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import type { Writable } from 'node:stream';

/** What an HTTP response starts with: sent as JSON, then eight NUL bytes, then the body. */
export type Prelude = { statusCode: number; headers: Record<string, string>; cookies: string[] };

/** The part of Lambda's context object that is defined for every invocation. `getRemainingTimeInMillis` never goes below 0. */
export type Context = {
  awsRequestId: string;
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  logGroupName: string;
  logStreamName: string;
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
};

export type BufferedHandler = (event: unknown, context: Context) => unknown;
export type StreamingHandler = (event: unknown, stream: Writable, context: Context) => unknown;

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const preludes = new WeakMap<Writable, (prelude: Prelude) => void>();

/** Says who is told when the handler puts an HTTP prelude before this stream's first byte. */
export function onPrelude(stream: Writable, listener: (prelude: Prelude) => void): void {
  preludes.set(stream, listener);
}

/** True for handlers that were wrapped in `awslambda.streamifyResponse`. */
export const isStreaming = (handler: unknown): handler is StreamingHandler =>
  typeof handler === 'function' && STREAMING in handler;

/** What `HttpResponseStream.from` does: puts an HTTP prelude before the stream's first byte. */
export function withPrelude(stream: Writable, metadata: Partial<Prelude>): Writable {
  const { statusCode = 200, headers = {}, cookies = [] } = metadata;
  preludes.get(stream)?.({ statusCode, headers, cookies });
  return stream;
}

/** Defines `globalThis.awslambda`. Call it before a module with a streaming handler is imported; libraries may have put a stub there. */
export function installAwsLambda(): void {
  const streamifyResponse = (handler: StreamingHandler) => Object.assign(handler, { [STREAMING]: 'response' });
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream: { from: withPrelude } } });
}

const SEPARATOR = Buffer.alloc(8);
/** Content type by which the Runtime API tells a response with a prelude from plain bytes. */
export const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';

export const encodePrelude = (prelude: Prelude): Buffer =>
  Buffer.concat([Buffer.from(JSON.stringify(prelude)), SEPARATOR]);

/** Splits what was received so far; null while the separator has not arrived. */
export function decodePrelude(received: Buffer): { prelude: Prelude; rest: Buffer } | null {
  const end = received.indexOf(SEPARATOR);
  if (end < 0) return null;
  return { prelude: JSON.parse(received.subarray(0, end).toString()), rest: received.subarray(end + SEPARATOR.length) };
}
