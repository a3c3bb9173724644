/** What reconciliation asks (lib/ops/reconcile.ts): the books side by side, and their repair where the ledger proves what is right. */
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
export type Discrepancy = {
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
export type Audit = {
  /**
   * One page of what disagrees: of holds that are open, then of the days from `since` on, then of the sessions whose last day of work is not
   * before it. `after`: null, then the page's `next`, until that is null. Each page is one snapshot, so that writes under way are no drift.
   */
  find(page: { since: string; after: string | null }): Promise<{ drifts: Discrepancy[]; next: string | null }>;
  /**
   * Sets right what the ledger proves, under the locks that every writer of money takes; a repeat changes nothing. A stranded hold is
   * charged as unknown (R7). What it has no proof for it leaves alone.
   */
  repair(drift: Discrepancy): Promise<void>;
  /** The last day of every user who has one from the UTC date `since` on, in the order of their ids from `after` on; fewer than `limit`: the last. */
  days(since: string, page: { after: string; limit: number }): Promise<UserDay[]>;
  day(userId: string): Promise<UserDay | null>;
  /**
   * Sessions that nobody owns and that moved within the last 25 hours, in the order of their ids from `after` on. `limit` are looked at, so
   * there may be fewer; `next` null: that was the last page.
   */
  sessions(page: { after: string; limit: number }): Promise<{ data: SessionCost[]; next: string | null }>;
  /** Null while somebody owns it. */
  session(id: string): Promise<SessionCost | null>;
  /** What was spent by all users, by UTC day of the hold: of the days, which are the ledger's sums as far as `find` finds nothing. */
  spentByDay(from: string, to: string): Promise<Map<string, bigint>>;
};

export type UserDay = { userId: string; day: Day };
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
