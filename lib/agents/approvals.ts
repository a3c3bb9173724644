/** Which calls of a deployment's tools need a person, as circadian.config.ts says it. */

import type { ApprovalRule } from '../tools/configured.ts';
import type { Config } from './config.ts';

function asksBy(rule: ApprovalRule | undefined, input: Record<string, unknown>): boolean {
  if (typeof rule !== 'function') return rule === 'ask';
  try {
    return rule(input) !== false;
  } catch {
    return true;
  }
}

/**
 * Whether a person must approve this call of this agent: where the tool, the agent or the deployment says so. None of the three takes back what another
 * asks for. A rule that throws, or answers with anything but false, asks.
 */
export function approvalsOf({ tools = [], agents = [], approvals = {} }: Config) {
  const ofTools = new Map(tools.map(({ name, approval }) => [name, approval]));
  const ofAgents = new Map(agents.map((agent) => [agent.name, agent.approvals ?? {}]));
  return (agent: string, { name, input }: { name: string; input: Record<string, unknown> }): boolean =>
    [ofTools.get(name), ofAgents.get(agent)?.[name], approvals[name]].some((rule) => asksBy(rule, input));
}
