/** MCP servers in memory: what they do is counted, and what is sent to them may be lost. Behaves as lib/adapters/mcp does towards a stateful server. */
import { type Mcp, type McpConnection, McpRefused, type McpTool, NO_MCP } from '../../ports/index.ts';

type Answer = (
  tool: string,
  input: Record<string, unknown>,
  signal: AbortSignal,
) => Promise<{ content: string; isError: boolean }>;

export type MemoryServer = {
  tools: McpTool[];
  /** Sessions that it knows. */
  sessions: Set<string>;
  begun: number;
  lists: number;
  /** What was called, in order. */
  calls: { tool: string; input: Record<string, unknown>; session: string | null }[];
  /** How it refuses to be connected to at present. */
  refuses: McpRefused['kind'] | null;
  answer: Answer;
};

export const memoryServer = (tools: McpTool[]): MemoryServer => ({
  ...{ tools, sessions: new Set(), begun: 0, lists: 0, calls: [], refuses: null },
  answer: async (tool, input) => ({ content: `${tool} did ${JSON.stringify(input)}`, isError: false }),
});

export function memoryMcp(servers: Record<string, MemoryServer>): Mcp {
  return {
    async connect(name, state, signal): Promise<McpConnection> {
      signal.throwIfAborted();
      const server = servers[name];
      if (!server) return NO_MCP.connect(name, state, signal);
      if (server.refuses !== null) throw new McpRefused(server.refuses, `The MCP server ${name} is ${server.refuses}.`);
      const known = state?.session != null && server.sessions.has(state.session);
      if (!known) server.begun += 1;
      const session = known ? state.session! : `s${server.begun}`;
      server.sessions.add(session);
      server.lists += 1;
      return {
        ...{ tools: structuredClone(server.tools), leftOut: [], state: { session, protocol: '2025-11-25' } },
        async call(tool, input, over) {
          over.throwIfAborted();
          server.calls.push({ tool, input, session });
          return server.answer(tool, input, over);
        },
        async close() {},
      };
    },
  };
}
