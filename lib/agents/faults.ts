/** What is wrong with circadian.config.ts, as sentences: all of them at once, and no value of a secret in one. */
import { controlSpecs, isControl } from '../core/controls.ts';
import { EFFORTS } from '../core/effort.ts';
import { isBlank } from '../text.ts';
import type { ConfiguredTool } from '../tools/configured.ts';
import { type ConfiguredCredential, HEADER } from '../tools/credentials.ts';
import { TOOL_NAME } from '../tools/define.ts';
import { shippedNames } from '../tools/index.ts';
import { FIELD_NAME, schemaOf, unsayable } from '../tools/input-schema.ts';
import { ruleOf } from '../web/access.ts';
import type { Config, ConfiguredAgent, ConfiguredTier } from './config.ts';
import { AGENT_NAME, LEAST_OUTPUT } from './define.ts';
import { type ConfiguredMcpServer, mcpFaults } from './mcp.ts';
import { EFFECTS, quoted } from './words.ts';

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

/** What each definition may have. Types are gone when it runs, and a field that nobody reads would be a promise that nobody keeps. */
const FIELDS = {
  config: ['agents', 'tools', 'tiers', 'credentials', 'approvals', 'mcp'],
  agent: ['name', 'description', 'system', 'tools', 'model', 'effort', 'maxOutputTokens', 'approvals', 'mcp'],
  tool: ['name', 'description', 'effect', 'input', 'price', 'approval', 'secrets', 'run'],
  credential: ['secret', 'hosts', 'header', 'user'],
  server: ['name', 'url', 'secret', 'header', 'tools', 'effect', 'timeoutSeconds'],
  tier: ['model', 'effort', 'budgetMicrodollars', 'mostSessions', 'stripePrices'],
};

export function faultsIn(config: Config, around: Surroundings): string[] {
  if (!isObject(config)) return ['Its default export must be what defineConfig({ … }) returns.'];
  const { agents = [], tools = [], tiers = {}, credentials = [], mcp = [] } = config;
  if (!isDefinitions(credentials)) return ['`credentials` must be a list of definitions.'];
  if (!isDefinitions(mcp)) return ['`mcp` must be a list of definitions.'];
  if (!isDefinitions(agents) || !isDefinitions(tools) || !isObject(tiers) || !isDefinitions(Object.values(tiers)))
    return ['`agents` and `tools` must be lists of definitions, and `tiers` an object of them.'];
  return [
    ...unknownFields('It', config, 'config'),
    ...twice(tools.map(({ name }) => name)).map((name) => `Two tools are called ${name}.`),
    ...twice(agents.map(({ name }) => name)).map((name) => `Two agents are called ${name}.`),
    ...tools.flatMap((tool) => toolFaults(tool, agents, around)),
    ...agents.flatMap((agent) => agentFaults(agent, { tools, mcp }, around)),
    ...twice(credentials.map(({ secret }) => secret)).map((name) => `Two credentials have the secret ${name}.`),
    ...credentials.flatMap((credential) => credentialFaults(credential, around)),
    ...twice(mcp.map(({ name }) => name)).map((name) => `Two MCP servers are called ${name}.`),
    ...mcp.flatMap((server) => serverFaults(server, around)),
    ...Object.entries(tiers).flatMap(([name, tier]) => tierFaults(name, tier, around)),
    ...approvalFaults('It', config.approvals),
  ];
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isDefinitions = (value: unknown): boolean => Array.isArray(value) && value.every(isObject);

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string');

const isSaid = (text: unknown): boolean => typeof text === 'string' && !isBlank(text);

const isNamed = (name: unknown, pattern: RegExp): boolean => typeof name === 'string' && pattern.test(name);

const called = (name: unknown): string => (name === undefined || name === '' ? 'without a name' : quoted(name));

const unless = (holds: boolean, sentence: string): string[] => (holds ? [] : [sentence]);

const unknownFields = (of: string, definition: object, kind: keyof typeof FIELDS): string[] =>
  Object.keys(definition)
    .filter((key) => !FIELDS[kind].includes(key))
    .map((key) => `${of} sets ${key}, which is none of ${FIELDS[kind].join(', ')}.`);

const twice = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, at) => names.indexOf(name) !== at)),
];

/** Of a list of names that is none, no name is looked at. */
const namesIn = (list: readonly string[] | undefined): readonly string[] => (isTexts(list) ? list! : []);

