/** The HTTP side of the model server: bodies, headers, errors. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { ApiProblem, invalid } from '../messages-api/problem.ts';

const LARGEST_BODY = 32 * 1024 * 1024;
const PER_MINUTE = { requests: 4_000, 'input-tokens': 2_000_000, 'output-tokens': 400_000 };

export async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY)
      throw new ApiProblem(413, 'request_too_large', 'Request exceeds the maximum allowed number of bytes.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw invalid('The request body is not valid JSON.');
  }
}

/** Any key will do, since nobody's money is at stake; but one must be there, as must the version. */
export function authenticate(headers: IncomingHttpHeaders): void {
  if (!headers['x-api-key'] && !headers.authorization)
    throw new ApiProblem(401, 'authentication_error', 'x-api-key header is required');
  if (!headers['anthropic-version']) throw invalid('anthropic-version: header is required');
}

/** Limits that are never reached, in the headers' real form. */
export const rateLimits = (now: number): [string, string][] =>
  Object.entries(PER_MINUTE).flatMap(([kind, limit]): [string, string][] => [
    [`anthropic-ratelimit-${kind}-limit`, String(limit)],
    [`anthropic-ratelimit-${kind}-remaining`, String(limit - 1)],
    [`anthropic-ratelimit-${kind}-reset`, new Date(now + 1_000).toISOString()],
  ]);

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const problemOf = (error: unknown): { status: number; type: string; message: string } =>
  error instanceof ApiProblem
    ? { status: error.status, type: error.type, message: error.message }
    : { status: 500, type: 'api_error', message: error instanceof Error ? error.message : String(error) };
