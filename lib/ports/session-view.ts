/** What a user sees of a session. */
import type { Effort } from '../budget/prices.ts';
import type { SleepLimit } from '../budget/sleep-limit.ts';
import type { ResultJson } from '../core/session.ts';
import type { Activity, Status } from '../core/status.ts';
import type { WebAccess } from '../web/access.ts';
import type { WaitingView } from './approvals.ts';

/** A session as the API shows it, but with bigint money; lib/http renders it. Instants are milliseconds. */
export type SessionView = {
  id: string;
  userId: string;
  goal: string;
  system: string | null;
  agent: string;
  tier: string;
  model: string;
  ladder: string[];
  onEndTurn: 'complete' | 'wait';
  maxIterations: number;
  maxCost: bigint | null;
  /** As it was asked for; null: its agent's, its tier's or its model's. */
  effort: Effort | null;
  maxOutputTokens: number | null;
  /** The only tools of its agent that it may use; null: all of them. */
  tools: string[] | null;
  /** The MCP servers whose tools it has, by name; null: those of its agent. */
  mcp: string[] | null;
  /** Which addresses of the web it may ask, and how often it may search. Null: only addresses that others have named, and no limit of searches. */
  web: WebAccess | null;
  /** Searches of the web that it has made today. */
  searches: number;
  /** The shared memory that it reads and writes; null: none. */
  memoryName: string | null;
  share: number | null;
  status: Status;
  step: 'load' | 'think' | 'act' | null;
  activity: Activity | null;
  iterationNumber: number;
  currentPhase: string | null;
  cost: bigint;
  dailyBudget: bigint;
  /** Of today's ceiling, neither spent nor held. */
  available: bigint;
  /** What its last call asked for at least: with less it does not move. */
  needed: bigint;
  windingDown: boolean;
  /** 90 % of today's allowance is spent, or of its share of it. */
  pastThreshold: boolean;
  /** A step did not fit into this day, so that it has handed off and waits for more money. */
  fellShort: boolean;
  /** Of today's ceiling, kept for the hand-offs of sessions that may still work today. 0: it does not sleep for want of money. */
  keptForHandOffs: bigint;
  /** Which limit it sleeps for; null: it does not sleep for want of money. */
  sleepLimit: SleepLimit | null;
  /** The least top-up for today with which it goes on. Null: it does not sleep for want of money, or has a share of its own. */
  topUpToWake: bigint | null;
  /** What its agent left for its next day; null: nothing. */
  handOff: string | null;
  /** Tokens of its context, as the provider last counted them; null: not known. */
  contextTokens: number | null;
  wakeAt: number | null;
  sleepReason: string | null;
  question: string | null;
  approvals: string[] | null;
  resultSchema: Record<string, unknown> | null;
  offerChoices: boolean;
  /** What it waits for; null: it waits for no one. */
  waiting: WaitingView | null;
  result: string | null;
  /** Where it has a `resultSchema`, and has finished by it. */
  resultJson: ResultJson | null;
  error: { code: string; message: string } | null;
  outcome: string | null;
  createdAt: number;
  updatedAt: number;
  lastCheckpointAt: number | null;
  completedAt: number | null;
  metadata: Record<string, unknown>;
};
