/** What reconciliation asks (lib/ops/reconcile.ts): what disagrees in the money, and its repair where the ledger proves what is right. */

/**
 * One disagreement. `expected` is what the ledger, or the open holds, say; `found` what stands in its place; microdollars.
 * - `spent`, `held`: a budget day and its ledger rows, its open holds;
 * - `session_cost`: a session's counter and its ledger rows; `session_day_spent`, `session_day_held`, `session_day_handed_off`: its part
 *   of its last day (`session_days`), and its ledger rows, open holds, and hand-offs of that day;
 * - `stale_hold`: a hold still open though its call is in the ledger; `stranded_hold`: one that nobody will ever charge, since its session
 *   has ended or is gone;
 * - `unbooked_hold`: a hold that was resolved without a ledger row; `unheld_call`: a ledger row that names a hold there is none of;
 * - `live_session`: a session's cost in Upstash; - `provider`: the provider's own report, which is above the ledger.
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

/** The money in Postgres, for comparison and repair. */
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

export type SessionCost = { id: string; userId: string; cost: bigint };

/** The live view, for comparison. Throws when the service is away. */
export type LiveAudit = {
  /** Each session's cost there; null: none, -1: a spoilt one. */
  costs(ids: string[]): Promise<(bigint | null)[]>;
  /** Writes the cost over the one that was found; false: another one was mirrored since. */
  putCost(id: string, change: { found: bigint; cost: bigint }): Promise<boolean>;
  /** Of a user whose sums were repaired: as `Snapshots.forget`. */
  forget(userId: string): Promise<void>;
};

/** What the provider says it charged, by UTC day; microdollars. Days without charges may be missing. Throws when it does not answer. */
export type ProviderCosts = { byDay(from: string, to: string): Promise<Map<string, bigint>> };
