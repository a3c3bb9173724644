/**
 * The Mcp port by the official SDK, over streamable HTTP. The SDK is loaded with the first connection, since a session without MCP has no use for it.
 * Facts about the protocol: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
 */
import * as z from 'zod';
import type { McpState } from '../../core/remote.ts';
import type { EffectClass } from '../../core/session.ts';
import { type Http, type Mcp, type McpConnection, McpRefused, NO_MCP, NoAnswer } from '../../ports/index.ts';
import { oneServer, type Terms } from './fetch.ts';
import { offeredOf } from './offered.ts';
import { told } from './result.ts';

/** `headers`: what carries the secret, sent to the origin of `url` alone. `tools`: the only ones taken. `least`: no effect may be laxer. */
export type McpServerAccess = {
  name: string;
  url: string;
  headers: Record<string, string>;
  tools?: readonly string[] | undefined;
  least: EffectClass;
  timeoutMs: number;
};

type Options = { http: Http; redact: (text: string) => string; servers: readonly McpServerAccess[] };

/** A list may come in so many pages. */
const MOST_PAGES = 10;
/** Of one page's request and of the first words with a server. */
const LIST_TIMEOUT_MS = 15_000;
/** For telling a server that its answer is not waited for any more. */
const CANCEL_TIMEOUT_MS = 2_000;
const LONGEST_SESSION = 1_000;
/** The port's own limits end a request before. */
const NEVER_MS = 2_147_483_647;

const Page = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });
const Result = z.looseObject({});
function validated<T>(input: unknown) {
  return { valid: true as const, data: input as NonNullable<T>, errorMessage: undefined };
}

/** What servers send as a schema of results is not compiled: nothing here relies on it. */
const validatesNothing = {
  getValidator: <T>() => validated<T>,
};

export function mcpServers({ http, redact, servers }: Options): Mcp {
  return {
    async connect(name, state, signal) {
      const server = servers.find((one) => one.name === name);
      if (!server) return NO_MCP.connect(name, state, signal);
      try {
        return await connected(http, redact, server, state, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        // Standard: 404; some answer 400. Nothing has been called yet.
        if (!state?.session || ![404, 400].includes(statusOf(error) ?? 0)) throw refusalOf(server, error);
      }
      return connected(http, redact, server, null, signal).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : refusalOf(server, error);
      });
    },
  };
}

/** The HTTP status in the SDK's error, if that is what it is about. */
function statusOf(error: unknown): number | null {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return error instanceof Error && name !== 'McpError' && typeof code === 'number' && code >= 100 ? code : null;
}

const isUnauthorized = (error: unknown): boolean => [401, 403].includes(statusOf(error) ?? 0);

/** No word of the server's is in it: it is told to a person. */
function refusalOf({ name, url }: McpServerAccess, error: unknown): McpRefused {
  const { host } = new URL(url);
  const status = statusOf(error);
  if (isUnauthorized(error))
    return new McpRefused(
      'unauthorized',
      `The MCP server ${name} (${host}) does not accept the key that this deployment has for it (HTTP ${status}). It may have expired. Nothing was called and nothing was spent on it. Renew the key, then send me a message, and I go on.`,
      { cause: error },
    );
  const why =
    error instanceof NoAnswer
      ? error.message
      : status !== null
        ? `It answered HTTP ${status}.`
        : 'What it answered was no MCP.';
  return new McpRefused(
    'away',
    `The MCP server ${name} (${host}) cannot be used at present. ${why} Nothing was called.`,
    {
      cause: error,
    },
  );
}

async function connected(
  http: Http,
  redact: (text: string) => string,
  server: McpServerAccess,
  state: McpState | null,
  signal: AbortSignal,
): Promise<McpConnection> {
  const [{ Client }, { StreamableHTTPClientTransport }] = await Promise.all([
    import('@modelcontextprotocol/sdk/client/index.js'),
    import('@modelcontextprotocol/sdk/client/streamableHttp.js'),
  ]);
  let terms: Terms = { signal, timeoutMs: Math.min(LIST_TIMEOUT_MS, server.timeoutMs) };
  let last: unknown = null;
  const transport = new StreamableHTTPClientTransport(new URL(server.url), {
    ...(state?.session && { sessionId: state.session }),
    fetch: oneServer(
      http,
      server,
      () => terms,
      (id) => {
        last = id;
      },
    ),
    // A second request for the same answer could have the effect twice.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1,
      maxReconnectionDelay: 1,
      reconnectionDelayGrowFactor: 1,
    },
  });
  const client = new Client({ name: 'circadian', version: '1' }, { jsonSchemaValidator: validatesNothing });
  const close = () => client.close().catch(() => {});
  try {
    await client.connect(transport, { timeout: NEVER_MS });
    if (state?.session && state.protocol) transport.setProtocolVersion(state.protocol);
    const list: unknown[] = [];
    for (let page = 0, cursor: string | undefined; page === 0 || (cursor !== undefined && page < MOST_PAGES); page++) {
      const params = cursor === undefined ? {} : { cursor };
      const answer = await client.request({ method: 'tools/list', params }, Page, { timeout: NEVER_MS });
      list.push(...answer.tools);
      cursor = answer.nextCursor;
    }
    const now = stateOf(transport);
    return {
      ...offeredOf(list, server),
      state: now,
      close,
      async call(tool, input, over) {
        terms = { signal: over, timeoutMs: server.timeoutMs };
        try {
          const request = { method: 'tools/call' as const, params: { name: tool, arguments: input } };
          const answer = told(await client.request(request, Result, { timeout: NEVER_MS }));
          return { ...answer, content: redact(answer.content) };
        } catch (error) {
          if (over.aborted) {
            terms = { signal: new AbortController().signal, timeoutMs: CANCEL_TIMEOUT_MS };
            const params = { requestId: last as string | number, reason: 'The caller does not wait any more.' };
            await client.notification({ method: 'notifications/cancelled', params }).catch(() => {});
            throw over.reason;
          }
          if (isUnauthorized(error)) throw refusalOf(server, error);
          const status = statusOf(error);
          // What it forgot, it forgets for the next call as well.
          if (status === 404 || status === 400) now.session = null;
          if (status !== null) throw new Error(`The server answered the call with HTTP ${status}.`, { cause: error });
          if (error instanceof NoAnswer) throw error;
          // Its message may quote what the server sent.
          if (!isAnswered(error)) throw new Error(redact((error as Error).message), { cause: error });
          return { content: redact(`The server answered with an error: ${(error as Error).message}`), isError: true };
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** -32000 and -32001 are the SDK's own, of a connection that ended and of a time that ran out. */
const isAnswered = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'McpError' &&
  ![-32_000, -32_001].includes((error as unknown as { code: number }).code);

function stateOf({
  sessionId,
  protocolVersion,
}: {
  sessionId?: string | undefined;
  protocolVersion?: string | undefined;
}): McpState {
  const kept = sessionId !== undefined && sessionId.length <= LONGEST_SESSION && /^[\x21-\x7e]+$/.test(sessionId);
  return { session: kept ? sessionId : null, protocol: protocolVersion?.slice(0, 40) ?? null };
}
