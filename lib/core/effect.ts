/**
 * Effects: what is to be done, in the imperative, as data. At most one is under way at a time; `count`, `reserve`, `think`, `settle`,
 * `list`, `act` and `save` come back as an event, `chain` and `sleep` end the invocation.
 */

import type { Usage } from '../budget/pricing.ts';
import type { ApprovalRequest } from './approval.ts';
import type { LogEntry } from './events.ts';
import type { Memory } from './memory.ts';
import type { McpState } from './remote.ts';
import type { AgentSpec, Block, Message, ModelRequest, OfferedCall, Paid, SuspendedState } from './session.ts';

/** The money and the reply of one call, written together. `cost` null: the outcome is unknown, the whole hold is charged. */
export type Settlement = {
  n: number;
  cost: bigint | null;
  class: 'settled' | 'unknown';
  kind: 'think' | 'compact';
  model: string;
  usage: Usage | null;
  /** Rows to append, in order: what users and the runtime said, then the reply. */
  turns: Message[];
  /** Tool calls of the reply, in order; each is open until `save` answers it. */
  calls: { id: string; name: string; input: Record<string, unknown> }[];
  inboxTaken: number;
  /** The prompt told of the received files; left out: it did not. */
  filesTold?: true;
  /** What it says of the provider: `doubt`, a failure that may have been billed, holds the whole user back; `over` lets all go on. */
  outage?: 'doubt' | 'over';
  /** True for a reply of the agent: `iteration` grows by one. */
  iterated: boolean;
  memory: Memory;
  journal: LogEntry[];
};

/**
 * Money for call `n`: at least `least`, or it is not worth making, and no more than `wanted`. `handOff`: the session winds down, so that
 * what was set aside for its last iterations may be used.
 */
export type HoldRequest = {
  n: number;
  least: bigint;
  wanted: bigint;
  model: string;
  handOff: boolean;
  journal: LogEntry[];
};

/** What the session becomes if no command arrived since the claim (R5); otherwise it stays ready and due. */
export type Suspension = { to: SuspendedState; due: number; memory: Memory; journal: LogEntry[] };

export type Save = {
  /** The user turn to append (tool results first), or null. Closes all open tool calls but those in `open`. */
  turn: Block[] | null;
  /** Ids of calls that wait for a person still, or for those that do; left out: none. */
  open?: string[];
  /** Questions about some of them, put now; left out: none. */
  requests?: ApprovalRequest[];
  inboxTaken: number;
  memory: Memory;
  journal: LogEntry[];
  /** The holds of paid tools that this save closes. */
  paid: Paid[];
  /** When to move next if it is not suspended. */
  due: number;
  suspension: Suspension | null;
};

/** A queue message can wait this long; a longer sleep is the timer's. SQS: DelaySeconds is at most 900. */
export const LONGEST_DELAY_MS = 15 * 60_000;

export type Effect =
  /** Take the tool lists of these MCP servers. `agent`: as deployed, without their tools; `current`: the session's head, whose tools stay where a server does not answer. `allowed`: the only tools of the session; null: all. */
  | {
      type: 'list';
      agent: AgentSpec;
      current: AgentSpec;
      servers: Record<string, McpState | null>;
      allowed: string[] | null;
    }
  | { type: 'count'; request: ModelRequest }
  | ({ type: 'reserve' } & HoldRequest)
  | { type: 'think'; request: ModelRequest }
  | { type: 'settle'; settlement: Settlement }
  | { type: 'act'; calls: OfferedCall[]; servers?: Record<string, McpState> }
  | { type: 'save'; save: Save }
  /** Ask for another invocation after `delayMs` (0: at once). A hint. */
  | { type: 'chain'; delayMs: number }
  /** Ask to be woken at `until`. A hint. */
  | { type: 'sleep'; until: number };
