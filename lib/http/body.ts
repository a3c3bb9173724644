import { createMiddleware } from 'hono/factory';
import { Problem } from '../problem.ts';
import { MOST_LEVELS } from '../text.ts';
import { type BodyBounds, meter, tooMuch } from './bounds.ts';
import type { HttpEnv } from './deps.ts';
import { invalid } from './problems.ts';
import { clean, inexactIn } from './text.ts';

/** Methods whose requests have a body. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);

/** The most bytes of a body that is no text: a Lambda event holds 6 MiB, and carries such a body in base64. */
export const MOST_SENT = 4_500_000;

/** Nobody means more: metadata, the one free field, is bounded by its text (schemas.ts). */
const BOUNDS: BodyBounds = { depth: MOST_LEVELS, items: 10_000, fields: 5_000, values: 20_000 };

/**
 * Reads the body once, within `limit` bytes, and hands on clean JSON; `except` says which paths read it themselves. The content type is not asked:
 * everything here is JSON, and a `curl -d` that says otherwise means it too. (The key travels in a header, so a form on a foreign page can do nothing with this.)
 */
export const jsonBody = (limit: number, except: (path: string) => boolean) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    if (!WITH_BODY.has(c.req.method)) return next();
    if (except(c.req.path)) return next();
    c.req.raw = jsonRequest(c.req.raw, await readBody(c.req.raw, limit));
    await next();
  });

/** The request with clean JSON for a body that was read. Throws `invalid_json`, `invalid_request`, or `payload_too_large` for too many values. */
export function jsonRequest({ headers: given, url, method, signal }: Request, body: Uint8Array): Request {
  const excess = meter(BOUNDS)(body);
  if (excess) throw tooMuch(excess);
  const text = new TextDecoder().decode(body);
  const headers = new Headers(given);
  headers.delete('content-length');
  headers.delete('content-type');
  if (text.trim() === '') return new Request(url, { method, headers, signal });
  headers.set('content-type', 'application/json');
  const value = parse(text);
  const inexact = inexactIn(value);
  if (inexact) throw invalid([inexact]);
  return new Request(url, { method, headers, signal, body: JSON.stringify(clean(value)) });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = /position \d+/.exec(String(error))?.[0];
    throw new Problem(
      'invalid_json',
      `The body could not be read as JSON${where ? ` (at ${where})` : ''}. Nothing was done and nothing was spent; correct it and send it again.`,
    );
  }
}

/** All of it, or the problem of a body beyond `limit` bytes. */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length')) > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

export const tooLarge = (limit: number) =>
  new Problem(
    'payload_too_large',
    `The body is larger than ${limit} bytes, the most this API takes. Nothing was done and nothing was spent; send less, or let the agent write long texts into its files.`,
  );
