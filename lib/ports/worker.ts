/** The worker's side of a session: one iteration's requests, and the heads of its prompts (index.ts says the rules of all ports). */
import type { HoldRequest, Save, Settlement } from '../core/effect.ts';
import type { RefusedBy } from '../core/input.ts';
import type {
  AgentSpec,
  Claims,
  Day,
  PendingCommands,
  SessionConfig,
  StoredMessage,
  StoredState,
  ToolCall,
} from '../core/session.ts';
import type { SharedMemory } from '../core/shared-memory.ts';
import type { LiveView } from './live.ts';
import type { LoadedMemory, MemorySave } from './memories.ts';
import type { FileChange, WorkspaceFile } from './workspace.ts';

/** This owner's fence is not the session's any more (or it has saved already): another invocation goes on. Expected: not an error. */
export class FenceLost extends Error {
  override name = 'FenceLost';
}

/** What was to be written down is of a kind that the store does not take. Nothing was written, and the same would be refused again. */
export class Unstorable extends Error {
  override name = 'Unstorable';
}

/** All that a claim read, after its lock. `calls` are the unfinished ones. `facts.agent` and `facts.model` are names still. */
export type Claim = {
  fence: number;
  at: number;
  attempts: number;
  iteration: number;
  cost: bigint;
  /** What its last call asked for at least; 0n: it has made none. */
  least: bigint;
  facts: Omit<SessionConfig, 'agent'> & { agent: string };
  state: StoredState;
  memory: unknown;
  history: StoredMessage[];
  calls: ToolCall[];
  pending: PendingCommands;
  claims: Claims;
  /** Searches of the web that the session has made today. */
  searches: number;
  /** The shared memory that the session names; null: it names none. */
  shared: SharedMemory | null;
  day: Day;
};

export type Saved = { state: string; due: number; chain: boolean; view: LiveView };

/**
 * The worker's side of the sessions: the four requests of an iteration and what lies beside them. Every one is one HTTP request, one
 * transaction, and may be repeated blindly: a repeat changes nothing and answers as the first time did (R4). All but `claim` throw
 * `FenceLost`, except that `settle` by an old owner still settles the money (R7) and then throws.
 */
export type WorkerSessions = {
  /**
   * Own the session if it is due and has no owner. `invocation` is a UUID minted before the first try. Holds that a dead owner left open are
   * charged in full, as unknown. Where no tool call is open, what users wrote to the workspace is in it from here on, once, and in the journal.
   * A number in `retryInMs` means: not due yet, hint again then. Null: no need to. The session has ended, is unknown, is owned by a worker
   * that will chain, or needs a person to act.
   */
  claim(id: string, invocation: string): Promise<Claim | { claimed: false; retryInMs: number | null }>;
  /**
   * Hold money for call `n` of this owner: as much of `wanted` as fits, at least `least` (R12). What is set aside for the hand-offs of others
   * does not fit, nor what is set aside for its own, unless `handOff`. The journal is written if granted.
   *
   * After a settlement with `outage` `doubt` the user's sessions are refused by `outage`, with the instant to come back at. One probe at a
   * time is granted its least. The pauses between probes grow from a minute to an hour. The session that asked for the least tries first.
   * `over` ends the outage and wakes the other sessions.
   */
  reserve(
    id: string,
    fence: number,
    asking: HoldRequest,
  ): Promise<{ granted: bigint; day: string } | { refused: RefusedBy; day: Day; until?: number }>;
  /**
   * Money, reply and tool calls of call `n`, at once. `cost` in the answer is the session's. `filesTold`: received files are not told again.
   * Throws `Unstorable`.
   */
  settle(
    id: string,
    fence: number,
    settlement: Settlement,
  ): Promise<{ day: Day; cost: bigint; pending: PendingCommands }>;
  /**
   * Observations, files, the cost of paid tools and what comes next; the lease ends. With commands that the claim has not seen the session is not suspended (R5).
   * `memory`: changes of its shared memory, written together with all else. Throws `MemoryMoved` where another has written to it since; then nothing
   * is saved, and the lease goes on.
   */
  save(id: string, fence: number, save: Save, files: FileChange[], memory?: MemorySave): Promise<Saved>;
  /** Prolongs the lease by 45 s of real time; brings what is desired. Not counted as seen. */
  heartbeat(id: string, fence: number): Promise<PendingCommands>;
  /**
   * Hold all of `most` for one call of a paid tool; `n` as holdNumber of the core gives it. What is set aside for hand-offs does not fit. A hold is
   * closed by `save`, or charged in full by the next claim.
   */
  holdTool(
    id: string,
    fence: number,
    asking: { n: number; tool: string; most: bigint },
  ): Promise<{ granted: bigint; day: string } | { refused: RefusedBy; day: Day }>;
  /**
   * As `holdTool`, for the search of the web that the open tool call `call` asks for, and counts it among those that the session may make a day
   * (`WebAccess.searchesPerDay`). Both are done, or neither. A call counts once, also where its owner dies and the next one makes it again. With
   * `most` 0 nothing is held, and there is no hold to close. `searches`: the session has made its `most` of today.
   */
  startSearch(
    id: string,
    fence: number,
    asking: { n: number; call: string; tool: string; most: bigint },
  ): Promise<
    | { granted: bigint; day: string }
    | { refused: RefusedBy; day: Day }
    | { refused: 'searches'; most: number; day: Day }
  >;
  /**
   * The mark before a `once` tool, made only while no user wants a stop. `run`: the mark is made, run the tool now. `pause`, `cancel`: it is
   * not made, by a user's command. `begun`: an earlier owner started the call, or it is no open call. Its outcome is then unknown, and it must
   * not run.
   *
   * When the reply to `run` was lost, the repeat may say `pause` or `cancel`. Then the call is marked and has not run, and an owner after a
   * crash says unknown.
   */
  startTool(id: string, fence: number, callId: string): Promise<PendingCommands['desired'] | 'begun'>;
  /** The session's files as of its last save and claim, loaded when a tool first needs them. */
  files(id: string): Promise<WorkspaceFile[]>;
  /** The session's shared memory as it is now, for a session that names one. */
  memory(id: string): Promise<LoadedMemory>;
  /** The rows before row `before`, oldest first: what a summary stands for. The newest of them, up to some MB. */
  past(id: string, before: number): Promise<StoredMessage[]>;
};

/**
 * Heads of prompts, by what tells them apart, so that a session keeps its own over a deployment that changes its agent. What is kept never
 * changes. Losing one costs its sessions their thinking, nothing else.
 */
export type Heads = {
  /** Repeating it changes nothing. */
  keep(id: string, head: AgentSpec): Promise<void>;
  /** Null: it was never kept. */
  load(id: string): Promise<AgentSpec | null>;
};
