/**
 * The API behind a Function URL with response streaming: Hono's adapter, and an answer in our form for what it cannot serve. The adapter would
 * answer 200 to a request that the Fetch standard forbids (TRACE among them). For a world that cannot be built, it would answer a text without
 * our headers.
 */
import { randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import { Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';
import type { Log } from '../ports/index.ts';
import { CODES, type Code, typeOf } from '../problem.ts';
import type { App, HttpEnv } from './deps.ts';

type Handler = (event: never, stream: Writable, context: never) => Promise<unknown>;
type Runtime = {
  streamifyResponse(handler: Handler): Handler;
  HttpResponseStream: { from(stream: Writable, answer: { statusCode: number; headers: object }): Writable };
};
type Event = {
  rawPath?: string;
  headers?: Record<string, string>;
  requestContext?: { domainName?: string; http?: { method?: string } };
};

/** For answers without the app, which has these by its own middleware. */
const SAFE = {
  'content-type': 'application/problem+json',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'strict-transport-security': 'max-age=15552000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** `build` is called by the first request, and again by the next one if it threw: what it lacks may come. */
export function functionUrl(build: () => App, log: Log): Handler {
  const { awslambda } = globalThis as unknown as { awslambda: Runtime };
  let app: App | null = null;
  const first = new Hono<HttpEnv>()
    .all('*', (c) => {
      app ??= build();
      return app.fetch(c.req.raw, c.env);
    })
    .onError((error) => {
      log({ level: 'error', message: 'the API cannot start', error: error.message });
      return new Response(problem('unavailable', 'The API cannot start; its log says why. Nothing was done.'), {
        status: 503,
        headers: { ...SAFE, 'retry-after': '60' },
      });
    });
  const served = streamHandle(first) as unknown as Handler;
  return awslambda.streamifyResponse(async (event, stream, context) => {
    if (isRequest(event)) return served(event, stream, context);
    const answer = awslambda.HttpResponseStream.from(stream, { statusCode: 405, headers: SAFE });
    answer.end(problem('method_not_allowed', 'No such request is for any path here. Nothing was done.'));
  });
}

function isRequest({ rawPath, headers, requestContext }: Event): boolean {
  try {
    new Request(`https://${headers?.host ?? requestContext?.domainName}${rawPath}`, {
      method: requestContext?.http?.method,
      headers,
    });
    return true;
  } catch {
    return false;
  }
}

function problem(code: Code, detail: string): string {
  const [status, title] = CODES[code];
  const instance = `urn:circadian:request:${randomUUID()}`;
  return JSON.stringify({ type: typeOf(code), title, status, code, detail, instance });
}
