/** The agents and tools of a deployment: those that are shipped, and those of circadian.config.ts. */
import { configuredTool, type Facilities, NO_FACILITIES } from '../tools/configured.ts';
import { shippedTools, type Tool } from '../tools/index.ts';
import type { Config, ConfiguredAgent } from './config.ts';
import { type Agent, defineAgent } from './define.ts';
import { faultsIn, type Surroundings } from './faults.ts';
import { SHIPPED_NAMES, shippedAgents } from './index.ts';
import { WORKING_HERE } from './working.ts';

/** `tools`: each tool that an agent has, once, in the order in which prompts list them. */
export type Catalog = { agents: readonly Agent[]; tools: Tool[]; find: (name: string) => Agent | null };

/** The definitions cannot be used. The message has a sentence for each fault. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** Throws a `ConfigError`. `facilities`: what the tools work with, in the process that runs them. */
export function catalogOf(
  config: Config,
  { isKnownModel, secret }: Omit<Surroundings, 'agents'>,
  facilities: Facilities = NO_FACILITIES,
): Catalog {
  const shipped = shippedTools(facilities);
  const faults = faultsIn(config, { agents: SHIPPED_NAMES, isKnownModel, secret });
  if (faults.length > 0) throw new ConfigError(`circadian.config.ts cannot be used. ${[...new Set(faults)].join(' ')}`);
  const own = (config.tools ?? []).map((tool) => configuredTool(tool, facilities));
  const byName = new Map([...shipped, ...own].map((tool) => [tool.name, tool]));
  const agents = [...shippedAgents(shipped), ...(config.agents ?? []).map((agent) => agentOf(agent, byName, shipped))];
  return {
    agents,
    tools: [...new Set(agents.flatMap((agent) => agent.tools))],
    find: (name) => agents.find((agent) => agent.name === name) ?? null,
  };
}

/** What every agent must know of its life here is added to its own prompt. A tool that is shipped and not had here (web_search, run_code) is left out. */
const agentOf = (
  { tools: names, system, ...agent }: ConfiguredAgent,
  byName: Map<string, Tool>,
  shipped: Tool[],
): Agent =>
  defineAgent({
    ...agent,
    system: `${system.trim()}\n\n${WORKING_HERE}`,
    tools: names ? names.flatMap((name) => byName.get(name) ?? []) : shipped,
  });
