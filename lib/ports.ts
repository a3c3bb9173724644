/**
 * Ports: what Circadian needs of the world, in its own words. One contract suite each (test/contract/), which every implementation passes.
 * Failures are of three kinds. Expected ones are values. A lost fence throws `FenceLost`, after which the invocation may write nothing more.
 * Anything else that throws is broken (network, bug): the invocation dies, and redelivery or the recovery cron repeats it.
 */
import type { Usage } from './budget/pricing.ts';
import type { Asking, Save, Settlement } from './core/effect.ts';
import type { Failure, RefusedBy } from './core/event.ts';
import type {
  AgentSpec,
  Claims,
  Day,
  EffectClass,
  Facts,
  ModelRequest,
  Policy,
  Reply,
  Rested,
  Row,
  ToolCall,
  Wishes,
} from './core/session.ts';
import type { Live, LiveView } from './ports/live.ts';
import type { Notices, Webhook } from './ports/notices.ts';
import type { Accounts, Desk } from './ports/persons.ts';
import type { Transfer } from './ports/transfer.ts';
import type { Step } from './steps.ts';

export type { Status } from './core/status.ts';
export * from './ports/books.ts';
export * from './ports/evidence.ts';
export * from './ports/live.ts';
export * from './ports/notices.ts';
export * from './ports/persons.ts';
export * from './ports/redrive.ts';
export * from './ports/transfer.ts';

/** This owner's fence is not the session's any more (or it has saved already): another invocation goes on. Not an error of anybody. */
export class FenceLost extends Error {
  override name = 'FenceLost';
}

/** All that a claim read, after its lock. `calls` are the unfinished ones. `facts.agent` and `facts.model` are names still. */
export type Claim = {
  fence: number;
  at: number;
  attempts: number;
  iteration: number;
  cost: bigint;
  facts: Omit<Facts, 'agent'> & { agent: string };
  state: Rested;
  memory: unknown;
  history: Row[];
  calls: ToolCall[];
  wishes: Wishes;
  day: Day;
  claims: Claims;
};

/**
 * The worker's side of the sessions: the four requests of an iteration and what lies beside them. Every one is one HTTP request, one
 * transaction, and may be repeated blindly: a repeat changes nothing and answers as the first time did (R4). All but `claim` throw
 * `FenceLost`, except that `settle` by an old owner still settles the money (R7) and then throws.
 */
