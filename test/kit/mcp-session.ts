/** A session with the tools of an MCP server in memory. */
import type { ModelRequest, ToolResultBlock } from '../../lib/core/session.ts';
import { promptName } from '../../lib/engine/mcp-tools.ts';
import type { McpTool } from '../../lib/ports/index.ts';
import { type MemoryServer, memoryMcp, memoryServer } from '../../lib/testing/memory/mcp.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from './world.ts';

export const tool = (name: string, more: Partial<McpTool> = {}): McpTool => ({
  ...{ name, description: `Does ${name}.`, effect: 'once' },
  inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  ...more,
});
export const use = (id: string, name: string, input: object = { text: 'x' }) =>
  ({ type: 'tool_use', id, name: promptName('notes', name), input }) as never;
export const DONE = { type: 'text' as const, text: 'Done.' };
export const callOnce: Script = (_turns, i) => (i === 0 ? [use('t0', 'write')] : [DONE]);

export const results = ({ messages }: ModelRequest): string[] =>
  messages.flatMap(({ content }) =>
    content.flatMap((block) => (block.type === 'tool_result' ? [String((block as ToolResultBlock).content)] : [])),
  );

/** A session with the tools of the server `notes`, its requests, and what it journals. */
export async function working(
  script: Script,
  server: MemoryServer = memoryServer([tool('write')]),
  over: Parameters<typeof newSession>[0] = {},
) {
  const requests: ModelRequest[] = [];
  const t = testWorld(script, { mcp: memoryMcp({ notes: server }) });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession({ mcp: ['notes'], ...over }), null);
  const { think } = t.world.model;
  const world = {
    ...t.world,
    model: {
      ...t.world.model,
      think: (request: ModelRequest, ...rest: [never]) => {
        requests.push(request);
        return think(request, ...rest);
      },
    } as typeof t.world.model,
  };
  const journal = async () => (await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
  const taken = async () =>
    (await journal()).flatMap(({ type, data }) => (type === 'agent.mcp_tools_taken' ? [data as never as Taken] : []));
  const view = () => t.userSessions.get('u1', 'ses_1');
  const say = (content: string) => t.userSessions.command('u1', 'ses_1', { type: 'message', content }, `op_${content}`);
  return { t, world, server, requests, journal, taken, view, say, settle: () => settleDown(t, world) };
}
export type Taken = { previous: string | null; added: string[]; removed: string[]; changed: string[] };
