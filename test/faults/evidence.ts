/**
 * What a run under faults leaves behind, for the checkers, and how a deliberately broken variant is switched on. Everything is read at
 * quiescence: no worker lives, no fault is being made, and every session has ended or rests. The bill and the effects were written by
 * witnesses in processes of their own, before they answered; no crash of a worker can lose a line of theirs.
 */

/** One request that the provider served, with what it charges for it. Written before the first byte of the answer. */
export type BillLine = {
  /** Unique. The provider put the same into the `usage` of its answer, as `witness`: where a ledger row has a usage, it names its line. */
  request: string;
  /** Real time, milliseconds. */
  at: number;
  session: string;
  /** The process that called. `ClaimLine` says which fence it had. */
  worker: string;
  /** Of this worker, from 1: calls that reached the provider, also those that it refused and that have no line here. */
  call: number;
  model: string;
  usage: Record<string, unknown>;
  /** Microdollars, by the witness's own arithmetic. */
  cost: number;
  /** Output tokens that the request allowed, where the witness says so. `max_tokens` then means that the reply was cut there. */
  maxTokens?: number;
  /** How the answer was sent: whole, or with a fault. */
  answer: 'whole' | 'slow' | 'cut' | 'hang' | 'malformed' | 'error_event' | 'error_500' | 'max_tokens' | 'refusal';
};

/** One request that the provider refused with a status and for which it charges nothing. */
export type RefusalLine = { at: number; session: string; worker: string; status: number; message: string };

/** An effect of a tool on the outside world, as that world saw it. Written before the answer. */
export type EffectLine = {
  /** Real time, milliseconds. */
  at: number;
  session: string;
  worker: string;
  /** Of the `tool_use` block. */
  call: string;
  /** The idempotency key that came with it; a sink that keeps to it does its work once per key. */
  key: string;
  tool: 'look' | 'put' | 'fire';
  class: 'pure' | 'idempotent' | 'once';
};

/**
 * A message to the queue about a session: by a sweep of the wake function, or by the iteration before. Real time, milliseconds. `asked`: when
 * the sweep that found it was asked for; left out, at once.
 */
export type HintLine = { at: number; asked?: number; session: string; by: 'sweep' | 'chain' };

/** A claim that reached its worker. A claim whose reply never came has no line; its worker called nobody. */
export type ClaimLine = { at: number; worker: string; session: string; fence: number };

/** A fault that was made. `took`: it had its effect (the process was dead, the reply withheld, the connection cut …). */
export type Injected = {
  /** Real time, milliseconds. */
  at: number;
  /** `kill`, `zombie`, `error`, `lost`, `postgres_stopped`, `redis_flushed`, `skew`, `midnight`, `duplicate`, `model_529` … */
  mode: string;
  /** The step of the iteration at which it was made, where it was made at one. */
  step: string | null;
  session: string | null;
  worker: string | null;
  took: boolean;
};

export type FaultUser = {
  id: string;
  /** Microdollars per cycle. */
  budget: bigint;
  /** Budget or plan were changed while it ran, so that only the limits as of each hold tell what was allowed. */
  changed: boolean;
};

export type Settings = {
  seed: number;
  /** Milliseconds; production has 45 s and 15 s. */
  leaseMs: number;
  heartbeatMs: number;
  /** Shortest and longest pause between two hints of a sweep; production has 30 s and 16 minutes. */
  backoffMs: number;
  longestPauseMs: number;
  /** Output tokens that a call asks for where money does not make it less; left out: the most that any call asked for. */
  maxOutputTokens?: number;
  /** Sessions by id; `maxIterations` as they were created. */
  sessions: { id: string; user: string; maxIterations: number }[];
  users: FaultUser[];
  /** Top-ups that were acknowledged, by their key. */
  payments: { user: string; key: string; amount: bigint }[];
  /** Messages of users that were acknowledged; the text is unique. */
  said: { session: string; text: string }[];
  /** Sessions that had not ended when their user's cancellation was acknowledged. */
  cancelled?: string[];
  /** Sessions that took a command of somebody whose they are not. */
  intrusions?: { user: string; session: string }[];
  /** Values that must never show up in events, logs or checkpoints. */
  secrets: string[];
};

export type Evidence = {
  /**
   * Of the run's PostgreSQL itself, by its own protocol, past every proxy. A superuser. Right after the migrations it got the recorder
   * (`installRecorder` of checks/recorder.ts) and the variant's SQL (`applySql` of broken/apply.ts).
   */
  databaseUrl: string;
  /** Of the run's Redis, past every proxy. Live, and reconciled unless `settings` say otherwise. */
  redisUrl: string;
  /** JSON lines: `BillLine`. */
  billPath: string;
  /** JSON lines: `RefusalLine`. */
  refusalsPath: string;
  /** JSON lines: `EffectLine`. */
  effectsPath: string;
  /** JSON lines: `ClaimLine`. */
  claimsPath: string;
  /** JSON lines: `HintLine`. */
  hintsPath: string;
  /** What the workers logged, one file each. */
  logDir: string;
  faults: Injected[];
  settings: Settings;
};

/** `check`: the name of the guarantee or rule, `G4` or `R7`, as variants expect it. `rows`: at most a few, as they were found. */
export type Violation = { check: string; what: string; rows?: unknown[] };

export type Check = (evidence: Evidence) => Promise<Violation[]>;

/** In the body of the named SQL function, `from` becomes `to`. A `from` that is not there is an error of the variant. */
export type SqlPatch = { function: string; from: string; to: string } | { run: string };
/** In the source of `file` (from the project's root), as the worker processes load it. A `from` that is not there is an error. */
export type SourcePatch = { file: string; from: string; to: string };

/** The product with one guarantee or rule taken out. A harness that does not catch it proves nothing. */
export type Variant = {
  name: string;
  /** `G4`, `R7` … */
  breaks: string;
  /** Applied to the database after the migrations. */
  sql?: SqlPatch[];
  /** Applied in the worker processes only. */
  source?: SourcePatch[];
  /** The faults to run it under, where the default plan (kills, zombies, lost replies at every step) would take long to hit it. */
  modes?: string[];
  steps?: string[];
  /** Names of checks, as in `Violation.check`, of which at least one must fire. */
  expects: string[];
};

/** Reads JSON lines. A half-written last line cannot be there: witnesses are ended in peace before anything is read. */
export const linesOf = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);
