/**
 * Circadian as an MCP server, for one request: stateless, so that any process may answer. Loaded with the first such request, since the SDK is as large as
 * the rest of the API.
 */
import { z } from '@hono/zod-openapi';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { refusalIn } from './refusal.ts';
import { type RouteRequest, SERVED_TOOLS, type ServedTool } from './tools.ts';

/** Answers a request to a route as the caller's own. */
export type AskRoute = (request: RouteRequest) => Promise<Response>;

const INSTRUCTIONS =
  'Autonomous agents that live on a daily allowance. A session works by itself: start it, look at it now and then, and answer what it asks. Waiting costs nothing.';

type InputSchema = { type: 'object' } & Record<string, unknown>;
type Described = { name: string; description: string; inputSchema: InputSchema; annotations: ServedTool['hints'] };

let described: Described[] | null = null;

/** Made once in a process. */
function descriptions(): Described[] {
  described ??= SERVED_TOOLS.map(({ name, description, hints, input }) => {
    const { $schema: _, ...inputSchema } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
    return { name, description, inputSchema: inputSchema as InputSchema, annotations: hints };
  });
  return described;
}

type Result = { content: { type: 'text'; text: string }[]; isError?: true };

const refused = (sentence: string): Result => ({ content: [{ type: 'text', text: sentence }], isError: true });

async function call(ask: AskRoute, name: string, given: unknown): Promise<Result> {
  const tool = SERVED_TOOLS.find((one) => one.name === name);
  if (!tool)
    return refused(
      `There is no tool ${JSON.stringify(name.slice(0, 100))}. Nothing was done; there are ${SERVED_TOOLS.map((one) => one.name).join(', ')}.`,
    );
  const parsed = tool.input.safeParse(given ?? {});
  if (!parsed.success) return refused(refusalIn(name, parsed.error));
  const answer = await ask(tool.request(parsed.data as never));
  const text = await answer.text();
  if (answer.ok) return { content: [{ type: 'text', text }] };
  const { detail = 'The request failed.', code = 'internal_error' } = JSON.parse(text) as Record<string, string>;
  return refused(`${detail} (${code})`);
}

/** Answers one JSON-RPC message, which is the body of the request, read and cleaned. */
export async function answerMcp(request: Request, message: unknown, ask: AskRoute): Promise<Response> {
  const server = new Server(
    { name: 'circadian', version: '1' },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: descriptions() }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => call(ask, params.name, params.arguments));
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: undefined,
    enableJsonResponse: true,
  });
  await server.connect(transport as Parameters<Server['connect']>[0]);
  return transport.handleRequest(request, { parsedBody: message });
}
