/** What the wake function asks of the database (index.ts says the rules of all ports). */
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
  recordDeadLetter(id: string, reason: string): Promise<void>;
  /**
   * One page of what nobody needs any more is removed: removed sessions without open holds, the history of sessions that ended longer ago
   * than is set, and what has had its time (SQL function `tidy` lists it). How much was found; 0: nothing is left.
   */
  purge(): Promise<number>;
};
