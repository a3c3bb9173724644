import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { HttpEnv } from '../deps.ts';
import type { RouteRequest } from '../mcp/tools.ts';
import { OF_BODIES, ProblemJson, problems } from '../problems.ts';
import { body } from '../schemas.ts';
import { asCallerOf } from '../within.ts';

/** One message: the protocol has no lists of them since its version of 2025-06-18, and a list would count as one request. */
const Message = z.looseObject({ jsonrpc: z.literal('2.0'), method: z.string().max(200) }).openapi('McpMessage', {
  description: 'A JSON-RPC message of the Model Context Protocol.',
  example: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
});
const Answer = z.looseObject({ jsonrpc: z.literal('2.0') }).openapi('McpAnswer');

const json = (description: string) => ({ description, content: { 'application/json': { schema: Answer } } });

const post = createRoute({
  method: 'post',
  path: '/mcp',
  operationId: 'mcp',
  summary: 'Circadian as an MCP server: start, watch, say, answer, budget',
  description:
    'Streamable HTTP without sessions and without streams, for the key of a user. Each tool is a request to the route of this API that does the same.',
  tags: ['sessions'],
  security: [{ UserKey: [] }],
  request: { body: body(Message) },
  responses: {
    ...problems(...OF_BODIES),
    200: json('The answer. What a tool refuses is an answer, too, with `isError`.'),
    202: { description: 'A notification was taken.' },
    400: {
      description: '`invalid_json`: the body is not JSON; or the message is none of the protocol',
      content: { 'application/problem+json': { schema: ProblemJson }, 'application/json': { schema: Answer } },
    },
    406: json('The request does not accept JSON and event streams.'),
  },
});

/** `ask`: answers a request to another route. */
export const mcp = (ask: (request: Request, env: HttpEnv['Bindings']) => Response | Promise<Response>) =>
  new OpenAPIHono<HttpEnv>().openapi(post, async (c) => {
    const { answerMcp } = await import('../mcp/server.ts');
    const { url, headers } = c.req.raw;
    return answerMcp(c.req.raw, c.req.valid('json'), async (request) =>
      ask(asCallerOf(c, requestOf(request, url, headers)), c.env),
    ) as Promise<never>;
  });

/** Fields that say something about the message, and nothing about the request to the route. */
const OF_THE_MESSAGE = ['content-length', 'content-type', 'idempotency-key', 'if-match', 'if-none-match', 'accept'];

function requestOf({ method, path, query = {}, body, key }: RouteRequest, from: string, given: Headers): Request {
  const url = new URL(path, from);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers = new Headers(given);
  for (const name of OF_THE_MESSAGE) headers.delete(name);
  if (key !== undefined) headers.set('idempotency-key', key);
  return new Request(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
}
