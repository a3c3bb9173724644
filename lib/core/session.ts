/**
 * The session: one agent working on one goal for one user, as the core sees it.
 *
 * Words of this page; all of them are in docs/glossary.md:
 * - iteration: one pass of think (one model call), act (its tool calls), observe (their results).
 * - message: one row of the conversation. History is append-only; adjacent user rows are joined when rendered.
 * - hold: money reserved for a model call before it is made, at its worst case. Settled once by the exact cost.
 * - day: one user's money for one UTC day. Graceful at 90 % of the allowance, ceiling at 110 %.
 * - fence: number of the owner; every write carries it. lease: until when, in real time.
 * - command: what a user asked for (message, pause, resume, cancel, wake), turned into a state here and nowhere else.
 * - suspended: a state in which nothing moves until `due` or a user: sleeping, waiting, paused, exceeded, ended.
 *
 * Units: money is `bigint` microdollars, instants and durations are milliseconds (UTC, the database's clock),
 * `Infinity` as an instant means "only a user moves it".
 */
import type { Effort } from '../budget/prices.ts';
import type { Geo, Usage } from '../budget/pricing.ts';
import type { WebAccess } from '../web/access.ts';
import type { ApprovalRequest, ApprovalRules, CallApproval } from './approval.ts';
import type { Block, MediaBlock, Message, StoredMessage, TextBlock } from './blocks.ts';
import type { Day } from './day.ts';
import type { EventData, LogEntry, OUTCOMES, SLEEP_REASONS } from './events.ts';
import type { Memory } from './memory.ts';
import type { SharedMemory } from './shared-memory.ts';

export type * from './blocks.ts';
export type { Day, Share } from './day.ts';

/** How often a tool's effect may happen: `pure` repeat freely; `idempotent` repeat with the same key; `once` at most once (G5). */
export type EffectClass = 'pure' | 'idempotent' | 'once';
export type ToolSpec = {
  name: string;
  description: string;
  input_schema: Record<string, unknown>;
  effect: EffectClass;
  /** The provider holds the model to the schema. Left out: it does not. */
  strict?: true;
  /** Where it is, if it is a tool of an MCP server. Not sent. */
  remote?: RemoteName;
};
/** A tool of an MCP server: the server's name in the configuration, and the tool's own name there. */
export type RemoteName = { server: string; tool: string };
/**
 * What is run: the prompt's head. A session keeps the one that it has (`SessionConfig.agent`) until a safe point, also over a deployment that changes
 * it. `id`: what tells one head from another and finds it again; left out where nothing keeps heads. `effort`, `maxOutputTokens`: where the
 * session itself says neither; they are no part of the head.
 */
export type AgentSpec = {
  name: string;
  system: string;
  tools: ToolSpec[];
  id?: string;
  effort?: Effort | undefined;
  maxOutputTokens?: number | undefined;
  /** The MCP servers of its sessions that name none. */
  mcp?: string[];
};

/**
 * A tool call that the model asked for and that has no result yet. `startedBy` is the fence that marked a `once` call as started. `approval`: the question
 * that was put to a person about it; left out: none.
 */
export type ToolCall = {
  id: string;
  name: string;
  input: Record<string, unknown>;
  startedBy: number | null;
  approval?: CallApproval;
};
/** A call as it is handed out; `remote`: where its tool is and how often its effect may happen, by the session's head. */
export type OfferedCall = ToolCall & { remote?: { tool: ToolSpec; name: RemoteName } };
/** Hold `n` of this owner, and the microdollars that its call did cost. Null: nobody knows, and all of the hold is charged. */
export type Paid = { n: number; cost: bigint | null };
/**
 * `media`: images and PDFs that it shows beside its text. `ran` false: the runtime did not run the call (time, a user's stop, an interrupted `once`), so the error is not the agent's. `ms`: how long it ran;
 * left out where nothing ran. `paid`: what a paid tool cost, of what was held for it from the money of that UTC day.
 */
export type ToolResult = {
  id: string;
  content: string;
  isError: boolean;
  media?: MediaBlock[];
  ran?: false;
  ms?: number;
  paid?: Paid & { held: bigint; day: string };
  /** Its MCP server needs a person: what they are asked. */
  waits?: string;
  /** Its MCP server, whose tool is another one than the session was told of. */
  stale?: string;
};

