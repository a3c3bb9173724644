/** What follows from the agent that a session names: what it gets where it names nothing more, and what its first step costs. */

import { type Effort, effortAsked } from '../core/effort.ts';
import { leastOfFirstCall } from '../core/first-call.ts';
import type { Policy } from '../core/session.ts';
import { shapedAgent } from '../core/shaped-agent.ts';
import type { NewSession } from '../ports/index.ts';
import type { Catalog } from './catalog.ts';
import { specFor } from './define.ts';

/** `model` null: neither the agent nor the tier has one. */
export type AgentDefaults = { model: string | null; effort: Effort | null; maxOutputTokens: number };

export function defaultsOf({ find }: Catalog, policy: Policy, tierModels: Record<string, string>) {
  const models = new Map(Object.entries(tierModels));
  return (name: string, tier: string): AgentDefaults => {
    const agent = find(name);
    const model = agent?.model ?? models.get(tier) ?? null;
    return {
      model,
      effort: model === null ? null : effortAsked(model, agent?.spec.effort, policy.tierEffort[tier]),
      maxOutputTokens: agent?.spec.maxOutputTokens ?? policy.maxOutputTokens,
    };
  };
}

/** Of a session of an agent that this deployment has. Microdollars: see `leastOfFirstCall`. */
export const firstStepCost =
  ({ find }: Catalog, policy: Policy) =>
  (userId: string, { share: _, metadata: __, agent: name, ...session }: NewSession) => {
    const found = find(name);
    const spec = found ? specFor(found, session.web) : { name, system: '', tools: [] };
    const agent = shapedAgent(spec, session, 0);
    return leastOfFirstCall({ ...session, userId, agent, mcp: null, wakePolicy: 'auto' }, policy, Date.now());
  };
