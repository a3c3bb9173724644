/**
 * MCP servers within one iteration: their lists, and calls of their tools. Before the first call of a reply the server's list is taken again, and a
 * tool that is another one than the session was told of is not run. So no call is made on a word that the server has changed since.
 */
import type { Effect } from '../core/effect.ts';
import type { Input } from '../core/input.ts';
import { withTools } from '../core/offered.ts';
import { type McpState, meaningOf, type ServerList } from '../core/remote.ts';
import type { OfferedCall, ToolResult, ToolSpec } from '../core/session.ts';
import { type McpConnection, McpRefused, type World } from '../ports/index.ts';
import { cleanText } from '../text.ts';
import { cutMiddle, MOST_CHARACTERS } from '../tools/text.ts';
import { framed, markOf } from '../tools/web-frame.ts';
import { headKept } from './heads.ts';
import { pinOf, specsOf, withRemote } from './mcp-tools.ts';

type Listing = Extract<Effect, { type: 'list' }>;
type Listed = Omit<Extract<Input, { type: 'listed' }>, 'at'>;

/** All servers at once; one that fails is named and fails no other. */
export async function listTools(
  world: World,
  { agent, current, servers, allowed }: Listing,
  signal: AbortSignal,
): Promise<Listed> {
  const answers = await Promise.all(
    Object.entries(servers).map(async ([server, state]) => {
      const { list, tools } = await listOf(world, server, state, signal);
      return { list, specs: tools ?? current.tools.filter((tool) => tool.remote?.server === server) };
    }),
  );
  const whole = withRemote(
    agent,
    answers.flatMap(({ specs }) => specs),
  );
  return {
    type: 'listed',
    agent: await headKept(world, withTools(whole, allowed)),
    lists: answers.map(({ list }) => list),
  };
}

async function listOf(
  { mcp, log }: World,
  server: string,
  state: McpState | null,
  signal: AbortSignal,
): Promise<{ list: ServerList; tools: ToolSpec[] | null }> {
  try {
    const connection = await mcp.connect(server, state, signal);
    await connection.close();
    const { tools, leftOut } = connection;
    const list = { server, state: connection.state, pin: pinOf(tools), leftOut: [...leftOut] };
    return { list, tools: specsOf(server, tools) };
  } catch (error) {
    if (signal.aborted) return { list: { server, stopped: true }, tools: null };
    if (!(error instanceof McpRefused)) throw error;
    log({ level: 'warn', message: 'an MCP server gave no list', server, kind: error.kind, error: error.message });
    return { list: { server, refused: error.kind, message: error.message }, tools: null };
  }
}

/** A call that may be made now, or what its result is instead. */
export type Prepared =
  | { run: () => Promise<{ content: string; isError: boolean; waits?: string }> }
  | { instead: Omit<ToolResult, 'id'> };

/** `key`: the same for every attempt of the call. */
type RemoteCall = Required<Pick<OfferedCall, 'input' | 'remote'>> & { key: string };

export type Remotes = {
  /** Nothing has been called when it answers. */
  prepare(call: RemoteCall, signal: AbortSignal): Promise<Prepared>;
  /** Where the session stands now with the servers that were asked. */
  states(): Record<string, McpState>;
  close(): Promise<void>;
};

/** Of one reply's calls: each server is connected to once, when its first call comes. One that refused is not asked again. */
export function remotes({ mcp }: Pick<World, 'mcp'>, known: Record<string, McpState>): Remotes {
  const open = new Map<string, McpConnection>();
  const refusals = new Map<string, McpRefused>();

  async function connected(server: string, signal: AbortSignal): Promise<McpConnection> {
    const refusal = refusals.get(server);
    if (refusal) throw refusal;
    try {
      const found = open.get(server) ?? (await mcp.connect(server, known[server] ?? null, signal));
      open.set(server, found);
      return found;
    } catch (error) {
      if (error instanceof McpRefused) refusals.set(server, error);
      throw error;
    }
  }

  return {
    async prepare({ input, key, remote: { tool, name } }, signal) {
      try {
        const server = await connected(name.server, signal);
        const now = specsOf(name.server, server.tools).find((spec) => spec.remote?.tool === name.tool);
        if (!now || meaningOf(now) !== meaningOf(tool)) return { instead: another(name.server, now !== undefined) };
        return { run: () => called(server, { tool, input, mark: markOf(key) }, signal) };
      } catch (error) {
        if (error instanceof McpRefused) return { instead: notTaken(error) };
        if (signal.aborted) return { instead: { content: NOT_CALLED, isError: true, ran: false } };
        throw error;
      }
    },
    states: () => Object.fromEntries([...open].map(([server, { state }]) => [server, state])),
    async close() {
      await Promise.all([...open.values()].map((one) => one.close()));
    },
  };
}

/** Characters that the frame takes of a result. */
const FRAME = 1_000;

/** Of an error in place of an answer: the SDK quotes what the server sent. Characters. */
const LONGEST_ERROR = 2_000;

const NOT_CALLED = 'Not run: it was called off before the server was asked. Call it again if it is still needed.';

const another = (server: string, isThere: boolean): Omit<ToolResult, 'id'> => ({
  content: isThere
    ? 'Not run: since you were told of this tool, its server has changed its description, its arguments or its effect. You have the new ones from your next turn on. Judge it anew before you call it.'
    : 'Not run: the server does not have this tool any more. You have its present tools from your next turn on.',
  isError: true,
  ran: false,
  stale: server,
});

const notTaken = ({ kind, message }: McpRefused): Omit<ToolResult, 'id'> =>
  kind === 'away'
    ? { content: `Not run: ${message}`, isError: true }
    : { content: `Not run: ${message}`, isError: true, ran: false, waits: message };

async function called(
  server: McpConnection,
  { tool: { name, effect, remote }, input, mark }: { tool: ToolSpec; input: Record<string, unknown>; mark: string },
  signal: AbortSignal,
): Promise<{ content: string; isError: boolean; waits?: string }> {
  try {
    const { content, isError } = await server.call(remote!.tool, input, signal);
    const about = `${isError ? 'An error' : 'A result'} of ${name}, of the MCP server "${remote!.server}".`;
    return { content: framed(about, cleanText(cutMiddle(content, MOST_CHARACTERS - FRAME)), mark), isError };
  } catch (error) {
    if (error instanceof McpRefused) {
      const { content, waits } = notTaken(error);
      return { content, isError: true, ...(waits !== undefined && { waits }) };
    }
    const about = `What came in place of an answer of ${name}, of the MCP server "${remote!.server}".`;
    const why = signal.aborted
      ? 'The call was called off before its answer came.'
      : framed(about, cleanText(cutMiddle((error as Error).message, LONGEST_ERROR)), mark);
    const advice =
      effect === 'once'
        ? 'The outcome is unknown: it may have happened. Check before you call it again.'
        : 'Call it again if it is still needed.';
    return { content: `${why}${signal.aborted ? ' ' : '\n\n'}${advice}`, isError: true };
  }
}