/**
 * What users want of the session. `wakeRequested`: whether they woke it since its last save. `inbox`: what they said that the agent has not
 * been told yet (`n` counts per session). `received`: files that they put into the workspace or removed from it, and that the agent has not been told
 * of; left out: none.
 */
export type PendingCommands = {
  desired: 'run' | 'pause' | 'cancel';
  wakeRequested: boolean;
  inbox: { n: number; content: string }[];
  received?: ReceivedFiles;
};

/** Paths as they are stored; the first hundred of them, and how many there are besides. */
export type ReceivedFiles = EventData<'agent.files_received'>;

export type Outcome = (typeof OUTCOMES)[number];
export type SleepReason = (typeof SLEEP_REASONS)[number];
/** Claims of one session: of today, the present one included, and the most that the operator allows a day. */
export type Claims = { today: number; most: number };
export type SessionError = { code: string; message: string };

/** The states that a row can have between invocations. Each carries only what is true in it. */
export type StoredState =
  | { state: 'ready' }
  | { state: 'sleeping'; until: number; reason: SleepReason }
  /** `kind` left out: a question, or the next message; `choices`: answers that it offers. `approval`: decisions on open calls, until the first of them expires. */
  | { state: 'waiting'; question: string | null; choices?: string[]; kind?: 'approval' }
  | { state: 'paused'; error: SessionError | null }
  | { state: 'exceeded'; until: number }
  | { state: 'ended'; outcome: Outcome; result: string | null; error: SessionError | null; resultJson?: ResultJson };

/** A result as its session's `result_schema` has it. */
export type ResultJson = Record<string, unknown>;

/** What is fixed for the session's life, or changes only by what a user does. */
export type SessionConfig = {
  id: string;
  userId: string;
  goal: string;
  agent: AgentSpec;
  /** The agent as this deployment has it, where that is another one than `agent`; taken at the next safe point. */
  latest?: AgentSpec;
  model: string;
  /** Cheaper models, in the order in which the session goes down to them as the day's money runs short; empty: it keeps to its own. */
  ladder: string[];
  tier: string;
  system: string | null;
  onEndTurn: 'complete' | 'wait';
  maxIterations: number;
  maxCost: bigint | null;
  /** How much its model puts into a reply, and the most tokens of one; null: as the agent, the tier and the deployment have it. */
  effort: Effort | null;
  maxOutputTokens: number | null;
  /** The only tools of its agent that it may use; null: all of them. `agent` and `latest` have no others. */
  tools: string[] | null;
  /** Which addresses of the web it may ask, and how often it may search; null: only addresses that others have named, and no limit of searches. */
  web: WebAccess | null;
  /** The shared memory of its user that it reads and writes; null or left out: none. */
  memoryName?: string | null;
  /** The MCP servers whose tools it has, by name; left out or null: none (in a claim: those of its agent). */
  mcp?: string[] | null;
  wakePolicy: 'auto' | 'manual';
  /** Tools whose calls a person must approve, besides those that the deployment says; left out: none. */
  approvals?: string[] | null;
  /** JSON Schema of its result, by which it must call `finish`; left out: a text. */
  resultSchema?: Record<string, unknown> | null;
  /** Its questions may offer choices, of which its `ask_user` says so; left out: they may not. */
  offerChoices?: boolean;
  /** Left out: no call needs a person. */
  approval?: ApprovalRules;
};

/** The deployment's rules, the same for all sessions. Token counts, milliseconds. */
export type Policy = {
  /** Most output tokens a call asks for. */
  maxOutputTokens: number;
  /** The effort of a tier's sessions where neither they nor their agent say one; a tier that is left out takes its model's usual one. */
  tierEffort: Readonly<Record<string, Effort>>;
  /** Below this many output tokens a call is not worth making: the session sleeps instead. */
  leastOutputTokens: number;
  /** Compact when the last prompt reached this many tokens or `compactAtWindowShare` of the model's window, whichever is less. */
  compactAtTokens: number;
  compactAtWindowShare: number;
  compaction: boolean;
  repetitionGuard: boolean;
  /** `near`: ask the provider for a prompt's size only when the free bound does not fit the money left; `always`: before every call. */
  countTokens: 'near' | 'always';
  /** Where calls are to be served, said with each: a workspace's own default must not make a call dearer than its hold. */
  inferenceGeo: Geo;
  /** Sleepers of one midnight are spread over this many milliseconds. */
  wakeWindowMs: number;
  /** Tells one account of the provider from another, as far as its key does: thinking is bound to the account. Left out: always the same. */
  account?: string;
};

