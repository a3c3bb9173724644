/** Tools of MCP servers, as a session has them (PURE): what is known of a server's list, and what is kept of it. */
import { canonical } from './hash.ts';
import type { Memory } from './memory.ts';
import type { AgentSpec, ToolResult, ToolSpec } from './session.ts';

/** Servers that a session may name at most. */
export const MOST_MCP_SERVERS = 20;
/** How the names of all tools of MCP servers begin, and no others. */
export const REMOTE_TOOL = 'mcp__';

/** Where a session stands with a server: the id of its session there, and the version of the protocol; null: there is none. */
export type McpState = { session: string | null; protocol: string | null };

/** Why a list could not be had. `unauthorized`: the server does not take the key. `unknown`: this deployment has no such server. */
export type ListRefusal = 'unauthorized' | 'away' | 'unknown';

/** What one server answered. `pin`: SHA-256 of its list in canonical JSON. `message`: a sentence for a person. `stopped`: by a user's command. */
export type ServerList =
  | { server: string; state: McpState; pin: string; leftOut: { name: string; reason: string }[] }
  | { server: string; refused: ListRefusal; message: string }
  | { server: string; stopped: true };

/** The states alone. */
export const statesOf = (memory: Memory): Record<string, McpState> =>
  Object.fromEntries(
    Object.entries(memory.mcp).map(([server, { session, protocol }]) => [server, { session, protocol }]),
  );

const NEW = { session: null, protocol: null, pin: null, stale: false };

/** The memory after calls: where the servers stand, and whose tools were found changed. */
export function met(
  memory: Memory,
  servers: Record<string, McpState>,
  results: ToolResult[],
): Pick<Memory, 'mcp'> | object {
  const stale = results.flatMap((result) => result.stale ?? []);
  const names = [...new Set([...Object.keys(servers), ...stale])];
  if (names.length === 0) return {};
  const own = names.map((name) => {
    const before = memory.mcp[name] ?? NEW;
    return [name, { ...before, ...servers[name], stale: before.stale || stale.includes(name) }] as const;
  });
  return { mcp: { ...memory.mcp, ...Object.fromEntries(own) } };
}

/** What the model is told of a tool: all that gives it its meaning. */
export const meaningOf = ({ description, input_schema, effect }: ToolSpec): string =>
  canonical([description, input_schema, effect]);

const toolsOf = ({ tools }: AgentSpec, server: string): Map<string, ToolSpec> =>
  new Map(tools.flatMap((tool) => (tool.remote?.server === server ? [[tool.remote.tool, tool] as const] : [])));

/** Journal entries have so many names of each kind at most. */
const MOST_NAMES = 50;
const few = <T>(list: T[]): T[] => list.slice(0, MOST_NAMES);

/** How the tools of one server differ between two heads, by the server's own names. */
export function differences(from: AgentSpec, to: AgentSpec, server: string) {
  const [before, after] = [toolsOf(from, server), toolsOf(to, server)];
  const names = [...after.keys()];
  return {
    tools: after.size,
    added: few(names.filter((name) => !before.has(name))),
    removed: few([...before.keys()].filter((name) => !after.has(name))),
    changed: few(
      names.filter((name) => before.has(name) && meaningOf(before.get(name)!) !== meaningOf(after.get(name)!)),
    ),
  };
}

export const leftOutOf = (list: { name: string; reason: string }[]) => few(list);
