/**
 * Ports: what Circadian needs of the world, in its own words. One contract suite each (test/contract/), which every implementation passes.
 * Failures are of three kinds. Expected ones are values. A lost fence throws `FenceLost`, after which the invocation may write nothing more.
 * Anything else that throws is broken (network, bug): the invocation dies, and redelivery or the recovery cron repeats it.
 */
import type { Purse } from '../budget/purse.ts';
import type { AgentSpec, Policy } from '../core/session.ts';
import type { WebAccess } from '../web/access.ts';
import type { Live } from './live.ts';
import type { Mcp } from './mcp.ts';
import type { Memories } from './memories.ts';
import type { Model } from './model.ts';
import type { BudgetAlerts, Webhook } from './notifications.ts';
import type { Queue, Timer } from './queue.ts';
import type { Sweeper } from './sweeper.ts';
import type { Tools } from './tools.ts';
import type { Transfer } from './transfer.ts';
import type { Accounts, UserSessions } from './users.ts';
import type { Outbox, Webhooks } from './webhooks.ts';
import type { Heads, WorkerSessions } from './worker.ts';

export type { Purse } from '../budget/purse.ts';
export type { Status } from '../core/status.ts';
export * from './all-events.ts';
export * from './approvals.ts';
export * from './audit.ts';
export * from './evidence.ts';
export * from './lists.ts';
export * from './live.ts';
export * from './machine.ts';
export * from './mcp.ts';
export * from './memories.ts';
export * from './model.ts';
export * from './notifications.ts';
export * from './operator.ts';
export * from './payments.ts';
export * from './queue.ts';
export * from './rate-limiter.ts';
export * from './redrive.ts';
export * from './sandbox.ts';
export * from './schedules.ts';
export * from './search.ts';
export * from './session-commands.ts';
export * from './session-lists.ts';
export * from './session-view.ts';
export * from './sweeper.ts';
export * from './tools.ts';
export * from './traces.ts';
export * from './transfer.ts';
export * from './triggers.ts';
export * from './usage.ts';
export * from './users.ts';
export * from './webhooks.ts';
export * from './worker.ts';
export * from './workspace.ts';

/** Elapsed real time in milliseconds, for deadlines and for carrying the database's clock forward within an invocation. */
export type Clock = { elapsed(): number };

/** One JSON line per transition. No prompt, no tool body, no secret. */
export type Log = (line: { level: 'info' | 'warn' | 'error'; message: string } & Record<string, unknown>) => void;

/** All of them, put together in lib/world.ts. Whoever gets a world needs nothing else. */
export type World = {
  sessions: WorkerSessions;
  heads: Heads;
  userSessions: UserSessions;
  accounts: Accounts;
  transfer: Transfer;
  memories: Memories;
  sweeper: Sweeper;
  purse: Purse;
  alerts: BudgetAlerts;
  webhooks: Webhooks;
  outbox: Outbox;
  webhook: Webhook;
  queue: Queue;
  timer: Timer;
  live: Live;
  model: Model;
  tools: Tools;
  mcp: Mcp;
  clock: Clock;
  /** Whether the deployment wants a person to approve this call of this agent, pure; left out: no call. */
  asks?: (agent: string, call: { name: string; input: Record<string, unknown> }) => boolean;
  log: Log;
  policy: Policy;
  /** The agent of this name as this deployment has it for a session that may ask so much of the web; null: it has none (any more). */
  agent(name: string, web?: WebAccess | null): AgentSpec | null;
};
