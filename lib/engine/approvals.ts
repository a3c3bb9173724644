/** What the core is given to decide by which calls need a person: the session's own list, and the rules of the deployment. */
import type { ApprovalRules } from '../core/approval.ts';
import type { SessionConfig } from '../core/session.ts';
import type { World } from '../ports/index.ts';
import { sha256 } from './sha256.ts';

export function approvalRules(
  { asks }: Pick<World, 'asks'>,
  agent: string,
  { approvals }: Pick<SessionConfig, 'approvals'>,
): ApprovalRules {
  const named = new Set(approvals ?? []);
  return {
    asks: (call) => named.has(call.name) || (asks?.(agent, call) ?? false),
    hash: sha256,
  };
}
