/** What an operator needs who has mended something and wants all work to go on at once (lib/ops/redrive.ts). */

/** How a session stands that is not to be moved now. `due`, `now`: milliseconds by the database's clock, `Infinity`: a user must act. */
export type WaitingSession = {
  id: string;
  state: string;
  desired: string;
  outcome: string | null;
  error: string | null;
  due: number;
  now: number;
  owned: boolean;
};

/** `stopped`: why everything is stopped (schema/tables/operator-limits.ts), or null. `due` begins with the longest due. `next`: the place after it, null at the end. */
export type Redriven = {
  stopped: string | null;
  due: { id: string; userId: string; overdueMs: number }[];
  others: WaitingSession[];
  next: string | null;
};

export type Redriver = {
  /**
   * Up to `limit` sessions that are due and unowned, from the place `after` on, however lately they were hinted; marked as hinted now, so the
   * caller sends them. `sessions` null: all; else only those, and `others` says how the rest of them stand. A lost hint costs 30 s.
   */
  due(sessions: string[] | null, after: string | null, limit: number): Promise<Redriven>;
};

/** The dead-letter queue of the queue. */
export type DeadLetters = {
  /** Moves what waits there back to the queue and says how many. A message may be doubled, never lost. Throws when the service is away. */
  moveBack(): Promise<number>;
};
