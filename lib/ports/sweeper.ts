/** What the wake function asks of the database (index.ts says the rules of all ports). */
export type Sweep = { due: { id: string; userId: string }[]; nextDue: number | null; now: number } & {
  overdueMs?: number;
  schedulesDue?: boolean;
};

/** What the wake function asks. */
export type Sweeper = {
  /**
   * Up to `limit` sessions that are due and unowned. The same statement marks them as hinted, so that two sweeps do not both send them. They
   * come up again after 30 s of real time if nothing moved them. `nextDue`: the earliest instant at which anything will be due,
   * schedules included. `schedulesDue`: a schedule has something to do (`ScheduleSweep`). `overdueMs`,
   * where it is measured: how long the most overdue session has not moved. It counts all sessions that are due and unowned, those in `due` and
   * those hinted before, also while everything is stopped.
   */
  sweep(limit: number): Promise<Sweep>;
  /** A message about this session was given up by the queue: journalled; the session stays due. */
  recordDeadLetter(id: string, reason: string): Promise<void>;
  /**
   * Removes one page of what is of no use any more: removed sessions without open holds, and the history of sessions that ended longer ago
   * than is set. It also removes rows whose time is over: the SQL function `purge` lists them. Answers how many were found; 0: nothing is
   * left.
   */
  purge(): Promise<number>;
};
