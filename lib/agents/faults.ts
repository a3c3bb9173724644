/** What is wrong with circadian.config.ts, as sentences: all of them at once, and no value of a secret in one. */
import { controlSpecs, isControl } from '../core/controls.ts';
import { EFFORTS } from '../core/effort.ts';
import { isBlank } from '../text.ts';
import type { ConfiguredTool } from '../tools/configured.ts';
import { schemaOf, TOOL_NAME } from '../tools/define.ts';
import { workspaceTools } from '../tools/index.ts';
import type { Config, ConfiguredAgent, ConfiguredTier } from './config.ts';
import { AGENT_NAME, LEAST_OUTPUT } from './define.ts';

/** What the names in a definition must be found in. `secret`: null where this process is not given the values. */
export type Surroundings = {
  agents: readonly string[];
  isKnownModel: (model: string) => boolean;
  secret: ((name: string) => string | undefined) | null;
};

/** A name that an SST secret can stand for and be told from every other. */
const SECRET_NAME = /^[A-Z][A-Z0-9]*(_[A-Z][A-Z0-9]*)*$/;
/** A shorter value could be a word, and is not taken out of what is written down (lib/observe/redact.ts). */
const LEAST_SECRET = 12;
const EFFECTS = ['pure', 'idempotent', 'once'];