export type Sessions = {
  /**
   * Own the session if it is due and nobody does. `invocation` is a UUID minted before the first try. Holds that a dead owner left open
   * are charged in full, as unknown.
   * A number in `retryInMs` means: not due yet, hint again then; null: no need to (ended, unknown, owned by another who will chain, or a
   * person must act).
   */
  claim(id: string, invocation: string): Promise<Claim | { claimed: false; retryInMs: number | null }>;
  /**
   * Hold money for call `n` of this owner: as much of `wanted` as fits, at least `least` (R12). What is set aside for the hand-offs of others
   * does not fit, nor what is set aside for its own, unless `handOff`. The journal is written if granted. After a settlement with `outage`
   * `doubt` the user's sessions are refused by `outage`, with the instant to come back at, but for one probe at a time, which gets its least:
   * the pauses between them grow from a minute to an hour, and who asked for the least tries first. `over` ends that, and wakes the others.
   */
  reserve(
    id: string,
    fence: number,
    asking: Asking,
  ): Promise<{ granted: bigint; day: string } | { refused: RefusedBy; day: Day; until?: number }>;
  /** Money, reply and tool calls of call `n`, at once. `cost` in the answer is the session's. Throws `Unstorable`. */
  settle(id: string, fence: number, settlement: Settlement): Promise<{ day: Day; cost: bigint; wishes: Wishes }>;
  /** Observations, files and what comes next; the lease ends. With wishes that the claim has not seen it does not rest (R5). */
  save(id: string, fence: number, save: Save, files: FileChange[]): Promise<Saved>;
  /** Prolongs the lease by 45 s of real time; brings what is desired. Not counted as seen. */
  heartbeat(id: string, fence: number): Promise<Wishes>;
  /**
   * The mark before a `once` tool, made only while nobody wants a stop. `run`: it is made, run it now; `pause`, `cancel`: it is not, by a
   * person's wish; `begun`: an owner before started it (or it is no open call), so its outcome is unknown and it must not run. When the reply to
   * `run` was lost, the repeat may say `pause` or `cancel`: then it is marked and has not run, and an owner after a crash says unknown.
   */
  startTool(id: string, fence: number, callId: string): Promise<Wishes['desired'] | 'begun'>;
  /** The session's files as of its last save, loaded when a tool first needs them. */
  files(id: string): Promise<WorkspaceFile[]>;
  /** The rows before row `before`, oldest first: what a summary stands for. The newest of them, up to some MB. */
  past(id: string, before: number): Promise<Row[]>;
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

export type Saved = { state: string; due: number; chain: boolean; view: LiveView };

/** A file of a workspace. `mode` as in stat; `content` is bytes. */
export type WorkspaceFile = { path: string; content: Uint8Array; mode: number };
/** What an iteration did to its files: written as a new version of this iteration, or gone (`content` null). */
export type FileChange = { path: string; content: Uint8Array | null; mode: number };

/** One call's cost written straight to the ledger, for callers outside the four requests. Idempotent by user, session and iteration. */
export type Purse = {
  record(entry: {
    userId: string;
    sessionId: string;
    iteration: number;
    model: string;
    usage: Usage;
    cost: bigint;
    at: number;
  }): Promise<{ sessionCost: bigint; daySpent: bigint }>;
};

export type Sweep = { due: { id: string; userId: string }[]; nextDue: number | null; now: number; overdueMs?: number };

/** What the wake function asks. */
export type Sweeper = {
  /**
   * Up to `limit` sessions that are due and unowned, marked as hinted in the same statement so that two sweeps do not both send them;
   * they come up again after 30 s of real time if nothing moved them. `nextDue`: the earliest instant at which anything will be due.
   * `overdueMs`, where it is measured: for how long the most overdue session that is due and unowned has not moved, be it among `due` or
   * hinted before, and also while everything is stopped.
   */
  sweep(limit: number): Promise<Sweep>;
  /** A message about this session was given up by the queue: journalled; the session stays due. */
  buried(id: string, reason: string): Promise<void>;
  /**
   * One page of what nobody needs any more is removed: removed sessions without open holds, the history of sessions that ended longer ago
   * than is set, and what has had its time (SQL function `tidy` lists it). How much was found; 0: nothing is left.
   */
  purge(): Promise<number>;
};

/**
 * Hints to work. May be lost, doubled, late or reordered. `delayMs` up to 15 minutes (more is cut to that: who comes too early is hinted
 * again). Throws only when the service refuses or is away; `sendAll` then may have sent some. The body of a message is the hint as JSON.
 */
export type Queue = {
  send(hint: { sessionId: string; userId: string }, delayMs: number): Promise<void>;
  sendAll(hints: { sessionId: string; userId: string }[]): Promise<void>;
};

/**
 * One wake-up of `functions/wake` at the first whole minute not before `at`, by the database's clock. One schedule per minute, whoever asks
 * and however often; the past means at once, or the next minute. May ring late, twice, or (when the minute has just rung) not at all.
 */
export type Alarm = { ring(at: number): Promise<void> };

/** The reason of a `signal` that cuts a model call or a tool because a person wished it (pause, cancel). `FenceLost` serves likewise. */
export class Stopped extends Error {
  override name = 'Stopped';
}

/** What was to be written down is of a kind that the store does not take. Nothing was written, and the same would be refused again. */
export class Unstorable extends Error {
  override name = 'Unstorable';
}

export type Thought = { type: 'replied'; reply: Reply } | { type: 'failed'; failure: Failure };
export type OnText = (text: string, kind?: 'thought') => void;
/**
 * The model. One attempt per call, never a retry. Never throws for what the provider or the network does: that is a `failed` thought
 * with its proof. `signal` aborts the stream: `cut` if it had begun, `stopped` when its reason is `Stopped` or
 * `FenceLost`. `onText` gets each piece of text as it comes, never the text so far; `kind` is there for those of a thought.
 */
export type Model = {
  think(request: ModelRequest, options: { signal: AbortSignal; onText?: OnText }): Promise<Thought>;
  /** Prompt tokens as the provider counts them (free of charge), or null if it does not say. An estimate: may be a little low. */
  count(request: ModelRequest): Promise<number | null>;
};

/** What a tool may touch. */
export type ToolContext = {
  /** Same value for every attempt of one tool call. */
  idempotencyKey: string;
  files: () => Promise<Workspace>;
  signal: AbortSignal;
};
/** A session's file tree in memory. Absolute paths, `/` is the root; writes become `FileChange`s of the iteration. */
export type Workspace = {
  read(path: string): Uint8Array | null;
  write(path: string, content: Uint8Array, mode?: number): void;
  remove(path: string): void;
  /** All of the changes or, where one of them is refused, none. */
  apply(changes: FileChange[]): void;
  list(): { path: string; bytes: number; mode: number }[];
  changes(): FileChange[];
};
export type Tools = {
  effectOf(name: string): EffectClass | null;
  /**
   * A failure, an unknown tool or wrong arguments are a result that tells the model. Long output is cut in the middle. Throws only what
   * `context.files()` threw: then the world is broken, not the tool.
   */
  run(
    call: { id?: string; name: string; input: unknown },
    context: ToolContext,
  ): Promise<{ content: string; isError: boolean }>;
};

/** Elapsed real time in milliseconds, for deadlines and for carrying the database's clock forward within an invocation. */
export type Clock = { elapsed(): number };

/** One JSON line per transition. No prompt, no tool body, no secret. */
export type Log = (line: { level: 'info' | 'warn' | 'error'; message: string } & Record<string, unknown>) => void;

/** All of them, put together in lib/world.ts. Whoever gets a world needs nothing else. */
export type World = {
  sessions: Sessions;
  heads: Heads;
  desk: Desk;
  accounts: Accounts;
  transfer: Transfer;
  sweeper: Sweeper;
  purse: Purse;
  notices: Notices;
  webhook: Webhook;
  queue: Queue;
  alarm: Alarm;
  live: Live;
  model: Model;
  tools: Tools;
  clock: Clock;
  log: Log;
  policy: Policy;
  /** The agent of this name as this deployment has it; null: it has none (any more). */
  agent(name: string): AgentSpec | null;
  /** Told of every step of an iteration, where faults are made on purpose. In production there is none. */
  step?: Step;
};
