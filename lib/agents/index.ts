/** The agents that a session can be started with. Add one by adding a file and a name here. */
import type { Tool } from '../tools/index.ts';
import { assistant } from './assistant.ts';
import { builder } from './builder.ts';
import type { Agent } from './define.ts';

export { type Agent, type AgentDefinition, defineAgent } from './define.ts';

/** The first is the default. */
export const agents: readonly Agent[] = [assistant, builder];

export const findAgent = (name: string): Agent | null => agents.find((agent) => agent.name === name) ?? null;

/** Every tool that any agent has, each once: what the `Tools` port is made of. */
export const agentTools: Tool[] = [...new Set(agents.flatMap((agent) => agent.tools))];