function toolFaults(tool: ConfiguredTool, agents: readonly ConfiguredAgent[], around: Surroundings): string[] {
  const { name, description, effect, input, price, approval, secrets = [], run } = tool;
  const of = `The tool ${called(name)}`;
  const isUsed = agents.some(({ tools }) => namesIn(tools).includes(name));
  return [
    ...unknownFields(of, tool, 'tool'),
    ...unless(isNamed(name, TOOL_NAME), `${of} needs a name of at most 64 letters, digits, underscores and hyphens.`),
    ...unless(!isControl(name), `${of} has the name of a control, by which agents steer themselves: take another.`),
    ...unless(!shippedNames().includes(name), `${of} has the name of a shipped tool: take another.`),
    ...unless(isSaid(description), `${of} has no description, so no model would know what it is for.`),
    ...unless(
      EFFECTS.includes(effect),
      `${of} has the effect ${quoted(effect)}: it must be one of ${EFFECTS.join(', ')}.`,
    ),
    ...inputFaults(of, input),
    ...unless(
      price === undefined || (Number.isSafeInteger(price) && price > 0),
      `${of} has the price ${quoted(price)}: it must be whole microdollars from 1, or left out ($0.005 is 5000).`,
    ),
    ...unless(
      approval === undefined || isRule(approval),
      `${of} has the approval ${quoted(approval)}: it must be 'never', 'ask' or a function of the arguments.`,
    ),
    ...unless(typeof run === 'function', `${of} has no run.`),
    ...unless(isUsed, `${of} is used by no agent: name it in the \`tools\` of one.`),
    ...unless(isTexts(secrets), `${of} needs a list of names as its \`secrets\`, such as ['GITHUB_TOKEN'].`),
    ...namesIn(secrets).flatMap((secret) => secretFaults(of, secret, around)),
  ];
}

const isRule = (rule: unknown): boolean => rule === 'never' || rule === 'ask' || typeof rule === 'function';

/** By names that are not looked up: a tool of a server is known only where that is asked. */
function approvalFaults(of: string, approvals: unknown): string[] {
  if (approvals === undefined) return [];
  if (!isObject(approvals))
    return [`${of} needs an object of rules as its \`approvals\`, such as { git_push: 'ask' }.`];
  return Object.entries(approvals).flatMap(([tool, rule]) => [
    ...unless(
      isRule(rule),
      `${of} has ${quoted(rule)} as its approval of ${tool}: it must be 'never', 'ask' or a function of the arguments.`,
    ),
    ...unless(
      !isControl(tool),
      `${of} has an approval of ${tool}, which is a control: agents steer themselves by these.`,
    ),
  ]);
}

function inputFaults(of: string, input: unknown): string[] {
  // By its form: the package that made it may be another copy of zod.
  const { type, strict: isZod } = (input ?? {}) as { type?: unknown; strict?: unknown };
  if (type !== 'object' || typeof isZod !== 'function') return [`${of} needs a z.object(…) as its input.`];
  const strict = (input as ConfiguredTool['input']).strict();
  try {
    const { properties = {} } = schemaOf(strict);
    return Object.keys(properties as object)
      .filter((field) => !FIELD_NAME.test(field))
      .map(
        (field) =>
          `${of} has the field ${quoted(field)}: take at most 64 letters, digits, dots, underscores and hyphens.`,
      );
  } catch {
    return unsayable(strict).map(
      ({ field, why }) => `${of} has an input whose field ${quoted(field)} the model cannot be told: ${why}.`,
    );
  }
}

function secretFaults(of: string, name: string, { secret }: Surroundings): string[] {
  if (!SECRET_NAME.test(name))
    return [`${of} declares the secret ${quoted(name)}: its name must be of the form GITHUB_TOKEN.`];
  const value = secret?.(name);
  if (secret === null || (value ?? '').length >= LEAST_SECRET) return [];
  return value
    ? [
        `The secret TOOL_SECRET_${name} is shorter than ${LEAST_SECRET} characters, so it could not be kept out of the log.`,
      ]
    : [`${of} needs the secret ${name}: set the variable TOOL_SECRET_${name}.`];
}

function credentialFaults(credential: ConfiguredCredential, around: Surroundings): string[] {
  const { secret, hosts, header, user } = credential;
  const of = `The credential ${called(secret)}`;
  return [
    ...unknownFields(of, credential, 'credential'),
    ...unless(
      isTexts(hosts) && hosts.length > 0,
      `${of} needs a list of hosts as its \`hosts\`, such as ['api.github.com'].`,
    ),
    ...namesIn(hosts)
      .filter((host) => ruleOf(host) === null)
      .map(
        (host) =>
          `${of} has the host ${quoted(host)}: name a host such as 'api.github.com', without a port, with or without the beginning of a path.`,
      ),
    ...unless(
      header === undefined || (typeof header === 'string' && HEADER.test(header)),
      `${of} has the header ${quoted(header)}: it must be of the form 'x-api-key: {secret}'.`,
    ),
    ...unless(
      user === undefined || (typeof user === 'string' && /^[^\s:]{1,100}$/.test(user)),
      `${of} has the user ${quoted(user)}: it must be a name without blanks and colons.`,
    ),
    ...secretFaults(of, typeof secret === 'string' ? secret : '', around),
  ];
}