export function faultsIn(config: Config, around: Surroundings): string[] {
  if (typeof config !== 'object' || config === null)
    return ['Its default export must be what defineConfig({ … }) returns.'];
  const { agents = [], tools = [], tiers = {} } = config;
  if (![agents, tools].every((list) => Array.isArray(list) && list.every(isObject)) || !isObject(tiers))
    return ['`agents` and `tools` must be lists of definitions, and `tiers` an object.'];
  const unknown = Object.keys(config).filter((key) => !['agents', 'tools', 'tiers'].includes(key));
  return [
    ...unknown.map((key) => `It sets ${key}, which is none of agents, tools and tiers.`),
    ...twice(tools).map((name) => `Two tools are called ${name}.`),
    ...twice(agents).map((name) => `Two agents are called ${name}.`),
    ...tools.flatMap((tool) => toolFaults(tool, agents, around)),
    ...agents.flatMap((agent) => agentFaults(agent, tools, around)),
    ...Object.entries(tiers).flatMap(([name, tier]) => tierFaults(name, tier, around)),
  ];
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const shown = (name: unknown): string =>
  typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : 'without a name';

function twice(list: readonly { name: string }[]): string[] {
  const names = list.map(({ name }) => name);
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

const shippedNames = (): string[] => workspaceTools.map(({ name }) => name);

function toolFaults(tool: ConfiguredTool, agents: readonly ConfiguredAgent[], around: Surroundings): string[] {
  const { name, description, effect, input, price, secrets = [], run } = tool;
  const of = `The tool ${shown(name)}`;
  const used = agents.some(({ tools }) => tools?.includes(name));
  return [
    ...(TOOL_NAME.test(name) ? [] : [`${of} needs a name of at most 64 letters, digits, underscores and hyphens.`]),
    ...(isControl(name) ? [`${of} has the name of a control, by which agents steer themselves: take another.`] : []),
    ...(shippedNames().includes(name) ? [`${of} has the name of a shipped tool: take another.`] : []),
    ...(isSaid(description) ? [] : [`${of} has no description, so no model would know what it is for.`]),
    ...(EFFECTS.includes(effect)
      ? []
      : [`${of} has the effect ${shown(effect)}: it must be one of ${EFFECTS.join(', ')}.`]),
    ...inputFaults(of, input),
    ...(price === undefined || (Number.isSafeInteger(price) && price > 0)
      ? []
      : [`${of} has the price ${price}: it must be whole microdollars from 1, or left out ($0.005 is 5000).`]),
    ...(typeof run === 'function' ? [] : [`${of} has no run.`]),
    ...(used ? [] : [`${of} is used by no agent: name it in the \`tools\` of one.`]),
    ...secrets.flatMap((secret) => secretFaults(of, secret, around)),
  ];
}

const isSaid = (text: unknown): boolean => typeof text === 'string' && !isBlank(text);

function inputFaults(of: string, input: unknown): string[] {
  // By its form: the package that made it may be another copy of zod.
  if ((input as { type?: unknown } | undefined)?.type !== 'object') return [`${of} needs a z.object(…) as its input.`];
  try {
    schemaOf((input as ConfiguredTool['input']).strict());
    return [];
  } catch (error) {
    return [`${of} has an input that no JSON Schema can say: ${(error as Error).message.replace(/\.$/, '')}.`];
  }
}

function secretFaults(of: string, name: string, { secret }: Surroundings): string[] {
  if (!SECRET_NAME.test(name))
    return [`${of} declares the secret ${shown(name)}: its name must be of the form GITHUB_TOKEN.`];
  const value = secret?.(name);
  if (secret === null || (value ?? '').length >= LEAST_SECRET) return [];
  return value
    ? [
        `The secret TOOL_SECRET_${name} is shorter than ${LEAST_SECRET} characters, so it could not be kept out of the log.`,
      ]
    : [`${of} needs the secret ${name}: set the variable TOOL_SECRET_${name}.`];
}

function agentFaults(agent: ConfiguredAgent, tools: readonly ConfiguredTool[], around: Surroundings): string[] {
  const { name, description, system, tools: names = [], maxOutputTokens: most } = agent;
  const of = `The agent ${shown(name)}`;
  const known = [...shippedNames(), ...tools.map((tool) => tool.name)];
  return [
    ...(AGENT_NAME.test(name) ? [] : [`${of} needs a name of at most 64 lower-case letters, digits and hyphens.`]),
    ...(around.agents.includes(name) ? [`${of} has the name of a shipped agent: take another.`] : []),
    ...(isSaid(description) ? [] : [`${of} has no description, so nobody would know what it is for.`]),
    ...(isSaid(system) ? [] : [`${of} has no system prompt.`]),
    ...twice(names.map((name) => ({ name }))).map((tool) => `${of} names the tool ${tool} twice.`),
    ...names.filter((tool) => !known.includes(tool)).map((tool) => unknownTool(of, tool, known)),
    ...modelFaults(of, agent, around),
    ...(most === undefined || (Number.isSafeInteger(most) && most >= LEAST_OUTPUT)
      ? []
      : [`${of} cannot have replies of ${most} tokens; ${LEAST_OUTPUT} is the least.`]),
  ];
}

const unknownTool = (of: string, tool: string, known: string[]): string =>
  isControl(tool)
    ? `${of} names ${tool} among its tools: every agent has the controls ${controlSpecs.map(({ name }) => name).join(', ')} anyway.`
    : `${of} names the tool ${shown(tool)}, which there is not: there are ${known.join(', ')}.`;

/** A model is needed by a tier, and may be left out by an agent. */
function modelFaults(
  of: string,
  { model, effort }: { model?: string; effort?: string },
  around: Surroundings,
): string[] {
  return [
    ...(model === undefined || around.isKnownModel(model)
      ? []
      : [`${of} has the model ${shown(model)}, whose price is not known.`]),
    ...(effort === undefined || EFFORTS.some((level) => level === effort)
      ? []
      : [`${of} has the effort ${shown(effort)}: it must be one of ${EFFORTS.join(', ')}.`]),
  ];
}

function tierFaults(name: string, tier: ConfiguredTier, around: Surroundings): string[] {
  const of = `The tier ${shown(name)}`;
  const { model, budgetMicrodollars: budget = 0, mostSessions = 1 } = tier;
  return [
    ...(/^[^\s=,]{1,64}$/.test(name) ? [] : [`${of} needs a name without blanks, commas and equals signs.`]),
    ...(model === undefined ? [`${of} has no model.`] : []),
    ...modelFaults(of, tier, around),
    ...(Number.isSafeInteger(budget) && budget >= 0 ? [] : [`${of} needs a budget in whole microdollars from 0.`]),
    ...(Number.isSafeInteger(mostSessions) && mostSessions >= 1 ? [] : [`${of} needs a number of sessions from 1.`]),
  ];
}
