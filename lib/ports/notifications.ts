/** Budget alerts (lib/ports/index.ts tells the rules of all ports): that a user's day passed a threshold. Webhooks are told of them (webhooks.ts). */

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

/**
 * What became of sending it, over all webhooks that were told of it: `delivered` if one of them took it. `none`: there was none, or 30 days have
 * passed. `error`: how the last attempt failed.
 */
export type Delivery = {
  status: 'none' | 'pending' | 'delivered' | 'given_up';
  attempts: number;
  nextAttemptAt: number | null;
  deliveredAt: number | null;
  error: string | null;
};
export type ListedAlert = BudgetAlert & { delivery: Delivery };

export type AlertKey = { userId: string; day: string; threshold: Threshold };

/** The webhook that the operator gives a user for alerts; `url` null: none. `secret` signs them (`whsec_…`) and is not shown again. */
export type Target = { url: string | null; secret: string };
/** Only what is given changes. `secret` is taken where there is none yet, and with `replace` in place of the one there is. */
export type TargetChange = { url?: string | null; secret: string; replace: boolean };

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
};

/** A body to be delivered to an address that a user chose. `at`: milliseconds of real time, since the receiver compares them. `secrets`: all sign it. */
export type WebhookRequest = { url: string; secrets: string[]; id: string; at: number; body: string };
/**
 * Posts once, signed as Standard Webhooks describe it, to nothing but a public address. Never throws and never takes longer than its time
 * limit. `status`: what was answered, null: nothing. `error`: a few words, which never carry anything the receiver said; null: it was taken.
 */
export type Webhook = { post(posting: WebhookRequest): Promise<{ status: number | null; error: string | null }> };
