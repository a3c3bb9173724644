/** The money of one day, as a session knows it. Microdollars; instants are milliseconds. */

/** One session's part of a day, where it may not use all of it. */
export type Share = { allowance: bigint; ceiling: bigint; spent: bigint; held: bigint };

/**
 * One user's money for one UTC day, as of the last answer of the database. `revision` grows with every change of the row. `share`: what of it
 * this session may use and has used, if it has a share of its own; `kept`: then also what of the day is kept for the hand-offs of other sessions.
 */
export type Day = {
  date: string;
  share?: Share;
  kept?: bigint;
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
  resetsAt: number;
  revision: number;
  /** What is left of the whole budget at the day's beginning, and when it renews (a UTC date; null: never). Days are counted with this one. */
  cycle?: { remaining: bigint; renews: string | null; daysLeft: number };
};
