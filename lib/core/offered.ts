/** The tools that a session's agent may call: those of its head, which its session's allow-list has made fewer (PURE). */
import { WEB_SEARCH } from '../web/known.ts';
import { isControl } from './controls.ts';
import { notSearched } from './searches.ts';
import type { AgentSpec, OfferedCall, SessionData, ToolCall } from './session.ts';

/** The agent with no other tools than `allowed`, in its own order; null: all of them. Controls always stay. */
export const withTools = (agent: AgentSpec, allowed: readonly string[] | null): AgentSpec =>
  allowed === null
    ? agent
    : { ...agent, tools: agent.tools.filter(({ name }) => isControl(name) || allowed.includes(name)) };

/** The owner of the calls that an import brings: in the original they ran, or may still. Nothing of this session has judged them. */
export const IMPORTED = 0;

/**
 * A tool that is not in the head does not run, whatever the model calls: not one of another agent, nor one that the session does not allow. A
 * call that has begun here is not judged any more.
 */
export const isOffered = ({ facts }: Pick<SessionData, 'facts'>, { name, startedBy }: ToolCall): boolean =>
  (startedBy !== null && startedBy !== IMPORTED) ||
  isControl(name) ||
  facts.agent.tools.some((tool) => tool.name === name);

/** The call with what the head says of its tool, if that is one of an MCP server. */
export function offered({ facts }: Pick<SessionData, 'facts'>, call: ToolCall): OfferedCall {
  const tool = facts.agent.tools.find(({ name }) => name === call.name);
  return tool?.remote ? { ...call, remote: { tool, name: tool.remote } } : call;
}

/** What the model is told instead of a result. */
export function notOffered(
  { facts, searches, day }: Pick<SessionData, 'facts' | 'searches' | 'day'>,
  { name }: ToolCall,
): string {
  const most = facts.web?.searchesPerDay ?? null;
  if (name === WEB_SEARCH && most !== null && searches >= most) return notSearched(most, day.resetsAt);
  const names = facts.agent.tools.map((tool) => tool.name).join(', ');
  return `The tool ${JSON.stringify(name.slice(0, 100))} is not offered here, so nothing was run. These are: ${names}.`;
}
