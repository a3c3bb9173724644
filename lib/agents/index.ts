/** The agents that are shipped. Those of one's own are in circadian.config.ts; catalog.ts has both. */
import { assistant } from './assistant.ts';
import { builder } from './builder.ts';
import type { Agent } from './define.ts';

export { type Agent, type AgentDefinition, defineAgent } from './define.ts';

/** The first is the default. */
export const agents: readonly Agent[] = [assistant, builder];
