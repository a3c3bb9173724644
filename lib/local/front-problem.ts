/** Problems that are answered outside the app, in the same form (RFC 9457). */
import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Problem, typeOf } from '../problem.ts';

/** A problem whose code is not the API's, since what it is about does not exist in the cloud. */
export class LocalProblem extends Error {
  override name = 'LocalProblem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  constructor(status: number, code: string, title: string, detail: string) {
    super(`${code}: ${detail}`);
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
  }
}

/** For what the app does not answer: nothing in it is for a browser to run, to frame or to keep. */
export const SAFE = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

const UNEXPECTED =
  'Something unexpected happened. What was already saved is kept, and running sessions go on; repeat the request.';

/** Answers with the problem, or breaks the response off if it has begun. Whatever is no problem is an `internal_error`. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const known =
    error instanceof Problem || error instanceof LocalProblem ? error : new Problem('internal_error', UNEXPECTED);
  const { code, status, title, detail } = known;
  const instance = `urn:circadian:request:${randomUUID()}`;
  const body = { type: typeOf(code), title, status, code, detail, instance };
  response.writeHead(status, { ...SAFE, 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify(body));
}
