/** Budget alerts (lib/ports/index.ts tells the rules of all ports): that a user's day passed a threshold, and where a user hears of it. */

/**
 * - `pace`: half the allowance is spent, and at the pace since midnight the hard ceiling is reached by 18:00 UTC. Never once `graceful` is.
 * - `graceful`: 90 % of the allowance is spent; agents wind down.
 * - `ceiling`: all of it is (`spent`), or an agent sleeps because what is left is too little for its next call (`asleep`).
 * - `breaker`: more than the hard ceiling is spent, by a bill above its hold or a plan lowered meanwhile (`exceeded`); or the operator has
 *   stopped everything while an agent of this user would go on (`stopped`).
 */
export const THRESHOLDS = ['pace', 'graceful', 'ceiling', 'breaker'] as const;
export type Threshold = (typeof THRESHOLDS)[number];
export type Reason = 'spent' | 'asleep' | 'exceeded' | 'stopped';

/** `at`: when it was raised, by the database's clock, milliseconds. */
export type ThresholdPassed = { threshold: Threshold; at: number };

/** Money in microdollars as it was `at` that instant (milliseconds, by the database's clock), when it was noticed. `day`: a UTC date. */
export type BudgetAlert = {
  userId: string;
  day: string;
  threshold: Threshold;
  reason: Reason | null;
  at: number;
  allowance: bigint;
  ceiling: bigint;
  spent: bigint;
  held: bigint;
};

/** What became of sending it. `none`: the user had no address then. `error`: how the last attempt failed. */
export type Delivery = {
  status: 'none' | 'pending' | 'delivered' | 'given_up';
  attempts: number;
  nextAttemptAt: number | null;
  deliveredAt: number | null;
  error: string | null;
};
export type ListedAlert = BudgetAlert & { delivery: Delivery };

/** One to send now: its `attempt`-th try, from 1 on. */
export type DueAlert = BudgetAlert & { attempt: number; url: string; secret: string };
export type AlertKey = { userId: string; day: string; threshold: Threshold };
/** How a try ended. `error` null: the receiver took it. */
export type DeliveryResult = AlertKey & { attempt: number; error: string | null };

/** Where a user's alerts go; null: nowhere. `secret` signs them (`whsec_…`) and is not shown again. */
export type Target = { url: string | null; secret: string };
/** Only what is given changes. `secret` is taken where there is none yet, and with `replace` in place of the one there is. */
export type TargetChange = { url?: string | null; secret: string; replace: boolean };

export type AlertSweep = { raised: string[]; due: DueAlert[]; nextDue: number | null; now: number };

/**
 * A threshold is noticed at most once per user and UTC day, however many scans run or crash. It is noticed within a minute or two of being
 * passed. Code that spends money does nothing for it. A day that no scan saw before its next day was over brings no alert.
 */
export type BudgetAlerts = {
  /** Newest day first, of a day the gravest first. `cursor` is opaque; throws `UnknownCursor`. */
  list(
    userId: string,
    page: { limit: number; cursor: string | null },
  ): Promise<{ data: ListedAlert[]; next: string | null }>;
  /** The user's address, for the operator. Undefined: never had one. */
  target(userId: string): Promise<string | null | undefined>;
  /** The user exists. With `url` null what was still to be sent is not sent. */
  putTarget(userId: string, change: TargetChange): Promise<Target>;
  /**
   * Looks at up to `days` user days (0: none). Where there are more, the next look goes on from there. `raised`: the users of whom it found
   * something new, each at least once. `due`: up to `limit` alerts that are due. Each counts as tried from now on, so a sender that dies loses
   * none. Each comes up again after a backoff that grows to eight hours. `nextDue`: when the next alert is due, those just handed out
   * included; null: none.
   */
  sweep(look: { days: number; limit: number }): Promise<AlertSweep>;
  /** A success counts, whenever it comes; a failure only if it is of the last try. Answers what is given up with it, after eight tries in a day. */
  settle(outcomes: DeliveryResult[]): Promise<AlertKey[]>;
};

/** A body to be delivered to an address that a user chose. `at`: milliseconds of real time, since the receiver compares them. */
export type WebhookRequest = { url: string; secret: string; id: string; at: number; body: string };
/**
 * Posts once, signed as Standard Webhooks describe it, to nothing but a public address. Never throws and never takes longer than its time
 * limit. `error`: a few words, which never carry anything the receiver said.
 */
export type Webhook = { post(posting: WebhookRequest): Promise<{ error: string | null }> };