function serverFaults(server: ConfiguredMcpServer, around: Surroundings): string[] {
  const of = `The MCP server ${called(server.name)}`;
  const { secret } = server;
  return [
    ...unknownFields(of, server, 'server'),
    ...mcpFaults(of, server),
    ...(secret === undefined ? [] : secretFaults(of, typeof secret === 'string' ? secret : '', around)),
  ];
}

type Others = { tools: readonly ConfiguredTool[]; mcp: readonly ConfiguredMcpServer[] };

function agentFaults(agent: ConfiguredAgent, { tools, mcp }: Others, around: Surroundings): string[] {
  const { name, description, system, tools: wanted = [], maxOutputTokens: most = LEAST_OUTPUT } = agent;
  const of = `The agent ${called(name)}`;
  const known = [...shippedNames(), ...tools.map((tool) => tool.name)];
  const names = namesIn(wanted);
  return [
    ...unknownFields(of, agent, 'agent'),
    ...unless(isNamed(name, AGENT_NAME), `${of} needs a name of at most 64 lower-case letters, digits and hyphens.`),
    ...unless(!around.agents.includes(name), `${of} has the name of a shipped agent: take another.`),
    ...unless(isSaid(description), `${of} has no description, so nobody would know what it is for.`),
    ...unless(isSaid(system), `${of} has no system prompt.`),
    ...unless(
      isTexts(wanted),
      `${of} needs a list of names as its \`tools\`, such as ['read_file'], not the tools themselves.`,
    ),
    ...twice(names).map((tool) => `${of} names the tool ${tool} twice.`),
    ...names.filter((tool) => !known.includes(tool)).map((tool) => unknownTool(of, tool, known)),
    ...unless(isTexts(agent.mcp ?? []), `${of} needs a list of names as its \`mcp\`.`),
    ...namesIn(agent.mcp)
      .filter((server) => !mcp.some((one) => one.name === server))
      .map((server) => `${of} names the MCP server ${quoted(server)}, which there is not.`),
    ...modelFaults(of, agent, around),
    ...approvalFaults(of, agent.approvals),
    ...unless(
      Number.isSafeInteger(most) && most >= LEAST_OUTPUT,
      `${of} cannot have replies of ${quoted(most)} tokens; ${LEAST_OUTPUT} is the least.`,
    ),
  ];
}

const unknownTool = (of: string, tool: string, known: string[]): string =>
  isControl(tool)
    ? `${of} names ${tool} among its tools: every agent has the controls ${controlSpecs.map(({ name }) => name).join(', ')} anyway.`
    : `${of} names the tool ${quoted(tool)}, which there is not: there are ${known.join(', ')}.`;

/** A model is needed by a tier, and may be left out by an agent. */
const modelFaults = (
  of: string,
  { model, effort }: { model?: string; effort?: string },
  { isKnownModel }: Surroundings,
): string[] => [
  ...unless(
    model === undefined || isKnownModel(model),
    `${of} has the model ${quoted(model)}, whose price is not known.`,
  ),
  ...unless(
    effort === undefined || EFFORTS.some((level) => level === effort),
    `${of} has the effort ${quoted(effort)}: it must be one of ${EFFORTS.join(', ')}.`,
  ),
];

function tierFaults(name: string, tier: ConfiguredTier, around: Surroundings): string[] {
  const of = `The tier ${called(name)}`;
  const { model, budgetMicrodollars: budget = 0, mostSessions = 1, stripePrices: prices = [] } = tier;
  return [
    ...unknownFields(of, tier, 'tier'),
    ...unless(/^[^\s=,]{1,64}$/.test(name), `${of} needs a name without blanks, commas and equals signs.`),
    ...unless(model !== undefined, `${of} has no model.`),
    ...modelFaults(of, tier, around),
    ...unless(Number.isSafeInteger(budget) && budget >= 0, `${of} needs a budget in whole microdollars from 0.`),
    ...unless(Number.isSafeInteger(mostSessions) && mostSessions >= 1, `${of} needs a number of sessions from 1.`),
    ...unless(
      Array.isArray(prices) && prices.every((price) => typeof price === 'string' && price !== ''),
      `${of} needs a list of ids of prices as its \`stripePrices\`.`,
    ),
  ];
}
