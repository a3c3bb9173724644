/** What reconciliation asks (lib/reconcile.ts): the books side by side, and their repair where the ledger proves what is right. */
import type { Day } from '../core/session.ts';

/**
 * One disagreement. `expected` is what the ledger, or the open holds, say; `found` what stands in its place; microdollars.
 * - `spent`, `held`: a budget day and its ledger rows, its open holds;
 * - `session_cost`: a session's counter and its ledger rows; `session_day_spent`, `session_day_held`, `session_day_handed_off`: its part
 *   of its last day (`session_days`), and its ledger rows, open holds, and hand-offs of that day;
 * - `stale_hold`: a hold still open though its call is in the ledger; `stranded_hold`: one that nobody will ever charge, since its session
 *   has ended or is gone;
 * - `unbooked_hold`: a hold that was resolved without a ledger row; `unheld_call`: a ledger row that names a hold there is none of;
 * - `live_day`, `live_session`: Upstash's view of a user's day, of a session's cost; - `provider`: the provider's own report, which is above the ledger.
 */
export type Drift = {
  kind:
    | 'spent'
    | 'held'
    | 'session_cost'
    | 'session_day_spent'
    | 'session_day_held'
    | 'session_day_handed_off'
    | 'stale_hold'
    | 'stranded_hold'
    | 'unbooked_hold'
    | 'unheld_call'
    | 'live_day'
    | 'live_session'
    | 'provider';
  userId: string | null;
  day: string | null;
  sessionId: string | null;
  fence: number | null;
  n: number | null;
  expected: bigint;
  found: bigint;
};

/** The books in Postgres. */
export type Books = {
  /** All that disagrees, read in one snapshot, so that writes under way are no drift. */
  find(): Promise<Drift[]>;
  /**
   * Sets right what the ledger proves, under the locks that every writer of money takes; a repeat changes nothing. A stranded hold is
   * charged as unknown (R7). What it has no proof for it leaves alone.
   */
  repair(drift: Drift): Promise<void>;
  /** Every user's last day, from the UTC date `since` on; or that of one user. */
  days(since: string, userId?: string): Promise<{ userId: string; day: Day }[]>;
  /** Up to `limit` sessions after the id `after`, in their order, that nobody owns and that moved within the last 25 hours; or that one. */
  sessions(which: { after: string; limit: number } | { id: string }): Promise<SessionCost[]>;
  /** The ledger's sum of all users by UTC day of the hold. */
  spentByDay(from: string, to: string): Promise<Map<string, bigint>>;
};

export type SessionCost = { id: string; userId: string; cost: bigint };

export type LiveDay = {
  date: string;
  revision: number;
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
};

/** The live view, for comparison. Throws when the service is away. */
export type LiveBooks = {
  /**
   * `day` null: not there, or spoilt. `busy`: something of the user's is under way, so that it is shown to nobody. `unread`: something has
   * ended that is not in it (a top-up, a change of terms), and nobody has asked since; whoever does is answered by the database.
   */
  day(userId: string): Promise<{ stamp: string; busy: boolean; unread: boolean; day: LiveDay | null }>;
  /** Writes the day over whatever is there, unless something happened to it since it was read: false. */
  putDay(userId: string, day: Day, stamp: string): Promise<boolean>;
  /** All the amounts in which each session's cost is there; a spoilt one is -1. */
  costs(ids: string[]): Promise<bigint[][]>;
  putCost(id: string, cost: bigint): Promise<void>;
};

/** What the provider says it charged, by UTC day; microdollars. Days without charges may be missing. Throws when it does not answer. */
export type ProviderCosts = { byDay(from: string, to: string): Promise<Map<string, bigint>> };
