/** One session taken out of a deployment, and put into one (index.ts says the rules of all ports). */
import type { LogEntry } from '../core/events.ts';
import type { Memory } from '../core/memory.ts';
import type { Message, PendingCommands, StoredMessage, StoredState } from '../core/session.ts';
import type { SessionView } from './session-view.ts';
import type { JournalRow, NewSession, Once } from './users.ts';
import type { WorkspaceFile } from './workspace.ts';

/** Instants are milliseconds (UTC), money is microdollars. */
export type Dated = { at: number };

/** A tool call of a stored reply. `started`: some owner marked it before it ran; `doneAt` null: it has no result yet. */
export type ToolCallRecord = {
  id: string;
  name: string;
  messageN: number;
  position: number;
  started: boolean;
  doneAt: number | null;
};

/** One row of the ledger. `cost` is what was charged, `usage` the provider's own account of it, if it is known. */
export type LedgerRecord = Dated & {
  day: string;
  iteration: number;
  model: string;
  kind: string | null;
  class: string;
  cost: bigint;
  usage: Record<string, unknown> | null;
};

/** All that a session is, as one snapshot of the database has it. `memory` is as it was stored, whatever version wrote it. */
export type Snapshot = Dated & {
  facts: NewSession & { createdAt: number };
  state: StoredState;
  desired: PendingCommands['desired'];
  iteration: number;
  cost: bigint;
  memory: unknown;
  rows: (StoredMessage & Dated)[];
  calls: ToolCallRecord[];
  /** What users said that the agent has not been told yet. */
  inbox: (Dated & { content: string })[];
  /** What users put into the workspace or removed from it (`bytes` null) and the agent has not been told of, ordered by path. It is in `files` already. */
  received: { path: string; bytes: number | null }[];
  journal: JournalRow[];
  /** As of the last save, ordered by path. */
  files: (WorkspaceFile & { updatedAt: number })[];
  ledger: LedgerRecord[];
};

/**
 * A session to be put in. It comes in at rest, without an owner, a cost or a ledger; rows, journal and calls are numbered in their order.
 * Only a state in which nothing moves until a user acts, or never again.
 */
export type Restored = NewSession & {
  state: Extract<StoredState, { state: 'paused' | 'waiting' | 'ended' }>;
  iteration: number;
  memory: Memory;
  rows: (Message & Dated)[];
  calls: (ToolCallRecord & { input: Record<string, unknown> })[];
  inbox: (Dated & { content: string })[];
  /** Told to the agent with its next prompt; `files` has what was put. */
  received: Snapshot['received'];
  /** `at` null: now, by the database's clock. */
  journal: (LogEntry & { at: number | null })[];
  files: (WorkspaceFile & { updatedAt: number })[];
};

export type Transfer = {
  /**
   * Null: no such session of this user. `bytes`: it holds more than `mostBytes` of messages, journal and files together, and was not read.
   * `clearedAt`: since when its history is gone.
   */
  read(
    userId: string,
    id: string,
    mostBytes: number,
  ): Promise<Snapshot | { bytes: number } | { clearedAt: number } | null>;
  /**
   * In one transaction, all or nothing. A repeat with the same `once`, or the same id, puts in nothing more. Scoped by `userId`. `full`: the
   * user has `mostLive` sessions that have not ended, and this is one; nothing was put in, and `once` stays free.
   */
  write(
    userId: string,
    session: Restored,
    once: Once | null,
    mostLive?: number | null,
  ): Promise<SessionView | 'conflict' | 'full'>;
};