/** All that one iteration knows, whatever its state. `iteration` counts saved replies; `cost` is the session's ledger so far. */
export type SessionData = {
  facts: SessionConfig;
  policy: Policy;
  memory: Memory;
  fence: number;
  attempts: number;
  iteration: number;
  cost: bigint;
  /** What its last call asked for at least, microdollars; 0n: it has made none. */
  least: bigint;
  /** Rows from the compaction pointer on, in order; never empty: the goal is row 1. */
  history: StoredMessage[];
  /** Tool calls of the last reply that have no result yet, in order. */
  open: ToolCall[];
  pending: PendingCommands;
  /** Searches of the web that it has made today. */
  searches: number;
  /** Its shared memory as of the claim; left out: it has none. */
  shared?: SharedMemory;
  day: Day;
  /** Why this deployment cannot go on with the session (its agent is gone, its checkpoint is a newer version's), or null. */
  fault: SessionError | null;
};

/** A model request in the Messages API's form, before the adapter adds what is the vendor's (streaming, headers). */
export type ModelRequest = {
  model: string;
  max_tokens: number;
  inference_geo?: Geo;
  thinking?: { type: 'adaptive'; display: 'summarized' };
  output_config?: { effort: Effort };
  system: (TextBlock & { cache_control?: { type: 'ephemeral'; ttl?: '5m' | '1h' } })[];
  tools: (Omit<ToolSpec, 'effect'> & { cache_control?: { type: 'ephemeral' } })[];
  messages: { role: 'user' | 'assistant' | 'system'; content: Block[] }[];
};

/** A prepared call: the request, the user turns it says for the first time, and a bound on its prompt's tokens that holds. */
export type Call = {
  kind: 'think' | 'compact';
  request: ModelRequest;
  newMessages: Message[];
  inboxTaken: number;
  /** It tells of `received`. */
  filesTold: boolean;
  /** What it tells of the shared memory; left out: nothing new. */
  sharedTold?: Memory['shared'];
  inputBound: number;
  counted: boolean;
  /**
   * Output tokens. Less than `leastOutput` is not taken while the day may still be wound down. Less than `bareOutput` is not taken at all.
   * More than `mostOutput` is not asked for.
   */
  leastOutput: number;
  bareOutput: number;
  mostOutput: number;
  /** The wind-down notice is in this prompt. */
  noticed: boolean;
};

/** `shrunk`: the day had not enough left for the output that was wanted. */
export type Hold = { n: number; amount: bigint; day: string; maxTokens: number; shrunk: boolean };

/** `refusal`: what the provider says of a reply that the model refused to give. */
export type Reply = {
  id: string;
  model: string;
  content: Block[];
  stopReason: string;
  usage: Usage;
  refusal?: { category: string | null; explanation: string | null };
};

/**
 * A session within an invocation. Persistent states are those of `StoredState`; the others live while an effect is under way and are
 * rebuilt from what was saved if the invocation dies.
 */
export type Session = SessionData &
  (
    | StoredState
    | { state: 'listing'; journal: LogEntry[] }
    | { state: 'counting'; call: Call; journal: LogEntry[] }
    | { state: 'reserving'; call: Call; journal: LogEntry[] }
    | { state: 'thinking'; call: Call; hold: Hold; since: number }
    | { state: 'settling'; after: Continuation }
    | { state: 'acting'; journal: LogEntry[]; gate?: Gate }
    | { state: 'saving'; suspended: SuspendedState | null }
  );

/**
 * What a reply's calls wait for. `verdicts`: told in place of results. `requests`: questions to be put, those in `again` once more, since the tool has changed.
 * `held`: calls without a decision. `due`: when the first question expires.
 */
export type Gate = {
  verdicts: ToolResult[];
  requests: ApprovalRequest[];
  again: string[];
  held: string[];
  due: number;
};

/** A state in which nothing moves until `due` or a user. */
export type SuspendedState = Exclude<StoredState, { state: 'ready' }>;

/** What the settled call leads to: a stored reply, a compacted (or else cleared) context, or another try or rest. */
export type Continuation =
  | { type: 'replied' }
  | { type: 'compacted'; beforeSleep: boolean }
  | { type: 'retry'; due: number }
  | { type: 'suspend'; to: SuspendedState; due: number };
