/** An agent is what is run: a system prompt and tools. It is one file and one value. */

import { controlSpecs } from '../core/controls.ts';
import type { Effort } from '../core/effort.ts';
import type { AgentSpec } from '../core/session.ts';
import { type Tool, toolSpecs } from '../tools/index.ts';
import type { WebAccess } from '../web/access.ts';

export type Agent = {
  name: string;
  /** For people who choose an agent. */
  description: string;
  tools: Tool[];
  /** Of its sessions that name none; undefined: their tier's. */
  model?: string | undefined;
  /** What the core sees and the prompt begins with: the tools in the order given, then the controls. The same bytes in every process. */
  spec: AgentSpec;
};

export type AgentDefinition = {
  /** As a session's `agent` names it: lower-case letters, digits and `-`. */
  name: string;
  description: string;
  /** Fixed text. Times, amounts and names go into user turns: one byte of difference here, and no prompt is found in the cache. */
  system: string;
  tools: Tool[];
  /** How much its model puts into a reply, and the most tokens of one, where a session says neither. Left out: the tier's, the deployment's. */
  effort?: Effort | undefined;
  maxOutputTokens?: number | undefined;
  /** Of its sessions that name none. Left out: their tier's. */
  model?: string | undefined;
  /** MCP servers of its sessions that name none. */
  mcp?: readonly string[] | undefined;
};

/** An agent that has all shipped tools of its deployment. */
export type ShippedAgent = Omit<AgentDefinition, 'tools'>;

/** Fewer tokens hold no useful reply. */
export const LEAST_OUTPUT = 1_024;
export const AGENT_NAME = /^[a-z][a-z0-9-]{0,63}$/;

export function defineAgent(definition: AgentDefinition): Agent {
  const { name, description, system, tools, effort, model, mcp, maxOutputTokens } = definition;
  if (!AGENT_NAME.test(name)) throw new Error(`an agent cannot be called ${JSON.stringify(name)}`);
  const names = [...tools, ...controlSpecs].map((one) => one.name);
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) throw new Error(`agent ${name} has two tools called ${twice}`);
  if (maxOutputTokens !== undefined && (!Number.isSafeInteger(maxOutputTokens) || maxOutputTokens < LEAST_OUTPUT))
    throw new Error(`agent ${name} cannot have replies of ${maxOutputTokens} tokens; ${LEAST_OUTPUT} is the least`);
  return {
    name,
    description,
    tools,
    model,
    spec: {
      ...{ name, system: system.trim(), tools: [...toolSpecs(tools), ...controlSpecs], effort, maxOutputTokens },
      ...(mcp && { mcp: [...mcp] }),
    },
  };
}

/** The agent as a session has it that may ask so much of the web: with other tools, or with more said of them. */
export function specFor({ spec, tools }: Agent, web: WebAccess | null): AgentSpec {
  const own = [...toolSpecs(tools, web), ...controlSpecs];
  const isUsual =
    own.length === spec.tools.length && own.every((tool, i) => tool.description === spec.tools[i]!.description);
  return isUsual ? spec : { ...spec, tools: own };
}
