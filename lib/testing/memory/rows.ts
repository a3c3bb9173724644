/** The rows of the world in memory. */
import type { Usage } from '../../budget/pricing.ts';
import type { ApprovalDecision } from '../../core/approval.ts';
import type { PendingCommands, StoredMessage, StoredState, ToolCall } from '../../core/session.ts';
import type {
  JournalRow,
  KeyView,
  LoadedMemory,
  NewSession,
  PendingApproval,
  Schedule,
  ScheduleRun,
  TopUp,
  Trigger,
  User,
} from '../../ports/index.ts';

/** `previous`: each counts until its instant, the newest first. */
export type Secrets = { secret: string; previous: { secret: string; until: number }[] };

export type TriggerRow = Trigger & Secrets & { order: number };
export type ScheduleRow = Schedule & { order: number };
export type RunRow = Omit<ScheduleRun, 'sessionStatus' | 'cost'> & { scheduleId: string };

export type StoredFile = { path: string; content: Uint8Array | null; mode: number; updatedAt: number };

export type SessionRow = NewSession & {
  userId: string;
  /** Order of creation, which breaks ties of `createdAt`. */
  order: number;
  state: StoredState;
  desired: PendingCommands['desired'];
  fence: number;
  /** The day of the last claim, and the fence before its first one. */
  counted?: { date: string; fence: number };
  /** The last owner that has saved: `fence > savedFence` means owned. */
  savedFence: number;
  claimedBy: string | null;
  /** Real time, as `hintAt`; `due` is the settable clock's. */
  leaseUntil: number;
  hintAt: number;
  due: number;
  commandSeq: number;
  /** A user woke it, and no owner that knew it has saved since. */
  wakeRequested: boolean;
  commandSeen: number;
  attempts: number;
  iteration: number;
  cost: bigint;
  /** The least that the last hold asked for: less free money than this wakes nobody. */
  least: bigint;
  /** The last UTC day on which it was claimed or held money. */
  workedOn: string | null;
  memory: unknown;
  rows: StoredMessage[];
  calls: (ToolCall & { done: boolean; counted?: true })[];
  /** Its searches of the day on which it last searched. */
  searched: { date: string; count: number } | null;
  files: Map<string, StoredFile>;
  /** What users wrote to the workspace: `taken` into it, or not yet; of what is taken the agent has not been told. */
  received: Map<string, StoredFile & { bytes: number | null; taken: boolean }>;
  inbox: PendingCommands['inbox'];
  inboxTaken: number;
  /** Questions about its calls, by call. */
  asked: Map<string, AskedRow>;
  waitingSince: number;
  journal: JournalRow[];
  createdAt: number;
  updatedAt: number;
  lastCheckpointAt: number | null;
  completedAt: number | null;
  removed: boolean;
};

export type AskedRow = Omit<PendingApproval, 'input' | 'inputPreview'> & {
  input: Record<string, unknown>;
  schema: Record<string, unknown>;
  decision: ApprovalDecision | null;
  reason: string | null;
};

export type UserRow = User & {
  createdAt: number;
  cycleStart: string;
  anchor: number | null;
  /** Topped up before this cycle and not used by its start; and what the cycle before began with. */
  carried: bigint;
  prior: { start: string; carried: bigint } | null;
  paidByStripe: boolean;
  /** Of all that invoices gave, what cycles before this one have used up. Null: no paid cycle has ended yet. */
  paidUsed: bigint | null;
};
export type DayRow = {
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
  revision: number;
  remaining?: bigint;
};
/** `committed`: what its day had spent and held when it came. */
export type TopUpRow = TopUp & { committed: bigint };
export type Hold = {
  sessionId: string;
  userId: string;
  day: string;
  iteration: number;
  amount: bigint;
  handOff: boolean;
  /** Of a paid tool. */
  tool?: string;
  at: number;
  class: 'held' | 'unknown' | 'settled';
};
export type LedgerRow = {
  sessionId: string;
  userId: string;
  day: string;
  iteration: number;
  /** When its money was held, or its cost entered. */
  at: number;
  model: string;
  cost: bigint;
  class: 'unknown' | 'settled';
  usage: Usage | null;
  tools: string[];
  tool?: string;
};
/** The provider fails this user: see lib/ports/index.ts, `reserve`. */
export type Outage = { doubts: number; until: number; first: { id: string; least: bigint }; probe: string | null };
export type KeyRow = KeyView & { userId: string; hash: string };

export type MemoryRow = {
  userId: string;
  name: string;
  revision: number;
  updatedAt: number;
  entries: Map<string, LoadedMemory['entries'][number]>;
};
