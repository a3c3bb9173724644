/** The agents that are shipped. Those of one's own are in circadian.config.ts; catalog.ts has both. */
import type { Tool } from '../tools/index.ts';
import { assistant } from './assistant.ts';
import { builder } from './builder.ts';
import { type Agent, defineAgent, type ShippedAgent } from './define.ts';

export { type Agent, type AgentDefinition, defineAgent } from './define.ts';

/** The first is the default. */
const SHIPPED: readonly ShippedAgent[] = [assistant, builder];

export const SHIPPED_NAMES: readonly string[] = SHIPPED.map(({ name }) => name);

export const shippedAgents = (tools: Tool[]): Agent[] => SHIPPED.map((agent) => defineAgent({ ...agent, tools }));
