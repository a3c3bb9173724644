/**
 * Events: what happened, in the past tense, as data. Every event carries `at` (milliseconds UTC, the database's clock carried forward
 * by the invocation's own elapsed time), so that the core needs no clock.
 */
import type { Usage } from '../budget/pricing.ts';
import type { McpState, ServerList } from './remote.ts';
import type { AgentSpec, Claims, Day, PendingCommands, Reply, ToolResult } from './session.ts';

/**
 * Which limit refused a hold (R12). `held`: it fits once others settle; `day`: not today, and `share`: not within this session's part of
 * today; `cap`: not within this session's own cap; `stopped`: no limit, but a user's pause or cancel; `outage`: none either, but the
 * provider fails this user, and another session tries first, or later.
 */
export type RefusedBy = 'day' | 'share' | 'held' | 'cap' | 'stopped' | 'outage';

/**
 * How a model call failed, and what the failure proves about the bill (R7). `unusable`: the line held, but what came could not be taken in, so
 * that the next reply may be no better.
 */
export type Failure =
  /** A 4xx or 529 before the stream, or no connection at all (status 0): nothing was served. */
  | { proof: 'not_served'; status: number; code: string; message: string; retryAfterMs: number | null }
  /** The stream began (`usage` is from message_start: exact input), then broke. `stopped`: a user's command or a lost lease cut it. */
  | { proof: 'cut'; usage: Usage; model: string; message: string; stopped: boolean; unusable?: true }
  /** 5xx, time-out, silence: may have been billed. */
  | { proof: 'unknown'; status: number | null; message: string; unusable?: true };

export type Input = { at: number } & (
  | { type: 'claimed'; claims?: Claims }
  /** `agent`: with the tools of all servers that answered, and the id of the head that it is. */
  | { type: 'listed'; agent: AgentSpec; lists: ServerList[] }
  | { type: 'counted'; tokens: number | null }
  | { type: 'granted'; amount: bigint; day: string }
  /** `until`: when to come back, of an outage. */
  | { type: 'refused'; by: RefusedBy; day: Day; until?: number }
  | { type: 'replied'; reply: Reply }
  | { type: 'failed'; failure: Failure }
  | { type: 'settled'; day: Day; cost: bigint; pending: PendingCommands }
  /** `servers`: where the session stands now with the MCP servers that were asked. */
  | { type: 'observed'; results: ToolResult[]; servers?: Record<string, McpState> }
  | { type: 'saved'; state: string; due: number; chain: boolean }
);

/** The failure of a call whose reply came whole, and with which our own work then threw `error`. */
export const unusable = ({ usage, model }: Reply, error: unknown): Failure => ({
  proof: 'cut',
  usage,
  model,
  message: `the reply could not be taken in: ${error instanceof Error ? error.message : String(error)}`,
  stopped: false,
  unusable: true,
});
