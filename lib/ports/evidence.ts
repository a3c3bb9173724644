/** What evidence asks (lib/ops/evidence.ts): the calls of unknown outcome in the ledger, and what the provider reports of their hours. */
import type { Usage } from '../budget/pricing.ts';

/** A call that is charged without proof. `at`, `ended`: when its money was held, and when it was charged. Milliseconds, microdollars. */
export type Doubt = {
  userId: string;
  sessionId: string;
  fence: number;
  n: number;
  model: string;
  cost: bigint;
  /** What of it is known (a cut stream's prompt), else null. */
  usage: Usage | null;
  at: number;
  ended: number;
};

/** A settled cost in place of a doubtful one. */
export type Correction = { doubt: Doubt; cost: bigint };

export type Evidence = {
  now(): Promise<number>;
  /** All that were charged since then and are doubtful still. */
  doubts(since: number): Promise<Doubt[]>;
  /** Of the calls of this model (dated ids of it, too) whose outcome is known and that lie wholly within: their sum and their number. */
  certain(model: string, from: number, to: number): Promise<{ cost: bigint; calls: number }>;
  /**
   * Settles calls of one user for less, each once, in one transaction, and makes the sleepers due that what becomes free can pay for. What
   * has changed meanwhile is left alone. Answers how much was given back.
   */
  lower(userId: string, corrections: Correction[]): Promise<bigint>;
};

/** The provider's tokens of one whole hour (`hour`: its beginning, milliseconds) and model, as a usage object. */
export type HourOfUsage = { hour: number; model: string; usage: Usage };

/** Throws when the provider does not answer, or answers something else. `from`, `to`: whole hours; at most a week. */
export type ProviderUsage = { byHour(from: number, to: number): Promise<HourOfUsage[]> };
