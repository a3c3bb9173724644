/** What circadian.config.ts says: the agents, tools and tiers of a deployment beside those that are shipped. catalog.ts checks it. */
import type { Effort } from '../core/effort.ts';
import type { ApprovalRule, ConfiguredTool } from '../tools/configured.ts';
import type { ConfiguredCredential } from '../tools/credentials.ts';
import type { ConfiguredMcpServer } from './mcp.ts';

export type ConfiguredAgent = {
  /** As a session's `agent` names it: lower-case letters, digits and `-`, at most 64. */
  name: string;
  /** For people who choose an agent. */
  description: string;
  /** Fixed text. Times, amounts and names belong into the goal: one byte of difference here, and no prompt is found in the cache. */
  system: string;
  /** Names of shipped and of own tools, in the order in which the prompt lists them. Left out: all shipped ones. */
  tools?: readonly string[];
  /** Where a session says none of the three. Left out: the tier's, the deployment's. */
  effort?: Effort;
  model?: string;
  /** Names of MCP servers, whose tools its sessions have that name none. */
  mcp?: readonly string[];
  /** Tokens of one reply, thinking included; 1,024 at least. */
  maxOutputTokens?: number;
  /** Which calls of its tools a person must approve, by the name of the tool. */
  approvals?: Readonly<Record<string, ApprovalRule>>;
};

/** What the variables `TIER_MODELS`, `TIER_EFFORT`, `TIER_BUDGETS`, `TIER_SESSIONS` and `TIER_STRIPE_PRICES` say of a tier; where both do, the variables count. */
export type ConfiguredTier = {
  model: string;
  effort?: Effort;
  /** Of a new user, for each cycle. */
  budgetMicrodollars?: number;
  /** Most sessions of one user that have not ended. */
  mostSessions?: number;
  /** Ids of prices at Stripe: a subscription to one of them pays for this tier (docs/payments.md). */
  stripePrices?: readonly string[];
};

export type Config = {
  agents?: readonly ConfiguredAgent[];
  tools?: readonly ConfiguredTool[];
  tiers?: Readonly<Record<string, ConfiguredTier>>;
  /** Which calls of tools, shipped ones too, a person must approve in every session, by the name of the tool. */
  approvals?: Readonly<Record<string, ApprovalRule>>;
  /** Secrets that sessions may name for their shell (docs/web.md). Each user may name each of them: give them no more rights than all may have. */
  credentials?: readonly ConfiguredCredential[];
  /** MCP servers whose tools agents and sessions may have (docs/mcp.md). */
  mcp?: readonly ConfiguredMcpServer[];
};

/** Names of the secrets that tools and credentials need, each once. Never throws, since it is asked before the definitions are checked. */
export function secretNames(config: Config): string[] {
  const tools = Array.isArray(config?.tools) ? (config.tools as NonNullable<Config['tools']>) : [];
  const credentials = Array.isArray(config?.credentials)
    ? (config.credentials as NonNullable<Config['credentials']>)
    : [];
  const servers = Array.isArray(config?.mcp) ? (config.mcp as NonNullable<Config['mcp']>) : [];
  const names = [
    ...tools.flatMap((tool) => tool?.secrets ?? []),
    ...[...credentials, ...servers].map((one) => one?.secret),
  ];
  return [...new Set(names)].filter((name): name is string => typeof name === 'string');
}
